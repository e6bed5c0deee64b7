using System.Numerics.Tensors;

namespace Aim.Tensors;

/// <summary>
/// bfloat16 and float16 are types to store. What moves data moves their bits; what computes widens them to float32, runs the
/// float32 operation and rounds its result once: the loops of <c>Ops</c> do so for themselves, operations made of several loops
/// by <see cref="Tensor.Wide"/> at their start and <c>to</c> at their end. Backward passes run in float32 throughout
/// (<see cref="Saved"/> widens, <see cref="Node"/> gathers in float32) and round where a gradient reaches its leaf.
/// </summary>
internal static unsafe class LowPrecision
{
    internal static bool Is(ScalarType type) => type is ScalarType.BFloat16 or ScalarType.Float16;

    /// <summary>The type in which values of a type are computed.</summary>
    internal static ScalarType Computing(ScalarType type) => Is(type) ? ScalarType.Float32 : type;

    /// <summary>The values in float32 (the tensor itself if it has no 16-bit type), without history.</summary>
    internal static Tensor Widened(Tensor x) => Is(x.dtype) ? x.detach().to(ScalarType.Float32) : x;

    /// <summary>
    /// An operand of an elementwise operation in <paramref name="type"/>: rounded to it first, as torch casts; but a 0-d operand
    /// enters the float32 computation as it is.
    /// </summary>
    internal static Tensor Operand(Tensor x, ScalarType type) =>
        Widened(x.dtype == type || x.Rank == 0 ? x.detach() : x.detach().to(type));

    /// <summary>Rounds a float32 result into <paramref name="output"/>, or into a new tensor that survives the scope.</summary>
    internal static Tensor Rounded(Tensor wide, ScalarType type, Tensor? output = null)
    {
        if (output is null)
            return wide.to(type).MoveToOuterDisposeScope();
        Copy.Run(wide, output);
        return output;
    }

    internal static void Widen(ushort* x, ScalarType from, float* y, long count) => Work.For(count, Work.Chunk, (begin, end) =>
    {
        if (from == ScalarType.Float16)
        {
            var n = (int)(end - begin);
            TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(x + begin, n), new Span<float>(y + begin, n));
            return;
        }

        for (var i = begin; i < end; i++)
            ((uint*)y)[i] = (uint)x[i] << 16;
    });

    internal static void Round(float* x, ushort* y, ScalarType to, long count) => Work.For(count, Work.Chunk, (begin, end) =>
    {
        if (to == ScalarType.Float16)
        {
            var n = (int)(end - begin);
            TensorPrimitives.ConvertToHalf(new ReadOnlySpan<float>(x + begin, n), new Span<Half>(y + begin, n));
            return;
        }

        for (var i = begin; i < end; i++)
            y[i] = BFloat16.Bits(((uint*)x)[i]);
    });
}
