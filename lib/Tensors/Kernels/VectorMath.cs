using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

/// <summary>
/// exp, tanh, erf and the logistic function on vectors, to within 2 units in the last place (the logistic function 3). NaN stays
/// NaN. The arguments after x are the twelve <see cref="Constants.Exp"/>, for loops to load once.
/// </summary>
internal static class VectorMath<V, S>
    where V : struct
    where S : struct, ISimd<V>
{
    /// <summary>
    /// e^x: x = n ln 2 + r with |r| at most ln(2)/2, ln 2 in two parts so that r is exact (Cody and Waite); polynomial for e^r.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x, Four<V> a, Four<V> b, Four<V> c)
    {
        x = S.Max(c.C, S.Min(c.D, x));
        var n = S.Round(S.Multiply(x, a.A));
        var r = S.Fma(n, a.B, x);
        r = S.Fma(n, a.C, r);
        var p = S.Fma(a.D, r, b.A);
        p = S.Fma(p, r, b.B);
        p = S.Fma(p, r, b.C);
        p = S.Fma(p, r, b.D);
        p = S.Fma(p, r, c.A);
        p = S.Fma(p, r, c.A);
        return S.ScaleByPowerOfTwo(p, n);
    }

    /// <summary>Loads four constants.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Four<V> Load(float* x) => new(S.Create(x[0]), S.Create(x[1]), S.Create(x[2]), S.Create(x[3]));

    /// <summary>
    /// 2^x for x at most 0, rounded into subnormals and to 0. The coefficients are <see cref="Constants.Exp2"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp2Negative(V x, Four<V> high, Four<V> low)
    {
        x = S.Max(low.D, x);
        var n = S.Round(x);
        var f = S.Subtract(x, n);
        var p = S.Fma(high.A, f, high.B);
        p = S.Fma(p, f, high.C);
        p = S.Fma(p, f, high.D);
        p = S.Fma(p, f, low.A);
        p = S.Fma(p, f, low.B);
        p = S.Fma(p, f, low.C);
        return S.ScaleByPowerOfTwo(p, n);
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid(V x, Four<V> a, Four<V> b, Four<V> c) => SigmoidOfNegative(S.Negate(x), a, b, c);

    /// <summary>1 / (1 + e^x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SigmoidOfNegative(V x, Four<V> a, Four<V> b, Four<V> c) => S.Divide(c.A, S.Add(c.A, Exp(x, a, b, c)));

    /// <summary>An odd polynomial near 0, 1 - 2 / (e^2|x| + 1) elsewhere (Cephes).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh(V x, Four<V> a, Four<V> b, Four<V> c)
    {
        var t = S.Abs(x);
        var s = S.Multiply(x, x);
        var p = S.Create(-5.70498872745e-3f);
        p = S.Fma(p, s, S.Create(2.06390887954e-2f));
        p = S.Fma(p, s, S.Create(-5.37397155531e-2f));
        p = S.Fma(p, s, S.Create(1.33314422036e-1f));
        p = S.Fma(p, s, S.Create(-3.33332819422e-1f));
        p = S.Fma(S.Multiply(p, s), x, x);
        var e = S.Add(Exp(S.Add(t, t), a, b, c), S.Create(1f));
        var far = S.CopySign(S.Subtract(S.Create(1f), S.Divide(S.Create(2f), e)), x);
        return S.IfLess(t, S.Create(0.625f), p, far);
    }

    /// <summary>An odd polynomial near 0, 1 - e^q(|x|) elsewhere (minimax fits by N. Juffa).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf(V x, Four<V> a, Four<V> b, Four<V> c)
    {
        var t = S.Abs(x);
        var s = S.Multiply(x, x);
        var p = S.Create(-5.96761703e-4f);
        p = S.Fma(p, s, S.Create(4.99119423e-3f));
        p = S.Fma(p, s, S.Create(-2.67681349e-2f));
        p = S.Fma(p, s, S.Create(1.12819925e-1f));
        p = S.Fma(p, s, S.Create(-3.76125336e-1f));
        p = S.Fma(p, s, S.Create(1.28379166e-1f));
        p = S.Fma(p, x, x);
        t = S.Min(S.Create(10f), t); // erf is 1 to the last bit from 4 on
        s = S.Multiply(t, t);
        var q = S.Fma(S.Create(-1.72853470e-5f), t, S.Create(3.83197126e-4f));
        var u = S.Fma(S.Create(-3.88396438e-3f), t, S.Create(2.42546219e-2f));
        q = S.Fma(q, s, u);
        q = S.Fma(q, t, S.Create(-1.06777877e-1f));
        q = S.Fma(q, t, S.Create(-6.34846687e-1f));
        q = S.Fma(q, t, S.Create(-1.28717512e-1f));
        q = S.Fma(q, t, S.Negate(t));
        var far = S.CopySign(S.Subtract(S.Create(1f), Exp(q, a, b, c)), x);
        return S.IfLess(t, S.Create(0.927734375f), p, far);
    }

    /// <summary>
    /// 2^x for x at most 160, beyond which it is infinite, to a relative 1.3e-7. The coefficients are
    /// <see cref="Constants.Exp2Short"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp2Short(V x, Four<V> high, Four<V> low)
    {
        x = S.Max(low.C, x);
        var n = S.Round(x);
        var f = S.Subtract(x, n);
        var p = S.Fma(high.A, f, high.B);
        p = S.Fma(p, f, high.C);
        p = S.Fma(p, f, high.D);
        p = S.Fma(p, f, low.A);
        p = S.Fma(p, f, low.B);
        return S.ScaleByPowerOfTwo(p, n);
    }

    /// <summary>
    /// 1 minus the standard normal distribution function, of t from 0 on, by 2^q(t): q is the polynomial of least error in t
    /// times the function, 7e-9, on [0, 6]; beyond, it falls on to where 2^q is 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NormalTail(V t, Four<V> high, Four<V> low)
    {
        var s = S.Multiply(t, t); // even and odd powers apart: half as long a chain of operations that wait for each other
        var even = S.Fma(S.Create(-1.690403110e-6f), s, S.Create(-1.144628768e-4f));
        var odd = S.Fma(S.Create(2.508333455e-5f), s, S.Create(-3.233414318e-4f));
        even = S.Fma(even, s, S.Create(7.333382964e-3f));
        odd = S.Fma(odd, s, S.Create(-5.271419883e-2f));
        even = S.Fma(even, s, S.Create(-4.591154456e-1f));
        odd = S.Fma(odd, s, S.Create(-1.151123285f));
        even = S.Fma(even, s, S.Create(-9.999988675e-1f));
        var q = S.Fma(odd, t, even);
        return Exp2Short(q, high, low);
    }
}
