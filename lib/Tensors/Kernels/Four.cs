namespace Aim.Tensors.Kernels;

/// <summary>
/// Four vectors of constants that a loop keeps in registers. (Of a constant in the code the compiler makes a memory operand,
/// and a polynomial that reads every coefficient anew is bound by its loads; and it keeps structures of up to four fields in
/// registers.)
/// </summary>
internal readonly struct Four<V>(V a, V b, V c, V d)
    where V : struct
{
    public readonly V A = a;
    public readonly V B = b;
    public readonly V C = c;
    public readonly V D = d;
}

/// <summary>Constants in memory of their own, so that the compiler does not know them.</summary>
internal static unsafe class Constants
{
    /// <summary>Coefficients of 2^x, highest power first, then an x whose result is 0.</summary>
    public static readonly float* Exp2 = Native(
        1.535336188319500e-4f, 1.339887440266574e-3f, 9.618437357674640e-3f, 5.550332471162809e-2f, 2.402264791363012e-1f,
        6.931472028550421e-1f, 1, -160);

    /// <summary>
    /// Likewise of a polynomial of one power less (relative error 7.5e-8), then exponents whose results are 0 and infinite.
    /// </summary>
    public static readonly float* Exp2Short = Native(
        1.327647944e-3f, 9.675541893e-3f, 5.550713092e-2f, 2.402212024e-1f, 6.931469440e-1f, 1.000000119f, -160, 0, 160, 0, 0, 0);

    /// <summary>
    /// What <see cref="VectorMath{V, S}.Exp"/> needs: log2(e), -ln(2) in two parts, coefficients of e^x from the highest power
    /// on, and the bounds beyond which the result is 0 or infinity all the same.
    /// </summary>
    public static readonly float* Exp = Native(
        1.44269504f, -0.693145752f, -1.42860677e-6f, 1.37805939e-3f, 8.37312452e-3f, 4.16695364e-2f, 1.66664720e-1f,
        4.99999851e-1f, 1, 1, -104, 89);

    private static float* Native(params ReadOnlySpan<float> values)
    {
        var memory = (float*)MemoryPool.RentExactly(values.Length * sizeof(float));
        values.CopyTo(new Span<float>(memory, values.Length));
        return memory;
    }
}
