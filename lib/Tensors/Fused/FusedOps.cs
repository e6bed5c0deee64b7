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
        if (!records)
            return y;
        var (sx, sw, sr) = (new Saved(packed, x.GradientName), new Saved(w), new Saved(rstd!));
        return y.Record("RmsNorm", [x, weight], [sx, sw, sr], (n, g) =>
        {
            var dx = n.Needs(0) ? Tensor.Empty(g._shape, ScalarType.Float32) : null;
            var dw = n.Needs(1) ? Tensor.Empty([dim], ScalarType.Float32) : null;
            Norm.RmsBackward(Packed(g).Floats, sx.Value.Floats, sw.Value.Floats, sr.Value.Floats,
                dx is null ? null : dx.Floats, dw is null ? null : dw.Floats, rows, dim);
            AddEach(n, dx, dw);
        });
    }

    /// <summary>
    /// Rotary positions, half-split as in Hugging Face: <c>x cos + rotate_half(x) sin</c>. x [b, h, n, d] of any strides (the
    /// result is laid out like it), cos and sin [n, d] or [b, n, d].
    /// </summary>
    public static unsafe Tensor rotary(Tensor x, Tensor cos, Tensor sin)
    {
        if (x.Rank != 4 || x._shape[3] % 2 != 0)
            throw new TensorException($"rotary: x must be [batch, heads, rows, even dim], got {Describe.Shape(x._shape)}");
        var (b, h, n, d) = ((int)x._shape[0], (int)x._shape[1], (int)x._shape[2], (int)x._shape[3]);
        foreach (var table in new[] { cos, sin })
        {
            if (!Shapes.Same(table._shape, [n, d]) && !Shapes.Same(table._shape, [b, n, d]))
                throw new TensorException($"rotary: cos and sin must be [{n}, {d}] or [{b}, {n}, {d}], got "
                    + $"{Describe.Shape(table._shape)}");
        }

        var dense = Dense(x);
        var (c, s) = (Packed(cos), Packed(sin));
        var y = LaidOutLike(dense);
        var shape = new RotaryShape(b, h, n, d, Strides(dense), Strides(y), cos.Rank == 3 ? (long)n * d : 0);
        Rotary.Forward(shape, dense.Floats, c.Floats, s.Floats, y.Floats);
        if (!Autograd.Recording(x))
            return y;
        var (sc, ss) = (new Saved(c), new Saved(s));
        return y.Record("Rotary", [x], [sc, ss], (node, g) =>
        {
            var dy = Dense(g);
            var dx = LaidOutLike(dy);
            Rotary.Backward(shape with { X = Strides(dx), Y = Strides(dy) }, dy.Floats, sc.Value.Floats, ss.Value.Floats,
                dx.Floats);
            node.Add(0, dx);
        });
    }

    /// <summary><c>silu(gate) * up</c>: [.., 2 i] (gate, then up) -> [.., i].</summary>
    public static unsafe Tensor swiglu(Tensor gate_up)
    {
        if (gate_up.Rank == 0 || gate_up._shape[^1] % 2 != 0)
            throw new TensorException($"swiglu: the last dimension must be even (gate, then up), got "
                + $"{Describe.Shape(gate_up._shape)}");
        var inner = (int)gate_up._shape[^1] / 2;
        var rows = inner == 0 ? 0 : gate_up.numel() / (2 * inner);
        var packed = Packed(gate_up);
        var y = Tensor.Empty([.. gate_up._shape[..^1], inner], ScalarType.Float32);
        Activations.Swiglu(packed.Floats, y.Floats, rows, inner);
        if (!Autograd.Recording(gate_up))
            return y;
        var saved = new Saved(packed, gate_up.GradientName);
        return y.Record("Swiglu", [gate_up], [saved], (n, g) =>
        {
            var dx = Tensor.Empty(n.Next[0]!.Shape, ScalarType.Float32);
            Activations.SwigluBackward(saved.Value.Floats, Packed(g).Floats, dx.Floats, rows, inner);
            n.Add(0, dx);
        });
    }

    /// <summary>
    /// Averages into a copy of <paramref name="input"/>: every position becomes the mean of its own value and all of
    /// <paramref name="src"/> that <paramref name="index"/> sends there (torch's scatter_reduce(mean, include_self)).
    /// </summary>
    public static Tensor scatter_mean(Tensor input, long dim, Tensor index, Tensor src) =>
        FusedOpsReference.scatter_mean(input, dim, index, src);

    /// <summary>
    /// The tensor if its last dimension is contiguous and no memory repeats or lies between, else a contiguous copy.
    /// </summary>
    private static Tensor Dense(Tensor x)
    {
        if (x._strides[3] == 1)
        {
            var order = Enumerable.Range(0, 4).Where(d => x._shape[d] > 1).OrderByDescending(d => x._strides[d]).ToArray();
            long step = 1;
            var dense = true;
            for (var i = order.Length - 1; i >= 0; i--)
            {
                dense &= x._strides[order[i]] == step;
                step *= x._shape[order[i]];
            }

            if (dense)
                return x;
        }

        return Copy.Contiguous(x);
    }

    /// <summary>New memory with the strides of a dense tensor.</summary>
    private static Tensor LaidOutLike(Tensor x)
    {
        var y = Tensor.Empty(x._shape, x.dtype);
        return Shapes.Same(y._strides, x._strides) ? y : y.Restride(x._shape, x._strides);
    }

    private static HeadStrides Strides(Tensor x) => new(x._strides[0], x._strides[1], x._strides[2]);
}
