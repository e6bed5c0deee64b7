using Aim.Tensors.Kernels;
using static Aim.Tensors.torch.nn.functional;

namespace Aim.Tensors;

/// <summary>
/// What TorchSharp lacks, cannot express or would do slowly, as one kernel each. <see cref="FusedOpsReference"/> composes every
/// one of them from stock operations and is the definition; the tests hold the two equal, forward and backward.
/// </summary>
public static partial class FusedOps
{
    /// <summary><c>x / sqrt(mean(x²) + eps) * weight</c> over the last dimension: [.., dim], weight [dim].</summary>
    public static unsafe Tensor rms_norm(Tensor x, Tensor weight, double eps)
    {
        if (x.Rank == 0 || weight.Rank != 1 || weight._shape[0] != x._shape[^1])
            throw new TensorException($"rms_norm: weight of shape {Describe.Shape(weight._shape)} does not fit the last "
                + $"dimension of {Describe.Shape(x._shape)}");
        if (x.dtype != ScalarType.Float32 || weight.dtype != ScalarType.Float32)
            return FusedOpsReference.rms_norm(x, weight, eps);
        var dim = (int)x._shape[^1];
        var rows = dim == 0 ? 0 : x.numel() / dim;
        var (packed, w) = (Packed(x), Packed(weight));
        var y = Tensor.Empty(x._shape, ScalarType.Float32);
        var records = Autograd.Recording(x, weight);
        var rstd = records ? Tensor.Empty([rows], ScalarType.Float32) : null;
        Norm.RmsForward(packed.Floats, w.Floats, y.Floats, rstd is null ? null : rstd.Floats, rows, dim, eps);
        return records ? RecordRmsNorm(x, weight, new Saved(packed, x.GradientName), new Saved(w), new Saved(rstd!), y) : y;
    }

    private static unsafe Tensor RecordRmsNorm(Tensor x, Tensor weight, Saved sx, Saved sw, Saved sr, Tensor y) =>
        y.Record("RmsNorm", [x, weight], [sx, sw, sr], (n, g) =>
        {
            var dim = (int)g._shape[^1];
            var rows = sr.Value.numel();
            var dx = n.Needs(0) ? Tensor.Empty(g._shape, ScalarType.Float32) : null;
            var dw = n.Needs(1) ? Tensor.Empty([dim], ScalarType.Float32) : null;
            Norm.RmsBackward(Packed(g).Floats, sx.Value.Floats, sw.Value.Floats, sr.Value.Floats,
                dx is null ? null : dx.Floats, dw is null ? null : dw.Floats, rows, dim);
            AddEach(n, dx, dw);
        });

    /// <summary>
    /// Rotary positions, half-split as in Hugging Face: <c>x cos + rotate_half(x) sin</c>. x [b, h, n, d] of any strides (the
    /// result is laid out like it), cos and sin [n, d] or [b, n, d].
    /// </summary>
    public static unsafe Tensor rotary(Tensor x, Tensor cos, Tensor sin)
    {
        if (x.Rank != 4 || x._shape[3] % 2 != 0)
            throw new TensorException($"rotary: x must be [batch, heads, rows, even dim], got {Describe.Shape(x._shape)}");
        var (b, h, n, d) = ((int)x._shape[0], (int)x._shape[1], (int)x._shape[2], (int)x._shape[3]);
        CheckTable(cos, b, n, d);
        CheckTable(sin, b, n, d);
        var dense = Dense(x);
        var (c, s) = (Packed(cos), Packed(sin));
        var y = LaidOutLike(dense);
        var shape = new RotaryShape(b, h, n, d, Strides(dense), Strides(y), cos.Rank == 3 ? (long)n * d : 0);
        Rotary.Forward(shape, dense.Floats, c.Floats, s.Floats, y.Floats);
        return Autograd.Recording(x) ? RecordRotary(x, shape, new Saved(c), new Saved(s), y) : y;
    }

    private static void CheckTable(Tensor table, long b, long n, long d)
    {
        if (!Shapes.Same(table._shape, [n, d]) && !Shapes.Same(table._shape, [b, n, d]))
            throw new TensorException($"rotary: cos and sin must be [{n}, {d}] or [{b}, {n}, {d}], got "
                + $"{Describe.Shape(table._shape)}");
    }

    private static unsafe Tensor RecordRotary(Tensor x, RotaryShape shape, Saved sc, Saved ss, Tensor y) =>
        y.Record("Rotary", [x], [sc, ss], (node, g) =>
        {
            var dy = Dense(g);
            var dx = LaidOutLike(dy);
            Rotary.Backward(shape with { X = Strides(dx), Y = Strides(dy) }, dy.Floats, sc.Value.Floats, ss.Value.Floats,
                dx.Floats);
            node.Add(0, dx);
        });

