using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class DivPruneTests
{
    [TestCase(576, 0.098, 56)]
    [TestCase(50, 0.09, 4)]
    [TestCase(50, 0.11, 6)]
    [TestCase(5, 0.098, 0)]
    [TestCase(0, 0.5, 0)]
    [TestCase(7, 1.0, 7)]
    public void CountsRoundHalvesToEven(int tokens, double ratio, int count)
        => Assert.That(DivPrune.Count(tokens, ratio), Is.EqualTo(count));

    [FsCheck.NUnit.Property]
    public Property EveryChoiceIsAFarthestOne() => Prop.ForAll(TokenCase.Any, c =>
    {
        using var scope = NewDisposeScope();
        int[] order = DivPrune.SelectInOrder(c.Features(), c.Keep);
        double[,] cosine = TokenCase.Cosines(c.Values(), c.Dim);
        for (int step = 0; step < order.Length; step++)
        {
            int[] against = step == 0 ? [.. Enumerable.Range(0, c.Tokens)] : order[..step];
            double Nearest(int i)
                => against.Where(j => j != i).Select(j => 1 - cosine[i, j]).DefaultIfEmpty(double.PositiveInfinity).Min();
            double best = Enumerable.Range(0, c.Tokens).Except(order[..step]).Max(Nearest);
            Assert.That(Nearest(order[step]), Is.EqualTo(best).Within(1e-5), $"{c}, step {step}");
        }
    });

    [Test]
    public void OfEqualTokensTheFirstAreTaken()
    {
        using var scope = NewDisposeScope();
        Assert.That(DivPrune.SelectInOrder(ones(5, 3), 3), Is.EqualTo((int[])[0, 1, 2]));
    }

    [Test]
    public void AZeroVectorIsAtDistanceOne()
    {
        using var scope = NewDisposeScope();
        // Distances: 0-1 is 0, 0-2 and 1-2 are 2, all to the zero vector 1.
        var tokens = tensor(new float[] { 1, 0, 1, 0, -1, 0, 0, 0 }, [4, 2]);
        Assert.That(DivPrune.SelectInOrder(tokens, 4), Is.EqualTo((int[])[2, 0, 3, 1]));
    }
}
