using System.Numerics;
using System.Numerics.Tensors;

namespace Aim.Tensors;

/// <summary>An operation on pairs, given over spans and in the two forms that broadcasting needs.</summary>
internal interface IBinary
{
    static abstract void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T>;

    static virtual bool Commutes => false;
}

/// <summary>A test on pairs.</summary>
internal interface ICompare
{
    static abstract bool Run<T>(T a, T b)
        where T : unmanaged, INumber<T>;
}

/// <summary>A function of one floating-point number.</summary>
internal interface IUnary
{
    static abstract void Run(ReadOnlySpan<float> x, Span<float> y);

    static abstract double Run(double x);
}

/// <summary>The loops behind elementwise operations: broadcasting, types, pieces.</summary>
internal static unsafe class Elementwise
{
    internal static Tensor Binary<TOp>(Tensor a, Tensor b, ScalarType type, Tensor? output = null)
        where TOp : struct, IBinary
    {
        if (LowPrecision.Is(type))
        {
            using var scope = torch.NewDisposeScope();
            var wide = Binary<TOp>(LowPrecision.Operand(a, type), LowPrecision.Operand(b, type), ScalarType.Float32);
            return LowPrecision.Rounded(wide, type, output);
        }

        var y = output ?? Tensor.Empty(Shapes.Broadcast(a._shape, b._shape), type);
        a = Prepared(a, type);
        b = Prepared(b, type);
        if (type == ScalarType.Float32 && Short<TOp>(y, a, b))
            return y;
        var loop = new Loop(y._shape, y._strides, Shapes.BroadcastStrides(a._shape, a._strides, y._shape),
            Shapes.BroadcastStrides(b._shape, b._strides, y._shape));
        if (loop.InnerStride(1) > 1 || (loop.InnerStride(1) == 0 && loop.InnerStride(2) == 0 && loop.Inner > 1))
            return Binary<TOp>(a.expand(y._shape).contiguous(), b, type, y);
        if (loop.InnerStride(2) > 1)
            return Binary<TOp>(a, b.contiguous(), type, y);
        switch (type)
        {
            case ScalarType.Float32: Pairs<TOp, float>(loop, y.Data, a.Data, b.Data); break;
            case ScalarType.Float64: Pairs<TOp, double>(loop, y.Data, a.Data, b.Data); break;
            case ScalarType.Int64: Pairs<TOp, long>(loop, y.Data, a.Data, b.Data); break;
            case ScalarType.Int32: Pairs<TOp, int>(loop, y.Data, a.Data, b.Data); break;
            default: Pairs<TOp, byte>(loop, y.Data, a.Data, b.Data); break;
        }

        return y;
    }

    internal static Tensor Compare<TOp>(Tensor a, Tensor b, ScalarType type)
        where TOp : struct, ICompare
    {
        if (LowPrecision.Is(type))
        {
            using var scope = torch.NewDisposeScope();
            return Compare<TOp>(Prepared(a, type), Prepared(b, type), ScalarType.Float32).MoveToOuterDisposeScope();
        }

        var shape = Shapes.Broadcast(a._shape, b._shape);
        var y = Tensor.Empty(shape, ScalarType.Bool);
        a = Prepared(a, type);
        b = Prepared(b, type);
        var loop = new Loop(shape, y._strides, Shapes.BroadcastStrides(a._shape, a._strides, shape),
            Shapes.BroadcastStrides(b._shape, b._strides, shape));
        switch (type)
        {
            case ScalarType.Float32: Tests<TOp, float>(loop, y.Data, a.Data, b.Data); break;
            case ScalarType.Float64: Tests<TOp, double>(loop, y.Data, a.Data, b.Data); break;
            case ScalarType.Int64: Tests<TOp, long>(loop, y.Data, a.Data, b.Data); break;
            case ScalarType.Int32: Tests<TOp, int>(loop, y.Data, a.Data, b.Data); break;
            default: Tests<TOp, byte>(loop, y.Data, a.Data, b.Data); break;
        }

        return y;
    }

