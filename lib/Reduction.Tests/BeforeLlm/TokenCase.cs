using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

/// <summary>Features and scores to reduce. Degenerate ones have equal and zero rows and equal scores.</summary>
internal sealed record TokenCase(int Tokens, int Dim, int Keep, int Seed, bool Degenerate)
{
    public static Arbitrary<TokenCase> Any => (
        from tokens in Gen.Choose(1, 50)
        from dim in Gen.Choose(1, 9)
        from keep in Gen.Choose(0, tokens + 2)
        from seed in Gen.Choose(0, int.MaxValue)
        from degenerate in Gen.Elements(false, true)
        select new TokenCase(tokens, dim, keep, seed, degenerate)).ToArbitrary();

    /// <summary>Tokens to be kept: all, where more are asked for.</summary>
    public int Kept => Math.Min(Keep, Tokens);

    /// <summary>[tokens, dim].</summary>
    public float[] Values()
    {
        var random = new Random(Seed);
        if (!Degenerate)
            return [.. Enumerable.Range(0, Tokens * Dim).Select(_ => random.NextSingle() * 2 - 1)];
        float[][] rows = [new float[Dim], [.. Enumerable.Repeat(1f, Dim)], [.. Enumerable.Range(0, Dim).Select(i => i - 1f)]];
        return [.. Enumerable.Range(0, Tokens).SelectMany(_ => rows[random.Next(3)])];
    }

    public Tensor Features() => tensor(Values(), [Tokens, Dim]);

    /// <summary>Scores in 0 .. 1, one a token.</summary>
    public float[] Scores()
    {
        var random = new Random(~Seed);
        return [.. Enumerable.Range(0, Tokens).Select(_ => Degenerate ? random.Next(3) / 4f : random.NextSingle())];
    }

    /// <summary>Cosines in double, row-major; those of a zero row are 0.</summary>
    public static double[,] Cosines(float[] values, int dim)
    {
        int n = values.Length / dim;
        double Dot(int i, int j)
        {
            double sum = 0;
            for (int k = 0; k < dim; k++)
                sum += (double)values[i * dim + k] * values[j * dim + k];
            return sum;
        }

        var cosines = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
                cosines[i, j] = Dot(i, j) / Math.Max(Math.Sqrt(Dot(i, i)) * Math.Sqrt(Dot(j, j)), 1e-30);
        }

        return cosines;
    }
}
