using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

/// <summary>Functions of one array; see <see cref="Activations"/> for what they compute.</summary>
internal enum UnaryFunction
{
    Exp,
    Tanh,
    Erf,
    Sigmoid,
    Silu,
    GeluTanh,
    GeluErf,
}

/// <summary>Functions of two arrays; a slope takes the saved x (or y) and dy.</summary>
internal enum BinaryFunction
{
    Add,
    Subtract,
    Multiply,
    TanhSlope,
    SigmoidSlope,
    SiluSlope,
    GeluTanhSlope,
    GeluErfSlope,
    SiluTimes,
}

/// <summary>y = f(x), lane by lane; a, b and c are the <see cref="Coefficients"/>.</summary>
internal unsafe interface IUnary<V>
    where V : struct
{
    static virtual float* Coefficients => Constants.Exp;

    static abstract V Apply(V x, Four<V> a, Four<V> b, Four<V> c);
}

/// <summary>z = f(x, y), lane by lane; a, b and c are the <see cref="Coefficients"/>.</summary>
internal unsafe interface IBinary<V>
    where V : struct
{
    static virtual float* Coefficients => Constants.Exp;

    static abstract V Apply(V x, V y, Four<V> a, Four<V> b, Four<V> c);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    private readonly struct ExpOp : IUnary<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V x, Four<V> a, Four<V> b, Four<V> c) => VectorMath<V, S>.Exp(x, a, b, c);
    }

    private readonly struct TanhOp : IUnary<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V x, Four<V> a, Four<V> b, Four<V> c) => VectorMath<V, S>.Tanh(x, a, b, c);
    }

    private readonly struct ErfOp : IUnary<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V x, Four<V> a, Four<V> b, Four<V> c) => VectorMath<V, S>.Erf(x, a, b, c);
    }

    private readonly struct SigmoidOp : IUnary<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V x, Four<V> a, Four<V> b, Four<V> c) => VectorMath<V, S>.Sigmoid(x, a, b, c);
    }

    private readonly struct SiluOp : IUnary<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V x, Four<V> a, Four<V> b, Four<V> c) => S.Multiply(x, VectorMath<V, S>.Sigmoid(x, a, b, c));
    }

    /// <summary>0.5 (1 + tanh u) is the logistic function of 2u, here by powers of two.</summary>
    private readonly struct GeluTanhOp : IUnary<V>
    {
        private const float Linear = -1.59576912f * 1.44269504f;

        static float* IUnary<V>.Coefficients => Constants.Exp2Short;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V x, Four<V> a, Four<V> b, Four<V> c)
        {
            var z = S.Multiply(x, S.Fma(S.Multiply(x, x), S.Create(0.044715f * Linear), S.Create(Linear)));
            return S.Divide(x, S.Add(S.Create(1f), VectorMath<V, S>.Exp2Short(S.Min(c.A, z), a, b)));
        }

        /// <summary>-2 sqrt(2/pi) (x + 0.044715 x³).</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V MinusTwiceInner(V x) =>
            S.Multiply(x, S.Fma(S.Multiply(x, x), S.Create(-1.59576912f * 0.044715f), S.Create(-1.59576912f)));
    }

    private readonly struct GeluErfOp : IUnary<V>
    {
        static float* IUnary<V>.Coefficients => Constants.Exp2Short;

        /// <summary>max(x, 0) - |x| tail(|x|): NaN at both infinities, as torch's float32 kernel.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V x, Four<V> a, Four<V> b, Four<V> c)
        {
            var t = S.Abs(x);
            return S.Fma(S.Negate(t), VectorMath<V, S>.NormalTail(t, a, b), S.Max(default, x));
        }
    }

    private readonly struct AddOp : IBinary<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V x, V y, Four<V> a, Four<V> b, Four<V> c) => S.Add(x, y);
    }

    private readonly struct SubtractOp : IBinary<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V x, V y, Four<V> a, Four<V> b, Four<V> c) => S.Subtract(x, y);
    }

    private readonly struct MultiplyOp : IBinary<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V x, V y, Four<V> a, Four<V> b, Four<V> c) => S.Multiply(x, y);
    }

    private readonly struct TanhSlopeOp : IBinary<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V y, V dy, Four<V> a, Four<V> b, Four<V> c) => S.Multiply(dy, S.Fma(S.Negate(y), y, S.Create(1f)));
    }

    private readonly struct SigmoidSlopeOp : IBinary<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V y, V dy, Four<V> a, Four<V> b, Four<V> c) =>
            S.Multiply(dy, S.Multiply(y, S.Subtract(S.Create(1f), y)));
    }

    private readonly struct SiluSlopeOp : IBinary<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V x, V dy, Four<V> a, Four<V> b, Four<V> c) =>
            S.Multiply(dy, Slope(x, VectorMath<V, S>.Sigmoid(x, a, b, c)));

        /// <summary>s (1 + x (1 - s)) for s = sigmoid(x).</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Slope(V x, V s) => S.Multiply(s, S.Fma(x, S.Subtract(S.Create(1f), s), S.Create(1f)));
    }

    /// <summary>With s = sigmoid(2u): s + x s (1 - s) (2u)'.</summary>
    private readonly struct GeluTanhSlopeOp : IBinary<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V x, V dy, Four<V> a, Four<V> b, Four<V> c)
        {
            var s = VectorMath<V, S>.SigmoidOfNegative(GeluTanhOp.MinusTwiceInner(x), a, b, c);
            var inner = S.Fma(S.Multiply(x, x), S.Create(3 * 1.59576912f * 0.044715f), S.Create(1.59576912f));
            var rest = S.Multiply(S.Multiply(x, inner), S.Subtract(S.Create(1f), s));
            return S.Multiply(dy, S.Fma(s, rest, s));
        }
    }

    /// <summary>The normal distribution function plus x times its density.</summary>
    private readonly struct GeluErfSlopeOp : IBinary<V>
    {
        static float* IBinary<V>.Coefficients => Constants.Exp2Short;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V x, V dy, Four<V> a, Four<V> b, Four<V> c)
        {
            var exponent = S.Multiply(S.Create(-0.5f * 1.44269504f), S.Multiply(x, x));
            var density = S.Multiply(S.Create(0.39894228f), VectorMath<V, S>.Exp2Short(exponent, a, b));
            var tail = VectorMath<V, S>.NormalTail(S.Abs(x), a, b);
            var normal = S.IfLess(x, default, tail, S.Subtract(S.Create(1f), tail));
            return S.Multiply(dy, S.Fma(x, density, normal));
        }
    }

    private readonly struct SiluTimesOp : IBinary<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply(V gate, V up, Four<V> a, Four<V> b, Four<V> c) => S.Multiply(SiluOp.Apply(gate, a, b, c), up);
    }
}
