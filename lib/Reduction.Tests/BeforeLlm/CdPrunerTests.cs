using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class CdPrunerTests
{
    [FsCheck.NUnit.Property(MaxTest = 40)]
    public Property EveryChoiceAddsTheMostVolume() => Prop.ForAll(TokenCase.Any, c =>
    {
        using var scope = NewDisposeScope();
        float[] relevance = c.Scores();
        int[] order = CdPruner.SelectInOrder(c.Features(), relevance, Math.Min(c.Kept, 3));
        double[,] cosine = TokenCase.Cosines(c.Values(), c.Dim);
        for (int step = 0; step < order.Length; step++)
        {
            int[] before = order[..step];
            double With(int i) => Determinant([.. before, i], (a, b) => relevance[a] * cosine[a, b] * relevance[b]);
            double best = Enumerable.Range(0, c.Tokens).Except(before).Max(With);
            Assert.That(With(order[step]), Is.EqualTo(best).Within(1e-5), $"{c}, step {step}");
        }
    });

    private static double Determinant(int[] of, Func<int, int, double> kernel)
    {
        double determinant = 1;
        var rows = of.Select(a => of.Select(b => kernel(a, b)).ToArray()).ToArray();
        for (int k = 0; k < of.Length; k++)
        {
            determinant *= rows[k][k];
            if (Math.Abs(rows[k][k]) < 1e-12)
                return 0;
            for (int i = k + 1; i < of.Length; i++)
            {
                double f = rows[i][k] / rows[k][k];
                for (int j = k; j < of.Length; j++)
                    rows[i][j] -= f * rows[k][j];
            }
        }

        return determinant;
    }

    [Test]
    public void BeyondTheRankTheMostRelevantAreTaken()
    {
        using var scope = NewDisposeScope();
        var tokens = tensor(new float[] { 1, 0, 2, 0, 0, 3, 0, 1, 1, 0 }, [5, 2]);
        Assert.That(
            CdPruner.SelectInOrder(tokens, [0.5f, 1, 0.7f, 0.9f, 0.6f], 5), Is.EqualTo((int[])[1, 3, 2, 4, 0]));
    }

    [Test]
    public void TokensWithoutRelevanceComeLast()
    {
        using var scope = NewDisposeScope();
        Assert.That(CdPruner.SelectInOrder(eye(4), [0, 0.1f, 0, 0.2f], 4), Is.EqualTo((int[])[3, 1, 0, 2]));
    }

    [Test]
    public void RelevanceIsTheNegatedMeanCosineScaled()
    {
        using var scope = NewDisposeScope();
        var patches = tensor(new float[] { 5, 0, 0, 1, -1, 0 }, [3, 2]);
        var texts = tensor(new float[] { 1, 0, 2, 0 }, [2, 2]);
        Assert.That(CdPruner.Relevance(patches, texts), Is.EqualTo((float[])[5e-7f, 0.5f + 5e-7f, 1 + 5e-7f]).Within(1e-7f));
        Assert.That(CdPruner.Relevance(ones(3, 2), texts), Is.EqualTo((float[])[1, 1, 1]));
        Assert.That(() => CdPruner.Relevance(patches, zeros(0, 2)), Throws.ArgumentException);
    }
}
