using Aim.Tensors.Kernels;
using static Aim.Tensors.torch.nn.functional;

namespace Aim.Tensors;

public static unsafe partial class FusedOps
{
    /// <summary>Elements of a weight that are widened at a time for a gradient (4 MB as float32).</summary>
    private const long WidenedBlock = 1 << 20;

    /// <summary>
    /// <c>x weightᵀ + bias</c>: [.., in] -> [.., out], weight [out, in], bias [out]. x is float32; the weight is read in the
    /// type it is kept in and widened on the way. A weight that is no tensor is frozen: x and bias get gradients, it does not.
    /// </summary>
    /// <exception cref="TensorException">The shapes or types do not fit.</exception>
    /// <exception cref="ObjectDisposedException">The weight's store was disposed.</exception>
    public static Tensor linear(Tensor x, Weight weight, Tensor? bias = null)
    {
        if (weight.IsTensor)
            return torch.nn.functional.linear(x, weight.Tensor, bias);
        CheckProduct(x, weight, bias);
        using var held = weight.Hold();
        var w = held.Matrix;
        var y = Tensor.Empty([.. x._shape.AsSpan(0, x.Rank - 1), w.Rows], ScalarType.Float32);
        Multiply(x, w, bias, y);
        return Autograd.Recording(x, bias) ? RecordLinear(x, weight, bias, y) : y;
    }

    /// <summary>Rows of a table: ids Int64 [..] -> [.., dim]. Tied embeddings share the <see cref="Weight"/>.</summary>
    /// <exception cref="TensorException">An id is not a row of the table.</exception>
    /// <exception cref="ObjectDisposedException">The weight's store was disposed.</exception>
    public static Tensor embedding(Tensor ids, Weight weight)
    {
        if (weight.IsTensor)
            return Embedding(ids, weight.Tensor);
        using var held = weight.Hold();
        var w = held.Matrix;
        var packed = Indexing.Checked(ids, w.Rows, "embedding", 0);
        var y = Tensor.Empty([.. ids._shape, w.Columns], ScalarType.Float32);
        EmbeddingTable.Gather(w, (long*)packed.Data, y.Floats, ids.numel());
        return y;
    }

    private static Tensor Embedding(Tensor ids, Tensor table)
    {
        var dim = (int)table._shape[1];
        var packed = Indexing.Checked(ids, table._shape[0], "embedding", 0);
        var y = Tensor.Empty([.. ids._shape, dim], ScalarType.Float32);
        EmbeddingTable.Gather(table.Floats, (long*)packed.Data, y.Floats, ids.numel(), dim);
        if (!Autograd.Recording(table))
            return y;
        var saved = new Saved(packed);
        return y.Record("Embedding", [table], [saved], (n, g) =>
        {
            if (!n.Needs(0))
                return;
            var target = n.Into(0, out var beta);
            if (beta == 0)
                target.zero_();
            EmbeddingTable.ScatterAdd(Packed(g).Floats, (long*)saved.Value.Data, target.Floats, saved.Value.numel(),
                target._shape[0], dim);
        });
    }

    private static void Multiply(Tensor x, in WeightMatrix w, Tensor? bias, Tensor y)
    {
        using var packedBias = bias is null || bias.is_contiguous() ? null : Copy.Contiguous(bias, register: false);
        var b = bias is null ? null : (packedBias ?? bias).Floats;
        var m = (int)(y.numel() / Math.Max(1, w.Rows));
        if (x.is_contiguous())
        {
            WeightGemm.Run(m, x.Floats, w.Columns, w, y.Floats, w.Rows, b);
            return;
        }

        using var rows = Matmul.Rows(x);
        using var packed = rows._strides[1] == 1 ? null : Copy.Contiguous(rows, register: false);
        var source = packed ?? rows;
        WeightGemm.Run(m, source.Floats, source._strides[0], w, y.Floats, w.Rows, b);
    }

    private static Tensor RecordLinear(Tensor x, Weight weight, Tensor? bias, Tensor y) =>
        y.Record("Linear", [x, bias], [], (n, g) =>
        {
            var dy = Matmul.Rows(g);
            if (n.Needs(0))
            {
                using var held = weight.Hold();
                var dx = Matmul.Rows(n.Into(0, out var beta));
                MultiplyBack(dy, held.Matrix, dx, beta);
            }

            if (n.Needs(1))
                n.Add(1, Reduce.Sum(dy, [0]));
        });

    /// <summary>
    /// dx [m, in] = dy [m, out] W + beta dx, blocks of W's rows widened in turn: blocks are cut by W's shape alone.
    /// </summary>
    private static void MultiplyBack(Tensor dy, WeightMatrix w, Tensor dx, float beta)
    {
        var block = (int)Math.Clamp(WidenedBlock / Math.Max(1, w.Columns), 1, Math.Max(1, w.Rows));
        var widened = (nint)Scratch.Get(Scratch.Widened, (long)block * w.Columns);
        for (var from = 0; from < w.Rows; from += block)
        {
            var (first, rows) = (from, Math.Min(block, w.Rows - from));
            Work.Rows(rows, w.Columns, (begin, end) =>
            {
                for (var i = begin; i < end; i++)
                    WeightGemm.Unpack(w, first + (int)i, (float*)widened + (i * w.Columns));
            });
            Gemm.Run((int)dy._shape[0], w.Columns, rows, 1, dy.Floats + (from * dy._strides[1]), dy._strides[0], dy._strides[1],
                (float*)widened, w.Columns, 1, from == 0 ? beta : 1, dx.Floats, dx._strides[0]);
        }
    }

    private static void CheckProduct(Tensor x, Weight weight, Tensor? bias)
    {
        var shape = weight.Dimensions;
        if (x.Rank == 0 || shape.Length != 2)
            throw new TensorException($"linear: input must be at least 1D and weight '{weight.Name}' 2D, got "
                + $"{Describe.Shape(x._shape)} and {Describe.Shape(shape)}");
        if (x._shape[^1] != shape[1])
        {
            throw new TensorException("mat1 and mat2 shapes cannot be multiplied "
                + $"({Shapes.Count(x._shape.AsSpan(0, x.Rank - 1))}x{x._shape[^1]} and {shape[1]}x{shape[0]})");
        }

        if (x.dtype != ScalarType.Float32)
            throw new TensorException($"linear: the input must be Float32 for weight '{weight.Name}', got {x.dtype}");
        if (bias is not null && (bias.Rank != 1 || bias._shape[0] != shape[0] || bias.dtype != ScalarType.Float32))
            throw new TensorException($"linear: the bias of weight '{weight.Name}' must be Float32 [{shape[0]}], got "
                + $"{bias.dtype} {Describe.Shape(bias._shape)}");
    }
}
