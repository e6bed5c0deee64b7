using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class HoloVTests
{
    [FsCheck.NUnit.Property]
    public Property NoTokenIsTakenTwiceAndZerosFillTheRest()
        => Prop.ForAll(TokenCase.Any, Gen.Choose(1, 20).ToArbitrary(), (c, crops) =>
        {
            using var scope = NewDisposeScope();
            int[] chosen = HoloV.Select(c.Features(), c.Scores(), c.Keep, crops);
            Assert.That(chosen, Is.Unique);
            Assert.That(chosen, Is.All.InRange(0, c.Tokens - 1));
            Assert.That(chosen.Length, Is.LessThanOrEqualTo(c.Kept));
            var output = HoloV.Apply(c.Features(), chosen, c.Keep);
            Assert.That(output.shape, Is.EqualTo((long[])[c.Keep, c.Dim]));
            float[] values = output.data<float>().ToArray(), features = c.Values();
            Assert.That(
                values,
                Is.EqualTo(chosen.SelectMany(i => features[(i * c.Dim)..((i + 1) * c.Dim)])
                    .Concat(new float[(c.Keep - chosen.Length) * c.Dim])));
        });

    [Test]
    public void OneCropSpendsItsBudgetByAttention()
    {
        using var scope = NewDisposeScope();
        // The budget is floor(0.999.. * 2) = 1 and the one that is left.
        Assert.That(HoloV.Select(eye(4), [0.1f, 0.4f, 0.2f, 0.3f], 2, 1), Is.EqualTo((int[])[1, 3]));
    }

    [Test]
    public void BudgetFollowsAttentionAndWhatACropCannotUseIsLost()
    {
        using var scope = NewDisposeScope();
        // Equal features have no variance but for the diagonal's zero, alike in both crops: 9 to 1, so 3.6 and 0.4 of 4 tokens.
        int[] chosen = HoloV.Select(ones(4, 2), [0.45f, 0.45f, 0.04f, 0.06f], 4, 2);
        Assert.That(chosen, Is.EqualTo((int[])[0, 1]), "3 + 1 left over for a crop of 2");
    }

    [Test]
    public void WithoutAnyAttentionTheBudgetIsDealtOut()
    {
        using var scope = NewDisposeScope();
        Assert.That(HoloV.Select(ones(6, 2), new float[6], 5, 2), Is.EqualTo((int[])[0, 1, 2, 3, 4]));
    }

    [Test]
    public void ItNeedsACrop()
    {
        using var scope = NewDisposeScope();
        Assert.That(() => HoloV.Select(ones(2, 2), [1, 1], 1, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => HoloV.Apply(ones(2, 2), [0, 1], 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
