namespace Aim.Tensors.Kernels;

using R = ActivationsReference;

/// <summary>
/// Element-wise functions over contiguous arrays; in and out may be the same. A backward kernel named after y takes the forward's
/// output, one named after x its input.
/// </summary>
internal static unsafe class Activations
{
    public static void Exp(float* x, float* y, long count) => R.Map(Math.Exp, x, y, count);

    public static void Tanh(float* x, float* y, long count) => R.Map(Math.Tanh, x, y, count);

    public static void Erf(float* x, float* y, long count) => R.Map(R.Erf, x, y, count);

    public static void Sigmoid(float* x, float* y, long count) => R.Map(R.Sigmoid, x, y, count);

    /// <summary>x * sigmoid(x).</summary>
    public static void Silu(float* x, float* y, long count) => R.Map(R.Silu, x, y, count);

    /// <summary>0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x³))).</summary>
    public static void GeluTanh(float* x, float* y, long count) => R.Map(R.GeluTanh, x, y, count);

    /// <summary>0.5 x (1 + erf(x / sqrt 2)).</summary>
    public static void GeluErf(float* x, float* y, long count) => R.Map(R.GeluErf, x, y, count);

    /// <summary>dx = dy * (1 - y²).</summary>
    public static void TanhBackward(float* y, float* dy, float* dx, long count) => R.MapBackward(t => 1 - t * t, y, dy, dx, count);

    /// <summary>dx = dy * y * (1 - y).</summary>
    public static void SigmoidBackward(float* y, float* dy, float* dx, long count) => R.MapBackward(s => s * (1 - s), y, dy, dx, count);

    public static void SiluBackward(float* x, float* dy, float* dx, long count) => R.MapBackward(R.SiluSlope, x, dy, dx, count);

    public static void GeluTanhBackward(float* x, float* dy, float* dx, long count) => R.MapBackward(R.GeluTanhSlope, x, dy, dx, count);

    public static void GeluErfBackward(float* x, float* dy, float* dx, long count) => R.MapBackward(R.GeluErfSlope, x, dy, dx, count);

    /// <summary>gateUp [rows, 2 * inner], gate first: y [rows, inner] = silu(gate) * up.</summary>
    public static void Swiglu(float* gateUp, float* y, long rows, int inner) => R.Swiglu(gateUp, y, rows, inner);

    /// <summary>dGateUp [rows, 2 * inner] from dy [rows, inner].</summary>
    public static void SwigluBackward(float* gateUp, float* dy, float* dGateUp, long rows, int inner) =>
        R.SwigluBackward(gateUp, dy, dGateUp, rows, inner);
}
