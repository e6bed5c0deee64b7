using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class VisionZipTests
{
    [FsCheck.NUnit.Property]
    public Property EveryTokenGoesToOnePlace()
    {
        var settings = Gen.Choose(0, 12).Zip(Gen.Elements(false, true)).ToArbitrary();
        return Prop.ForAll(TokenCase.Any, settings, (c, s) =>
        {
            var (contextual, classToken) = s;
            using var scope = NewDisposeScope();
            var result = VisionZip.Reduce(c.Scores(), c.Features(), c.Keep, contextual, classToken);
            var rows = result.Mixture.Rows;
            Assert.That(rows, Has.Count.EqualTo(VisionZip.Count(c.Tokens, c.Keep, contextual, classToken)));
            int[] slots = [.. rows.SelectMany(r => r.Slots)];
            Assert.That(slots, Is.Unique);
            if (contextual > 0)
                Assert.That(slots, Has.Length.EqualTo(c.Tokens), "nothing is lost");
            else
                Assert.That(slots, Is.EqualTo(result.Kept));
            if (classToken)
                Assert.That(result.Kept[0], Is.Zero);
            foreach (var row in rows)
            {
                Assert.That(row.Weights[0], Is.EqualTo(1));
                if (row.Slots.Length > 1)
                    Assert.That(row.Weights[1..].Sum(), Is.EqualTo(1).Within(1e-5));
            }

            Assert.That(result.Mixture.Apply(c.Features()).data<float>().ToArray(), Is.All.Not.NaN);
        });
    }

    [Test]
    public void AContextualTokenIsItsTargetPlusTheMeanOfWhatGoesThere()
    {
        using var scope = NewDisposeScope();
        // Slot 0 is the class token, 3 dominant; of 1, 2, 4, 5, 6 every second is a target: 1 and 4.
        var metric = tensor(new float[] { 9, 9, 1, 0, 3, 1, 5, 5, 0, 1, 1, 3, 0, 2 }, [7, 2]);
        var result = VisionZip.Reduce([0, 0.1f, 0.2f, 0.9f, 0.2f, 0.3f, 0.1f], metric, 1, 2);
        Assert.That(result.Kept, Is.EqualTo((int[])[0, 3]));
        Assert.That(result.Targets, Is.EqualTo((int[])[1, 4]));
        Assert.That(result.Assign, Is.EqualTo((int[])[0, 1, 1]));
        float[] expected = [9, 9, 5, 5, 1 + 3, 0 + 1, 0 + 0.5f, 1 + 2.5f];
        Assert.That(result.Mixture.Apply(metric).data<float>().ToArray(), Is.EqualTo(expected).Within(1e-6f));
    }
}
