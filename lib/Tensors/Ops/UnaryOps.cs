using System.Numerics.Tensors;
using Aim.Tensors.Kernels;

namespace Aim.Tensors;

/// <summary>Functions of one number: the vectorised float32 form and the double form.</summary>
internal static class UnaryOps
{
    private unsafe delegate void Function(float* x, float* y, long count);

    private static unsafe void Kernel(Function function, ReadOnlySpan<float> x, Span<float> y)
    {
        fixed (float* from = x, to = y)
            function(from, to, x.Length);
    }

    /// <summary>Computes each element in double and rounds once: for functions too rare to vectorise.</summary>
    private static void Each<TOp>(ReadOnlySpan<float> x, Span<float> y)
        where TOp : struct, IUnary
    {
        for (var i = 0; i < x.Length; i++)
            y[i] = (float)TOp.Run((double)x[i]);
    }

    internal readonly struct Exp : IUnary
    {
        public static unsafe void Run(ReadOnlySpan<float> x, Span<float> y) => Kernel(Activations.Exp, x, y);

        public static double Run(double x) => Special.Exp(x);
    }

    internal readonly struct Log : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Log(x, y);

        public static double Run(double x) => Math.Log(x);
    }

    internal readonly struct Sqrt : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Sqrt(x, y);

        public static double Run(double x) => Math.Sqrt(x);
    }

    internal readonly struct Tanh : IUnary
    {
        public static unsafe void Run(ReadOnlySpan<float> x, Span<float> y) => Kernel(Activations.Tanh, x, y);

        public static double Run(double x) => Math.Tanh(x);
    }

    internal readonly struct Sin : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Sin(x, y);

        public static double Run(double x) => Math.Sin(x);
    }

    internal readonly struct Cos : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Cos(x, y);

        public static double Run(double x) => Math.Cos(x);
    }

    internal readonly struct Abs : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Abs(x, y);

        public static double Run(double x) => Math.Abs(x);
    }

    internal readonly struct Negate : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Negate(x, y);

        public static double Run(double x) => -x;
    }

    internal readonly struct Floor : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Floor(x, y);

        public static double Run(double x) => Math.Floor(x);
    }

    internal readonly struct Ceiling : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Ceiling(x, y);

        public static double Run(double x) => Math.Ceiling(x);
    }

    internal readonly struct Truncate : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Truncate(x, y);

        public static double Run(double x) => Math.Truncate(x);
    }

    internal readonly struct Exp2 : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => Each<Exp2>(x, y);

        public static double Run(double x) => Math.Pow(2, x);
    }

    internal readonly struct Sigmoid : IUnary
    {
        public static unsafe void Run(ReadOnlySpan<float> x, Span<float> y) => Kernel(Activations.Sigmoid, x, y);

        public static double Run(double x) => 1 / (1 + Math.Exp(-x));
    }

    internal readonly struct Log2 : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Log2(x, y);

        public static double Run(double x) => Math.Log2(x);
    }

    internal readonly struct Log10 : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Log10(x, y);

        public static double Run(double x) => Math.Log10(x);
    }

    internal readonly struct Expm1 : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => Each<Expm1>(x, y);

        public static double Run(double x) => Special.Expm1(x);
    }

    internal readonly struct Log1p : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => Each<Log1p>(x, y);

        public static double Run(double x) => Special.Log1p(x);
    }

    internal readonly struct Erf : IUnary
    {
        public static unsafe void Run(ReadOnlySpan<float> x, Span<float> y) => Kernel(Activations.Erf, x, y);

        public static double Run(double x) => Special.Erf(x);
    }

    internal readonly struct Atan : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => Each<Atan>(x, y);

        public static double Run(double x) => Math.Atan(x);
    }

    internal readonly struct Round : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => Each<Round>(x, y);

        public static double Run(double x) => Math.Round(x, MidpointRounding.ToEven);
    }

    internal readonly struct Sign : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => Each<Sign>(x, y);

        public static double Run(double x) => x > 0 ? 1 : x < 0 ? -1 : 0;
    }

    internal readonly struct Frac : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => Each<Frac>(x, y);

        public static double Run(double x) => x - Math.Truncate(x);
    }

    internal readonly struct Reciprocal : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => Each<Reciprocal>(x, y);

        public static double Run(double x) => 1 / x;
    }

    internal readonly struct Rsqrt : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => Each<Rsqrt>(x, y);

        public static double Run(double x) => 1 / Math.Sqrt(x);
    }

    internal readonly struct Square : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => Each<Square>(x, y);

        public static double Run(double x) => x * x;
    }

    internal readonly struct Relu : IUnary
    {
        public static void Run(ReadOnlySpan<float> x, Span<float> y) => Each<Relu>(x, y);

        public static double Run(double x) => x > 0 || double.IsNaN(x) ? x : 0;
    }
}
