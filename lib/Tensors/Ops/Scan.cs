using System.Numerics;

namespace Aim.Tensors;

/// <summary>Running sums and products; float32 ones run in double.</summary>
internal static unsafe class Scan
{
    internal static Tensor Run(Tensor x, int dim, bool product)
    {
        if (LowPrecision.Is(x.dtype))
        {
            using var scope = torch.NewDisposeScope();
            return LowPrecision.Rounded(Run(LowPrecision.Widened(x), dim, product), x.dtype);
        }

        x = x.detach().contiguous();
        var y = Tensor.Empty(x._shape, x.dtype);
        if (x.Rank == 0)
        {
            Copy.Run(x, y);
            return y;
        }

        var inner = Shapes.Count(x._shape.AsSpan(dim + 1));
        var length = x._shape[dim];
        var outer = Shapes.Count(x._shape.AsSpan(0, dim));
        switch (x.dtype)
        {
            case ScalarType.Float32: Lines<float, double>((float*)x.Data, (float*)y.Data, outer, length, inner, product); break;
            case ScalarType.Float64:
                Lines<double,
                double>((double*)x.Data, (double*)y.Data, outer, length, inner, product); break;
            case ScalarType.Int64: Lines<long, long>((long*)x.Data, (long*)y.Data, outer, length, inner, product); break;
            case ScalarType.Int32: Lines<int, int>((int*)x.Data, (int*)y.Data, outer, length, inner, product); break;
            default: Lines<byte, byte>(x.Data, y.Data, outer, length, inner, product); break;
        }

        return y;
    }

    /// <summary>
    /// Derivative of running products: every later product without this factor, so that zeros among the factors do no harm.
    /// </summary>
    internal static Tensor ProductBackward(Tensor x, Tensor gradient, int dim)
    {
        using var scope = torch.NewDisposeScope();
        Tensor Lines(Tensor t) => t.to(ScalarType.Float64).movedim(dim, -1).contiguous();
        var (lines, g) = (Lines(x), Lines(gradient));
        var y = Tensor.Empty(lines._shape, ScalarType.Float64);
        var length = lines._shape[^1];
        for (long line = 0; line < lines.numel(); line += length)
        {
            var (px, pg, py) = ((nint)lines.Data, (nint)g.Data, (nint)y.Data);
            for (long i = 0; i < length; i++)
            {
                double product = 1;
                double sum = 0;
                for (long j = 0; j < length; j++)
                {
                    product *= j == i ? 1 : ((double*)px)[line + j];
                    sum += j < i ? 0 : ((double*)pg)[line + j] * product;
                }

                ((double*)py)[line + i] = sum;
            }
        }

        return y.movedim(-1, dim).to(x.dtype).MoveToOuterDisposeScope();
    }

    private static void Lines<T, TSum>(T* x, T* y, long outer, long length, long inner, bool product)
        where T : unmanaged, INumber<T>
        where TSum : unmanaged, INumber<TSum>
    {
        for (long o = 0; o < outer; o++)
        {
            for (long i = 0; i < inner; i++)
            {
                var running = product ? TSum.One : TSum.Zero;
                for (long r = 0; r < length; r++)
                {
                    var at = (((o * length) + r) * inner) + i;
                    running = product ? running * TSum.CreateTruncating(x[at]) : running + TSum.CreateTruncating(x[at]);
                    y[at] = T.CreateTruncating(running);
                }
            }
        }
    }
}