    /// <summary>Integers are computed in float32, as torch does.</summary>
    internal static Tensor Unary<TOp>(Tensor x, Tensor? output = null)
        where TOp : struct, IUnary
    {
        if (LowPrecision.Is(x.dtype))
        {
            using var scope = torch.NewDisposeScope();
            return LowPrecision.Rounded(Unary<TOp>(LowPrecision.Widened(x)), x.dtype, output);
        }

        if (!Dtypes.IsFloat(x.dtype))
            x = x.to(ScalarType.Float32);
        if (!x.is_contiguous())
            x = Copy.Contiguous(x);
        var y = output ?? Tensor.Empty(x._shape, x.dtype);
        var px = x.Data;
        var py = y.Data;
        if (x.dtype == ScalarType.Float32)
        {
            Work.For(x.numel(), Work.Chunk, (begin, end) => TOp.Run(
                new ReadOnlySpan<float>((float*)px + begin, (int)(end - begin)),
                new Span<float>((float*)py + begin, (int)(end - begin))));
        }
        else
        {
            Work.For(x.numel(), Work.Chunk, (begin, end) =>
            {
                for (var i = begin; i < end; i++)
                    ((double*)py)[i] = TOp.Run(((double*)px)[i]);
            });
        }

        return y;
    }

    /// <summary><c>target += addend</c>, target contiguous; no autograd.</summary>
    internal static void AddInPlace(Tensor target, Tensor addend) => Binary<Add>(target, addend, target.dtype, target);

    internal static Tensor Sum(Tensor a, Tensor b)
    {
        var y = Tensor.Empty(a._shape, a.dtype, register: false);
        return Binary<Add>(a, b, a.dtype, y);
    }

    private static Tensor Prepared(Tensor x, ScalarType type) => x.dtype == type ? x : x.detach().to(type);

    /// <summary>Operands of one shape that are one piece of work: no loop to set up. False if they are not.</summary>
    private static bool Short<TOp>(Tensor y, Tensor a, Tensor b)
        where TOp : struct, IBinary
    {
        var n = y.numel();
        if (n > Work.Chunk || !Shapes.Same(a._shape, y._shape) || !Shapes.Same(b._shape, y._shape)
            || !y.is_contiguous() || !a.is_contiguous() || !b.is_contiguous())
        {
            return false;
        }

        TOp.Run(new ReadOnlySpan<float>(a.Floats, (int)n), new ReadOnlySpan<float>(b.Floats, (int)n),
            new Span<float>(y.Floats, (int)n));
        return true;
    }

    private static void Pairs<TOp, T>(Loop loop, byte* y, byte* a, byte* b)
        where TOp : struct, IBinary
        where T : unmanaged, INumber<T>
    {
        var (sa, sb) = (loop.InnerStride(1), loop.InnerStride(2));
        var one = loop.Inner == 1;
        loop.Run((oy, oa, ob, begin, end) =>
        {
            var n = (int)(end - begin);
            var to = new Span<T>((T*)y + oy + begin, n);
            var pa = (T*)a + oa;
            var pb = (T*)b + ob;
            if ((sa == 1 && sb == 1) || one)
            {
                TOp.Run(new ReadOnlySpan<T>(pa + begin, n), new ReadOnlySpan<T>(pb + begin, n), to);
                return;
            }

            // One side is a single value: spread it over a small buffer that stays in the first-level cache.
            const int Width = 1024;
            var buffer = stackalloc T[Math.Min(n, Width)];
            new Span<T>(buffer, Math.Min(n, Width)).Fill(sa == 0 ? *pa : *pb);
            for (var i = 0; i < n; i += Width)
            {
                var m = Math.Min(Width, n - i);
                var spread = new ReadOnlySpan<T>(buffer, m);
                if (sa == 0)
                    TOp.Run(spread, new ReadOnlySpan<T>(pb + begin + i, m), to.Slice(i, m));
                else
                    TOp.Run(new ReadOnlySpan<T>(pa + begin + i, m), spread, to.Slice(i, m));
            }
        });
    }

    private static void Tests<TOp, T>(Loop loop, byte* y, byte* a, byte* b)
        where TOp : struct, ICompare
        where T : unmanaged, INumber<T>
    {
        var (sa, sb) = (loop.InnerStride(1), loop.InnerStride(2));
        loop.Run((oy, oa, ob, begin, end) =>
        {
            for (var i = begin; i < end; i++)
                y[oy + i] = TOp.Run(((T*)a)[oa + (i * sa)], ((T*)b)[ob + (i * sb)]) ? (byte)1 : (byte)0;
        });
    }

    internal readonly struct Add : IBinary
    {
        public static void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
            where T : unmanaged, INumber<T> => TensorPrimitives.Add(a, b, y);
    }

    internal readonly struct Subtract : IBinary
    {
        public static void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
            where T : unmanaged, INumber<T> => TensorPrimitives.Subtract(a, b, y);
    }

    internal readonly struct Multiply : IBinary
    {
        public static void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
            where T : unmanaged, INumber<T> => TensorPrimitives.Multiply(a, b, y);
    }

    internal readonly struct Divide : IBinary
    {
        public static void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
            where T : unmanaged, INumber<T> => TensorPrimitives.Divide(a, b, y);
    }
}
