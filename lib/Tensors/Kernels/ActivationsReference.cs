namespace Aim.Tensors.Kernels;

/// <summary>The scalar functions and their derivatives, in double, as their definitions.</summary>
internal static unsafe class ActivationsReference
{
    private const double SqrtTwoOverPi = 0.7978845608028654;

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    public static double Silu(double x) => x * Sigmoid(x);

    public static double SiluSlope(double x) => Sigmoid(x) * (1 + x * (1 - Sigmoid(x)));

    public static double GeluTanh(double x) => 0.5 * x * (1 + Math.Tanh(SqrtTwoOverPi * (x + 0.044715 * x * x * x)));

    public static double GeluTanhSlope(double x)
    {
        var t = Math.Tanh(SqrtTwoOverPi * (x + 0.044715 * x * x * x));
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * SqrtTwoOverPi * (1 + 3 * 0.044715 * x * x);
    }

    /// <summary>NaN at both infinities, as torch's float32 kernel.</summary>
    public static double GeluErf(double x) => 0.5 * x * (Erfc(-x / Math.Sqrt(2)) + (x - x));

    public static double GeluErfSlope(double x) =>
        0.5 * Erfc(-x / Math.Sqrt(2)) + x * Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);

    public static double Erf(double x) => x < 0 ? -Erf(-x) : x < 2 ? ErfSeries(x) : 1 - Erfc(x);

    /// <summary>1 - erf(x), accurate in the tail: the series up to 2, then the continued fraction.</summary>
    public static double Erfc(double x)
    {
        if (x < 2)
            return 1 - (x < 0 ? -ErfSeries(-x) : ErfSeries(x));
        double fraction = 0;
        for (var i = 80; i >= 1; i--)
            fraction = i * 0.5 / (x + fraction);
        return Math.Exp(-x * x) / (Math.Sqrt(Math.PI) * (x + fraction));
    }

    /// <summary>erf(x) = 2/sqrt(pi) exp(-x²) sum of 2^n x^(2n+1) / (2n+1)!!; all terms positive, so nothing cancels.</summary>
    private static double ErfSeries(double x)
    {
        if (x > 6)
            return 1;
        double term = x, sum = x;
        for (var i = 1; i < 200 && term > 1e-18 * sum; i++)
        {
            term *= 2 * x * x / (2 * i + 1);
            sum += term;
        }
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    public static void Map(Func<double, double> f, float* x, float* y, long count)
    {
        for (long i = 0; i < count; i++)
            y[i] = (float)f(x[i]);
    }

    public static void MapBackward(Func<double, double> slope, float* x, float* dy, float* dx, long count)
    {
        for (long i = 0; i < count; i++)
            dx[i] = (float)(dy[i] * slope(x[i]));
    }

    public static void Swiglu(float* gateUp, float* y, long rows, int inner)
    {
        for (long r = 0; r < rows; r++)
        {
            for (var i = 0; i < inner; i++)
                y[r * inner + i] = (float)(Silu(gateUp[r * 2 * inner + i]) * gateUp[r * 2 * inner + inner + i]);
        }
    }

    public static void SwigluBackward(float* gateUp, float* dy, float* dGateUp, long rows, int inner)
    {
        for (long r = 0; r < rows; r++)
        {
            for (var i = 0; i < inner; i++)
            {
                double gate = gateUp[r * 2 * inner + i], up = gateUp[r * 2 * inner + inner + i], g = dy[r * inner + i];
                dGateUp[r * 2 * inner + i] = (float)(g * up * SiluSlope(gate));
                dGateUp[r * 2 * inner + inner + i] = (float)(g * Silu(gate));
            }
        }
    }
}
