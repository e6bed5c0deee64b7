namespace Aim.Tensors.Kernels;

/// <summary>
/// Element-wise functions over contiguous arrays; in and out may be the same. A backward kernel named after y takes the forward's
/// output, one named after x its input.
/// </summary>
internal static unsafe class Activations
{
    /// <summary>Elements of a task: about 10 microseconds of a transcendental function.</summary>
    private const long Chunk = 16384;

    public static void Exp(float* x, float* y, long count) => Map(UnaryFunction.Exp, x, y, count);

    public static void Tanh(float* x, float* y, long count) => Map(UnaryFunction.Tanh, x, y, count);

    public static void Erf(float* x, float* y, long count) => Map(UnaryFunction.Erf, x, y, count);

    public static void Sigmoid(float* x, float* y, long count) => Map(UnaryFunction.Sigmoid, x, y, count);

    /// <summary>x * sigmoid(x).</summary>
    public static void Silu(float* x, float* y, long count) => Map(UnaryFunction.Silu, x, y, count);

    /// <summary>0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x³))).</summary>
    public static void GeluTanh(float* x, float* y, long count) => Map(UnaryFunction.GeluTanh, x, y, count);

    /// <summary>0.5 x (1 + erf(x / sqrt 2)).</summary>
    public static void GeluErf(float* x, float* y, long count) => Map(UnaryFunction.GeluErf, x, y, count);

    /// <summary>dx = dy * (1 - y²).</summary>
    public static void TanhBackward(float* y, float* dy, float* dx, long count) =>
        Map(BinaryFunction.TanhSlope, y, dy, dx, count);

    /// <summary>dx = dy * y * (1 - y).</summary>
    public static void SigmoidBackward(float* y, float* dy, float* dx, long count) =>
        Map(BinaryFunction.SigmoidSlope, y, dy, dx, count);

    public static void SiluBackward(float* x, float* dy, float* dx, long count) =>
        Map(BinaryFunction.SiluSlope, x, dy, dx, count);

    public static void GeluTanhBackward(float* x, float* dy, float* dx, long count) =>
        Map(BinaryFunction.GeluTanhSlope, x, dy, dx, count);

    public static void GeluErfBackward(float* x, float* dy, float* dx, long count) =>
        Map(BinaryFunction.GeluErfSlope, x, dy, dx, count);

    /// <summary>gateUp [rows, 2 * inner], gate first: y [rows, inner] = silu(gate) * up.</summary>
    public static void Swiglu(float* gateUp, float* y, long rows, int inner)
    {
        var set = KernelSet.Current;
        var past = Streaming.Pays(y, rows * inner, inner, (nint)gateUp);
        Pool.Ranges(rows, Math.Max(1, Chunk / Math.Max(1, inner)), (from, to) =>
        {
            for (var r = from; r < to; r++)
            {
                var gate = gateUp + r * 2 * inner;
                set.Map(BinaryFunction.SiluTimes, gate, gate + inner, y + r * inner, inner, past);
            }
        });
    }

    /// <summary>dGateUp [rows, 2 * inner] from dy [rows, inner]; dGateUp may be gateUp.</summary>
    public static void SwigluBackward(float* gateUp, float* dy, float* dGateUp, long rows, int inner)
    {
        var set = KernelSet.Current;
        Pool.Ranges(rows, Math.Max(1, Chunk / Math.Max(1, inner)), (from, to) =>
            set.SwigluBackwardRows(gateUp + from * 2 * inner, dy + from * inner, dGateUp + from * 2 * inner, to - from, inner));
    }

    private static void Map(UnaryFunction f, float* x, float* y, long count)
    {
        var set = KernelSet.Current;
        var past = Streaming.Pays(y, count, Chunk, (nint)x);
        Pool.Ranges(count, Chunk, (from, to) => set.Map(f, x + from, y + from, to - from, past));
    }

    private static void Map(BinaryFunction f, float* x, float* y, float* z, long count)
    {
        var set = KernelSet.Current;
        var past = Streaming.Pays(z, count, Chunk, (nint)x, (nint)y);
        Pool.Ranges(count, Chunk, (from, to) => set.Map(f, x + from, y + from, z + from, to - from, past));
    }
}
