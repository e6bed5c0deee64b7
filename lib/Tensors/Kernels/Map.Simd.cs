using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    /// <summary>y = f(x); in and out may be the same. <paramref name="past"/>: y goes past the caches.</summary>
    public abstract void Map(UnaryFunction f, float* x, float* y, long count, bool past = false);

    /// <summary>z = f(x, y), likewise.</summary>
    public abstract void Map(BinaryFunction f, float* x, float* y, float* z, long count, bool past = false);

    /// <summary>y += alpha * x.</summary>
    public abstract void Axpy(float alpha, float* x, float* y, long count);

    /// <summary>For rows of gate and up [2 * inner] and dy [inner]: dGateUp.</summary>
    public abstract void SwigluBackwardRows(float* gateUp, float* dy, float* dGateUp, long rows, int inner);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    public override void Map(UnaryFunction f, float* x, float* y, long count, bool past)
    {
        if (past)
            Map<Past<V, S>>(f, x, y, count);
        else
            Map<Near<V, S>>(f, x, y, count);
        Streaming.Fence(past);
    }

    public override void Map(BinaryFunction f, float* x, float* y, float* z, long count, bool past)
    {
        if (past)
            Map<Past<V, S>>(f, x, y, z, count);
        else
            Map<Near<V, S>>(f, x, y, z, count);
        Streaming.Fence(past);
    }

    private static void Map<TStore>(UnaryFunction f, float* x, float* y, long count)
        where TStore : struct, IStore<V>
    {
        switch (f)
        {
            case UnaryFunction.Exp: Unary<ExpOp, TStore>(x, y, count); break;
            case UnaryFunction.Tanh: Unary<TanhOp, TStore>(x, y, count); break;
            case UnaryFunction.Erf: Unary<ErfOp, TStore>(x, y, count); break;
            case UnaryFunction.Sigmoid: Unary<SigmoidOp, TStore>(x, y, count); break;
            case UnaryFunction.Silu: Unary<SiluOp, TStore>(x, y, count); break;
            case UnaryFunction.GeluTanh: Unary<GeluTanhOp, TStore>(x, y, count); break;
            case UnaryFunction.GeluErf: Unary<GeluErfOp, TStore>(x, y, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(f), f, null);
        }
    }

    private static void Map<TStore>(BinaryFunction f, float* x, float* y, float* z, long count)
        where TStore : struct, IStore<V>
    {
        switch (f)
        {
            case BinaryFunction.Add: Binary<AddOp, TStore>(x, y, z, count); break;
            case BinaryFunction.Subtract: Binary<SubtractOp, TStore>(x, y, z, count); break;
            case BinaryFunction.Multiply: Binary<MultiplyOp, TStore>(x, y, z, count); break;
            case BinaryFunction.TanhSlope: Binary<TanhSlopeOp, TStore>(x, y, z, count); break;
            case BinaryFunction.SigmoidSlope: Binary<SigmoidSlopeOp, TStore>(x, y, z, count); break;
            case BinaryFunction.SiluSlope: Binary<SiluSlopeOp, TStore>(x, y, z, count); break;
            case BinaryFunction.GeluTanhSlope: Binary<GeluTanhSlopeOp, TStore>(x, y, z, count); break;
            case BinaryFunction.GeluErfSlope: Binary<GeluErfSlopeOp, TStore>(x, y, z, count); break;
            case BinaryFunction.SiluTimes: Binary<SiluTimesOp, TStore>(x, y, z, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(f), f, null);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Unary<TOp, TStore>(float* x, float* y, long count)
        where TOp : struct, IUnary<V>
        where TStore : struct, IStore<V>
    {
        var a = VectorMath<V, S>.Load(TOp.Coefficients);
        var b = VectorMath<V, S>.Load(TOp.Coefficients + 4);
        var c = VectorMath<V, S>.Load(TOp.Coefficients + 8);
        long i = 0;
        for (; i + 2 * S.Lanes <= count; i += 2 * S.Lanes)
        {
            var y0 = TOp.Apply(S.Load(x + i), a, b, c);
            var y1 = TOp.Apply(S.Load(x + i + S.Lanes), a, b, c);
            TStore.Store(y0, y + i);
            TStore.Store(y1, y + i + S.Lanes);
        }
        for (; i < count; i += S.Lanes)
        {
            var rest = (int)Math.Min(S.Lanes, count - i);
            S.StorePartial(TOp.Apply(S.LoadPartial(x + i, rest, 0), a, b, c), y + i, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Binary<TOp, TStore>(float* x, float* y, float* z, long count)
        where TOp : struct, IBinary<V>
        where TStore : struct, IStore<V>
    {
        var a = VectorMath<V, S>.Load(TOp.Coefficients);
        var b = VectorMath<V, S>.Load(TOp.Coefficients + 4);
        var c = VectorMath<V, S>.Load(TOp.Coefficients + 8);
        long i = 0;
        for (; i + 2 * S.Lanes <= count; i += 2 * S.Lanes)
        {
            var z0 = TOp.Apply(S.Load(x + i), S.Load(y + i), a, b, c);
            var z1 = TOp.Apply(S.Load(x + i + S.Lanes), S.Load(y + i + S.Lanes), a, b, c);
            TStore.Store(z0, z + i);
            TStore.Store(z1, z + i + S.Lanes);
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