    /// <summary><c>silu(gate) * up</c>: [.., 2 i] (gate, then up) -> [.., i].</summary>
    public static unsafe Tensor swiglu(Tensor gate_up)
    {
        if (gate_up.Rank == 0 || gate_up._shape[^1] % 2 != 0)
            throw new TensorException($"swiglu: the last dimension must be even (gate, then up), got "
                + $"{Describe.Shape(gate_up._shape)}");
        var inner = (int)gate_up._shape[^1] / 2;
        var rows = inner == 0 ? 0 : gate_up.numel() / (2 * inner);
        var packed = Packed(gate_up);
        var y = Tensor.Empty([.. gate_up._shape.AsSpan(0, gate_up.Rank - 1), inner], ScalarType.Float32);
        Activations.Swiglu(packed.Floats, y.Floats, rows, inner);
        return Autograd.Recording(gate_up) ? RecordSwiglu(gate_up, new Saved(packed, gate_up.GradientName), rows, inner, y) : y;
    }

    private static unsafe Tensor RecordSwiglu(Tensor gate_up, Saved saved, long rows, int inner, Tensor y) =>
        y.Record("Swiglu", [gate_up], [saved], (n, g) =>
        {
            var dx = Tensor.Empty(n.Next[0]!.Shape, ScalarType.Float32);
            Activations.SwigluBackward(saved.Value.Floats, Packed(g).Floats, dx.Floats, rows, inner);
            n.Add(0, dx);
        });

    /// <summary>
    /// Averages into a copy of <paramref name="input"/>: every position becomes the mean of its own value and all of
    /// <paramref name="src"/> that <paramref name="index"/> sends there (torch's scatter_reduce(mean, include_self)).
    /// </summary>
    public static unsafe Tensor scatter_mean(Tensor input, long dim, Tensor index, Tensor src)
    {
        if (!MovesRows(input, dim, index, src) || Autograd.Recording(input, src))
            return FusedOpsReference.scatter_mean(input, dim, index, src);
        var (batch, rows, sources) = ((int)input._shape[0], (int)input._shape[1], (int)src._shape[1]);
        var places = Packed(index.narrow(2, 0, 1));
        for (var i = 0; i < batch * sources; i++)
        {
            if ((ulong)((long*)places.Data)[i] >= (ulong)rows)
                return FusedOpsReference.scatter_mean(input, dim, index, src); // which says what is wrong
        }

        var x = Packed(src);
        var y = Tensor.Empty(input._shape, ScalarType.Float32);
        Copy.Run(input, y);
        ScatterMean.Rows(y.Floats, x.Floats, (long*)places.Data, batch, rows, sources, (int)input._shape[2]);
        return y;
    }

    /// <summary>Whether whole rows of [batch, rows, dim] move: one index for all of a row, as expanding it makes.</summary>
    private static bool MovesRows(Tensor input, long dim, Tensor index, Tensor src) =>
        input is { Rank: 3, dtype: ScalarType.Float32 } && src is { Rank: 3, dtype: ScalarType.Float32 }
        && index is { Rank: 3, dtype: ScalarType.Int64 } && dim is 1 or -2 && Shapes.Same(index._shape, src._shape)
        && input._shape[0] == src._shape[0] && input._shape[2] == src._shape[2] && src._shape[2] > 0 && src._shape[1] > 0
        && (index._strides[2] == 0 || index._shape[2] == 1);

    /// <summary>
    /// The tensor if its last dimension is contiguous and no memory repeats or lies between, else a contiguous copy.
    /// </summary>
    private static Tensor Dense(Tensor x)
    {
        if (x._strides[3] != 1)
            return Copy.Contiguous(x);

        // Each step finds the dimension that goes on where the ones found so far end.
        long step = 1;
        var left = 0;
        for (var d = 0; d < 4; d++)
            left += x._shape[d] > 1 ? 1 : 0;
        for (; left > 0; left--)
        {
            var next = -1;
            for (var d = 0; d < 4 && next < 0; d++)
                next = x._shape[d] > 1 && x._strides[d] == step ? d : -1;
            if (next < 0)
                return Copy.Contiguous(x);
            step *= x._shape[next];
        }

        return x;
    }

    /// <summary>New memory with the strides of a dense tensor.</summary>
    private static Tensor LaidOutLike(Tensor x)
    {
        var y = Tensor.Empty(x._shape, x.dtype);
        return Shapes.Same(y._strides, x._strides) ? y : y.Restride(x._shape, x._strides);
    }

    internal static HeadStrides Strides(Tensor x) => new(x._strides[0], x._strides[1], x._strides[2]);
}
