namespace Aim.Reduction;

/// <summary>
/// Cosine similarities of token features. A zero vector is similar to nothing (0), where a bare division by its norm would give
/// NaN.
/// </summary>
internal static class Cosine
{
    // A norm below this counts as 0. Far below any feature's, and large enough that squares of what is above do not underflow.
    private const double Tiny = 1e-12;

    /// <summary>Rows of length 1 in float32, zero rows as they are.</summary>
    /// <param name="x">[.., tokens, dim].</param>
    public static Tensor Unit(Tensor x) => nn.functional.normalize(x.to(ScalarType.Float32), 2, -1, Tiny);

    /// <summary>
    /// The cosine of every row of <paramref name="a"/> with every row of <paramref name="b"/>: one matrix
    /// product.
    /// </summary>
    /// <param name="a">[n, dim].</param>
    /// <param name="b">[m, dim].</param>
    /// <returns>n x m values, row-major, on the host.</returns>
    public static float[] Between(Tensor a, Tensor b)
    {
        if (a.shape[0] == 0 || b.shape[0] == 0)
            return [];
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var unit = Unit(a);
        return Host(matmul(unit, (ReferenceEquals(a, b) ? unit : Unit(b)).transpose(0, 1)));
    }

    /// <summary>The cosine of each row of <paramref name="a"/> with the row of <paramref name="b"/> at the same place.</summary>
    /// <param name="a">[.., dim].</param>
    /// <param name="b">The same shape.</param>
    /// <returns>One value a row, on the host.</returns>
    public static float[] Pairwise(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return Host(Unit(a).mul(Unit(b)).sum(-1));
    }

    /// <summary>A tensor's values in float32, row-major.</summary>
    public static float[] Host(Tensor x) => x.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
}
