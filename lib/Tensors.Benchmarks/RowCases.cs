using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Aim.Tensors.Kernels;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// The kernels that move data rather than compute, at shapes of Qwen2-7B (which no cache holds) and of the lab model (which fit).
/// Bytes are what a kernel must read and write once.
/// </summary>
internal static unsafe class RowCases
{
    public static IEnumerable<Func<Case>> Large =>
    [
        () => RmsNorm(1664, 3584),
        () => LayerNorm(1664, 3584),
        () => Swiglu(1664, 18944),
        () => Unary("GELU (tanh)", 1664, 4304, Activations.GeluTanh),
        () => Unary("GELU (erf)", 1664, 4304, Activations.GeluErf),
        () => SoftmaxRows(1664 * 8, 1664),
        () => SoftmaxRows(64, 151936),
        () => Rotate(1, 28, 1664, 128),
        () => Add(1664, 3584),
    ];

    public static IEnumerable<Func<Case>> Lab =>
    [
        () => RmsNorm(2600, 128),
        () => LayerNorm(4608, 128),
        () => Swiglu(2600, 352),
        () => Unary("GELU (tanh)", 2600, 512, Activations.GeluTanh),
        () => Unary("GELU (erf)", 2600, 512, Activations.GeluErf),
        () => SoftmaxRows(600, 1000),
        () => Rotate(2, 6, 1170, 32),
        () => Add(2600, 128),
    ];

    private delegate void Function(float* x, float* y, long count);

    /// <summary>
    /// Copies with as many bytes read and written, on all threads: through the caches, and past them, which is faster for what no
    /// cache holds.
    /// </summary>
    public static Case Copy(double bytes, bool past)
    {
        const int Chunk = 16384;
        var count = (long)(bytes / 8) / 16 * 16;
        return new(past ? "copy past caches" : "copy", $"{count:N0}", 0, 8.0 * count, true, [count, count], m =>
        {
            float* x = (float*)m[0], y = (float*)m[1];
            Pool.Ranges(count, Chunk, (from, to) =>
            {
                if (past)
                    BandwidthLoop.Copy(1, (byte*)(x + from), (byte*)(y + from), sizeof(float) * (to - from));
                else
                    PlainCopy(x + from, y + from, to - from);
            });
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PlainCopy(float* x, float* y, long count)
    {
        long i = 0;
        for (; i + 64 <= count; i += 64)
        {
            var (a, b) = (Vector512.Load(x + i), Vector512.Load(x + i + 16));
            var (c, d) = (Vector512.Load(x + i + 32), Vector512.Load(x + i + 48));
            Vector512.Store(a, y + i);
            Vector512.Store(b, y + i + 16);
            Vector512.Store(c, y + i + 32);
            Vector512.Store(d, y + i + 48);
        }
        for (; i < count; i++)
            y[i] = x[i];
    }

    private static Case RmsNorm(int rows, int dim) => Rows("RMSNorm", rows, dim, 2, m =>
        Norm.RmsForward((float*)m[0], (float*)m[2], (float*)m[1], null, rows, dim, 1e-6), dim);

    private static Case LayerNorm(int rows, int dim) => Rows("LayerNorm", rows, dim, 2, m =>
        Norm.LayerForward((float*)m[0], (float*)m[2], (float*)m[2], (float*)m[1], null, null, rows, dim, 1e-6), dim);

    private static Case Unary(string name, int rows, int dim, Function f) => Rows(name, rows, dim, 2, m =>
        f((float*)m[0], (float*)m[1], (long)rows * dim));

    private static Case SoftmaxRows(int rows, int dim) => Rows("softmax", rows, dim, 2, m =>
        Softmax.Forward((float*)m[0], (float*)m[1], rows, dim));

    private static Case Add(int rows, int dim) => Rows("add", rows, dim, 3, m =>
        Kernels.Elementwise.Add((float*)m[0], (float*)m[2], (float*)m[1], (long)rows * dim), (long)rows * dim);

    private static Case Swiglu(int rows, int inner) => Rows("SwiGLU", rows, inner, 3, m =>
        Activations.Swiglu((float*)m[2], (float*)m[1], rows, inner), 2L * rows * inner, inputless: true);

    /// <summary>A kernel over [rows, dim] that reads and writes <paramref name="arrays"/> arrays of that size in all.</summary>
    private static Case Rows(string name, int rows, int dim, int arrays, Action<nint[]> run, long third = 0,
        bool inputless = false) => new(
        name, $"{rows} x {dim}", 0, 4.0 * arrays * rows * dim, true,
        [inputless ? 0 : (long)rows * dim, (long)rows * dim, third], run);

    private static Case Rotate(int batch, int heads, int rows, int dim)
    {
        var strides = HeadStrides.RowMajor(heads, rows, dim);
        var s = new RotaryShape(batch, heads, rows, dim, strides, strides, 0);
        var count = (long)batch * heads * rows * dim;
        var table = (long)rows * dim;
        return new("rotary", $"{batch} x {heads} x {rows} x {dim}", 0, 8.0 * count + 8.0 * table, true,
            [count, table, table, count],
            p => Rotary.Forward(s, (float*)p[0], (float*)p[1], (float*)p[2], (float*)p[3]));
    }
}
