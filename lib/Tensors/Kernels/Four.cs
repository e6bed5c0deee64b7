using System.Runtime.InteropServices;

namespace Aim.Tensors.Kernels;

/// <summary>
/// Four vectors of constants that a loop keeps in registers. (Of a constant in the code the compiler makes a memory operand, and a
/// polynomial that reads every coefficient anew is bound by its loads; and it keeps structures of up to four fields in registers.)
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

    private static float* Native(params ReadOnlySpan<float> values)
    {
        var memory = (float*)NativeMemory.Alloc((nuint)values.Length, sizeof(float));
        values.CopyTo(new Span<float>(memory, values.Length));
        return memory;
    }
}
