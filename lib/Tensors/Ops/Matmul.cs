using Aim.Tensors.Kernels;

namespace Aim.Tensors;

/// <summary>Matrix products: float32 by the blocked kernel, straight from strided operands; other types by plain loops.</summary>
internal static unsafe class Matmul
{
    /// <summary>
    /// c = alpha a b + beta c (+ bias per column) for matrices; c's rows are contiguous, a and b have any strides.
    /// </summary>
    internal static void Run(Tensor a, Tensor b, Tensor c, float beta = 0, Tensor? bias = null)
    {
        var (m, k) = (a._shape[0], a._shape[1]);
        var n = b._shape[1];
        if (c.dtype == ScalarType.Float32)
        {
            Gemm.Run(Shapes.Int(m, "matmul"), Shapes.Int(n, "matmul"), Shapes.Int(k, "matmul"), 1, a.Floats, a._strides[0],
                a._strides[1], b.Floats, b._strides[0], b._strides[1], beta, c.Floats, m > 1 ? c._strides[0] : n,
                bias is null ? null : bias.Floats);
            return;
        }

        if (LowPrecision.Is(c.dtype))
        {
            using var scope = torch.NewDisposeScope();
            var wide = beta == 0 ? Tensor.Empty(c._shape, ScalarType.Float32) : LowPrecision.Widened(c);
            Run(LowPrecision.Widened(a), LowPrecision.Widened(b), wide, beta, bias is null ? null : LowPrecision.Widened(bias));
            Copy.Run(wide, c);
            return;
        }

        switch (c.dtype)
        {
            case ScalarType.Float64: Plain<double>(a, b, c, beta, bias); break;
            case ScalarType.Int64: Plain<long>(a, b, c, beta, bias); break;
            case ScalarType.Int32: Plain<int>(a, b, c, beta, bias); break;
            case ScalarType.Byte: Plain<byte>(a, b, c, beta, bias); break;
            default: throw new TensorException($"matrix products are not implemented for '{Describe.Dtype(c.dtype)}'");
        }
    }

    /// <summary>Products of [batch, m, k] and [batch, k, n] (any strides) into contiguous [batch, m, n].</summary>
    internal static void Batched(Tensor a, Tensor b, Tensor c)
    {
        if (c.dtype == ScalarType.Float32)
        {
            var (m, k, n) = (Shapes.Int(a._shape[1], "bmm"), Shapes.Int(a._shape[2], "bmm"), Shapes.Int(b._shape[2], "bmm"));
            Gemm.RunBatched(Shapes.Int(a._shape[0], "bmm"), m, n, k, 1, a.Floats, a._strides[0], a._strides[1], a._strides[2],
                b.Floats, b._strides[0], b._strides[1], b._strides[2], 0, c.Floats, c._strides[0], n, null);
            return;
        }

        if (LowPrecision.Is(c.dtype))
        {
            using var scope = torch.NewDisposeScope();
            var wide = Tensor.Empty(c._shape, ScalarType.Float32);
            Batched(LowPrecision.Widened(a), LowPrecision.Widened(b), wide);
            Copy.Run(wide, c);
            return;
        }

        for (long i = 0; i < a._shape[0]; i++)
            Run(a.select(0, i), b.select(0, i), c.select(0, i));
    }

    /// <summary>
    /// Reads [.., columns] as a matrix [rows, columns] without copying if its strides allow; the result has no autograd history.
    /// </summary>
    internal static Tensor Rows(Tensor x)
    {
        long[] shape = [Shapes.Count(x._shape.AsSpan(0, x.Rank - 1)), x._shape[^1]];
        if (Shapes.ViewStrides(x._shape, x._strides, shape) is { } strides)
            return x.Restride(shape, strides);
        return Copy.Contiguous(x).Restride(shape, [shape[1], 1]);
    }

    private static void Plain<T>(Tensor a, Tensor b, Tensor c, float beta, Tensor? bias)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var (pa, pb, pc) = ((nint)a.Data, (nint)b.Data, (nint)c.Data);
        var (m, k, n) = (a._shape[0], a._shape[1], b._shape[1]);
        for (long i = 0; i < m; i++)
        {
            for (long j = 0; j < n; j++)
            {
                var sum = T.Zero;
                for (long l = 0; l < k; l++)
                {
                    sum += ((T*)pa)[(i * a._strides[0]) + (l * a._strides[1])]
                        * ((T*)pb)[(l * b._strides[0]) + (j * b._strides[1])];
                }

                var to = (T*)pc + (i * c._strides[0]) + j;
                *to = sum + (beta != 0 ? *to : T.Zero) + (bias is null ? T.Zero : ((T*)bias.Data)[j]);
            }
        }
    }
}
