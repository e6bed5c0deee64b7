using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    /// <summary>y = f(x); in and out may be the same.</summary>
    public abstract void Map(UnaryFunction f, float* x, float* y, long count);

    /// <summary>z = f(x, y); in and out may be the same.</summary>
    public abstract void Map(BinaryFunction f, float* x, float* y, float* z, long count);

    /// <summary>y += alpha * x.</summary>
    public abstract void Axpy(float alpha, float* x, float* y, long count);

    /// <summary>For rows of gate and up [2 * inner] and dy [inner]: dGateUp.</summary>
    public abstract void SwigluBackwardRows(float* gateUp, float* dy, float* dGateUp, long rows, int inner);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    public override void Map(UnaryFunction f, float* x, float* y, long count)
    {
        switch (f)
        {
            case UnaryFunction.Exp: Unary<ExpOp>(x, y, count); break;
            case UnaryFunction.Tanh: Unary<TanhOp>(x, y, count); break;
            case UnaryFunction.Erf: Unary<ErfOp>(x, y, count); break;
            case UnaryFunction.Sigmoid: Unary<SigmoidOp>(x, y, count); break;
            case UnaryFunction.Silu: Unary<SiluOp>(x, y, count); break;
            case UnaryFunction.GeluTanh: Unary<GeluTanhOp>(x, y, count); break;
            case UnaryFunction.GeluErf: Unary<GeluErfOp>(x, y, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(f), f, null);
        }
    }

    public override void Map(BinaryFunction f, float* x, float* y, float* z, long count)
    {
        switch (f)
        {
            case BinaryFunction.Add: Binary<AddOp>(x, y, z, count); break;
            case BinaryFunction.Subtract: Binary<SubtractOp>(x, y, z, count); break;
            case BinaryFunction.Multiply: Binary<MultiplyOp>(x, y, z, count); break;
            case BinaryFunction.TanhSlope: Binary<TanhSlopeOp>(x, y, z, count); break;
            case BinaryFunction.SigmoidSlope: Binary<SigmoidSlopeOp>(x, y, z, count); break;
            case BinaryFunction.SiluSlope: Binary<SiluSlopeOp>(x, y, z, count); break;
            case BinaryFunction.GeluTanhSlope: Binary<GeluTanhSlopeOp>(x, y, z, count); break;
            case BinaryFunction.GeluErfSlope: Binary<GeluErfSlopeOp>(x, y, z, count); break;
            case BinaryFunction.SiluTimes: Binary<SiluTimesOp>(x, y, z, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(f), f, null);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Unary<TOp>(float* x, float* y, long count)
        where TOp : struct, IUnary<V>
    {
        var a = VectorMath<V, S>.Load(Constants.Exp);
        var b = VectorMath<V, S>.Load(Constants.Exp + 4);
        var c = VectorMath<V, S>.Load(Constants.Exp + 8);
        long i = 0;
        for (; i + 2 * S.Lanes <= count; i += 2 * S.Lanes)
        {
            var y0 = TOp.Apply(S.Load(x + i), a, b, c);
            var y1 = TOp.Apply(S.Load(x + i + S.Lanes), a, b, c);
            S.Store(y0, y + i);
            S.Store(y1, y + i + S.Lanes);
        }
        for (; i < count; i += S.Lanes)
        {
            var rest = (int)Math.Min(S.Lanes, count - i);
            S.StorePartial(TOp.Apply(S.LoadPartial(x + i, rest, 0), a, b, c), y + i, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Binary<TOp>(float* x, float* y, float* z, long count)
        where TOp : struct, IBinary<V>
    {
        var a = VectorMath<V, S>.Load(Constants.Exp);
        var b = VectorMath<V, S>.Load(Constants.Exp + 4);
        var c = VectorMath<V, S>.Load(Constants.Exp + 8);
        long i = 0;
        for (; i + 2 * S.Lanes <= count; i += 2 * S.Lanes)
        {
            var z0 = TOp.Apply(S.Load(x + i), S.Load(y + i), a, b, c);
            var z1 = TOp.Apply(S.Load(x + i + S.Lanes), S.Load(y + i + S.Lanes), a, b, c);
            S.Store(z0, z + i);
            S.Store(z1, z + i + S.Lanes);
        }
        for (; i < count; i += S.Lanes)
        {
            var rest = (int)Math.Min(S.Lanes, count - i);
            S.StorePartial(TOp.Apply(S.LoadPartial(x + i, rest, 0), S.LoadPartial(y + i, rest, 0), a, b, c), z + i, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Axpy(float alpha, float* x, float* y, long count)
    {
        var a = S.Create(alpha);
        long i = 0;
        for (; i + S.Lanes <= count; i += S.Lanes)
            S.Store(S.Fma(a, S.Load(x + i), S.Load(y + i)), y + i);
        if (i < count)
        {
            var rest = (int)(count - i);
            S.StorePartial(S.Fma(a, S.LoadPartial(x + i, rest, 0), S.LoadPartial(y + i, rest, 0)), y + i, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SwigluBackwardRows(float* gateUp, float* dy, float* dGateUp, long rows, int inner)
    {
        var a = VectorMath<V, S>.Load(Constants.Exp);
        var b = VectorMath<V, S>.Load(Constants.Exp + 4);
        var c = VectorMath<V, S>.Load(Constants.Exp + 8);
        for (long r = 0; r < rows; r++, gateUp += 2 * inner, dGateUp += 2 * inner, dy += inner)
        {
            var i = 0;
            for (; i + S.Lanes <= inner; i += S.Lanes)
            {
                var (dGate, dUp) = SwigluSlopes(S.Load(gateUp + i), S.Load(gateUp + inner + i), S.Load(dy + i), a, b, c);
                S.Store(dGate, dGateUp + i);
                S.Store(dUp, dGateUp + inner + i);
            }
            if (i < inner)
            {
                var rest = inner - i;
                var (dGate, dUp) = SwigluSlopes(
                    S.LoadPartial(gateUp + i, rest, 0), S.LoadPartial(gateUp + inner + i, rest, 0),
                    S.LoadPartial(dy + i, rest, 0), a, b, c);
                S.StorePartial(dGate, dGateUp + i, rest);
                S.StorePartial(dUp, dGateUp + inner + i, rest);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (V DGate, V DUp) SwigluSlopes(V gate, V up, V dy, Four<V> a, Four<V> b, Four<V> c)
    {
        var s = VectorMath<V, S>.Sigmoid(gate, a, b, c);
        return (S.Multiply(S.Multiply(dy, up), SiluSlopeOp.Slope(gate, s)), S.Multiply(dy, S.Multiply(gate, s)));
    }
}
