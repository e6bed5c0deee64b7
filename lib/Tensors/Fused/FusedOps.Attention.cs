using Aim.Tensors.Kernels;

namespace Aim.Tensors;

public static partial class FusedOps
{
    /// <summary>
    /// <c>softmax(scale q kᵀ + bias) v</c> over the keys that the mask shows: q [b, hq, nq, d], k and v [b, hk, nk, d], hq a
    /// multiple of hk (query head h reads key head h / (hq / hk)) -> [b, hq, nq, d], laid out so that
    /// <c>.transpose(1, 2).reshape(b, nq, hq d)</c> copies nothing.
    /// </summary>
    /// <param name="scale">1 / sqrt(d) unless given.</param>
    public static unsafe Tensor attention(Tensor q, Tensor k, Tensor v, AttentionMask mask, double? scale = null)
    {
        CheckHeads("attention", q, k);
        if (!Shapes.Same(k._shape, v._shape))
            throw new TensorException($"attention: keys {Describe.Shape(k._shape)} and values {Describe.Shape(v._shape)} "
                + $"differ in shape");
        var (b, h, n, d) = (q._shape[0], q._shape[1], q._shape[2], q._shape[3]);
        var start = CheckedStart("attention", mask, b);
        var visible = CheckedVisible("attention", mask, b, k._shape[2]);
        var bias = CheckedBias("attention", mask, b, k._shape[2], scale);
        var (pq, pk, pv) = (LastContiguous(q), LastContiguous(k), LastContiguous(v));
        var y = Tensor.Empty([b, n, h, d], ScalarType.Float32).Restride([b, h, n, d], [n * h * d, d, h * d, 1]);
        var records = Autograd.Recording(q, k, v);
        var lse = records ? Tensor.Empty([b, h, n], ScalarType.Float32) : null;
        var shape = Shape(pq, pk, mask, scale) with { V = Strides(pv), O = Strides(y) };
        fixed (int* s = start)
        {
            Attention.Forward(shape, pq.Floats, pk.Floats, pv.Floats, y.Floats, lse is null ? null : lse.Floats, s,
                visible is null ? null : visible.Data, bias is null ? null : bias.Floats);
        }

        return records
            ? RecordAttention((q, k, v), (pq, pk, pv), shape, start, visible, bias, lse!, y)
            : y;
    }

    private static unsafe Tensor RecordAttention((Tensor Q, Tensor K, Tensor V) x, (Tensor Q, Tensor K, Tensor V) packed,
        AttentionShape shape, int[]? start, Tensor? visible, Tensor? bias, Tensor lse, Tensor y)
    {
        var (q, k, v) = x;
        var (sq, sk, sv) = (new Saved(packed.Q, q.GradientName), new Saved(packed.K, k.GradientName),
            new Saved(packed.V, v.GradientName));
        var (so, sl, sm) = (new Saved(y, "Attention"), new Saved(lse), visible is null ? null : new Saved(visible));
        var sb = bias is null ? null : new Saved(bias);
        return y.Record("Attention", [q, k, v], Tensor.Kept(sq, sk, sv, so, sl, sm, sb), (node, g) =>
        {
            // The kernel writes gradients with the strides of their operands: these must be dense for that.
            var (dq, dk, dv) = (Dense(sq.Value), Dense(sk.Value), Dense(sv.Value));
            var dy = SameStrides(g, so.Value);
            var back = shape with { Q = Strides(dq), K = Strides(dk), V = Strides(dv) };
            var (gq, gk, gv) = (LaidOutLike(dq), LaidOutLike(dk), LaidOutLike(dv));
            fixed (int* s = start)
            {
                Attention.Backward(back, dq.Floats, dk.Floats, dv.Floats, so.Value.Floats, sl.Value.Floats, dy.Floats,
                    gq.Floats, gk.Floats, gv.Floats, s, sm is null ? null : sm.Value.Data, sb is null ? null : sb.Value.Floats);
            }

            torch.nn.functional.AddEach(node, gq, gk, gv);
        });
    }

    /// <summary>
    /// Page Rank on each head's attention (adaptive inference paper, section 2.2), made one over the heads: q [b, hq, n, d],
    /// k [b, hk, n, d] -> [b, n]. Not differentiable. Under a causal mask one pass over the scores serves all iterations.
    /// </summary>
    /// <param name="tau">Temperature of the scores.</param>
    /// <param name="iterations">Power iterations from the uniform distribution.</param>
    /// <param name="damping">Share of mass spread evenly at each iteration.</param>
    /// <param name="streaming">
    /// Without a causal mask: compute scores anew at every iteration, in memory of O(n), instead of keeping one head's [n, n]:
    /// the same bits, later.
    /// </param>
    /// <param name="heads">What the heads' masses become.</param>
    public static unsafe Tensor importance(Tensor q, Tensor k, AttentionMask mask, double? scale = null, double tau = 0.1,
        int iterations = 5, double damping = 0, bool streaming = false,
        HeadAggregation heads = HeadAggregation.RootMeanSquare)
    {
        CheckHeads("importance", q, k);
        if (q._shape[2] != k._shape[2])
            throw new TensorException($"importance: needs as many queries as keys, got {Describe.Shape(q._shape)} and "
                + $"{Describe.Shape(k._shape)}");
        var start = CheckedStart("importance", mask, q._shape[0]);
        var visible = CheckedVisible("importance", mask, q._shape[0], k._shape[2]);
        var bias = CheckedBias("importance", mask, q._shape[0], k._shape[2], scale);
        var (pq, pk) = (LastContiguous(q), LastContiguous(k));
        var y = Tensor.Empty([q._shape[0], q._shape[2]], ScalarType.Float32);
        fixed (int* s = start)
        {
            Importance.PageRank(Shape(pq, pk, mask, scale), pq.Floats, pk.Floats, y.Floats, s, visible is null ? null
                : visible.Data,
                tau, iterations, damping, streaming, heads, bias is null ? null : bias.Floats);
        }

        return y;
    }

    private static AttentionShape Shape(Tensor q, Tensor k, AttentionMask mask, double? scale) => new()
    {
        Batch = (int)q._shape[0],
        QueryHeads = (int)q._shape[1],
        KeyHeads = (int)k._shape[1],
        Queries = (int)q._shape[2],
        Keys = (int)k._shape[2],
        HeadDim = (int)q._shape[3],
        Scale = (float)(scale ?? 1 / Math.Sqrt(q._shape[3])),
        Causal = mask.Causal,
        Q = Strides(q),
        K = Strides(k),
        V = Strides(k),
        O = Strides(q),
    };

    private static Tensor LastContiguous(Tensor x) => x._strides[3] == 1 ? x : Copy.Contiguous(x);

    private static Tensor SameStrides(Tensor x, Tensor model)
    {
        if (Shapes.Same(x._strides, model._strides))
            return x;
        var y = LaidOutLike(model);
        Copy.Run(x, y);
        return y;
    }

    private static void CheckHeads(string name, Tensor q, Tensor k)
    {
        if (q.Rank != 4 || k.Rank != 4 || q._shape[0] != k._shape[0] || q._shape[3] != k._shape[3] || k._shape[1] == 0
            || q._shape[1] % k._shape[1] != 0)
        {
            throw new TensorException($"{name}: queries [b, hq, nq, d] and keys [b, hk, nk, d] must agree in b and d, with hq "
                + $"a multiple of hk; "
                + $"got {Describe.Shape(q._shape)} and {Describe.Shape(k._shape)}");
        }

        if (q.dtype != ScalarType.Float32 || k.dtype != ScalarType.Float32)
            throw new TensorException($"{name}: queries and keys must be Float32, got {q.dtype} and {k.dtype}");
    }

    private static int[]? CheckedStart(string name, AttentionMask mask, long batch)
    {
        if (mask.Start is { } start && start.Length != batch)
            throw new TensorException($"{name}: Start has {start.Length} entries for a batch of {batch}");
        return mask.Start;
    }

    private static Tensor? CheckedVisible(string name, AttentionMask mask, long batch, long keys)
    {
        if (mask.KeyVisible is not { } visible)
            return null;
        return visible.dtype == ScalarType.Bool && Shapes.Same(visible._shape, [batch, keys])
            ? torch.nn.functional.Packed(visible)
            : throw new TensorException($"{name}: KeyVisible must be Bool [{batch}, {keys}], got {visible.dtype} "
                + $"{Describe.Shape(visible._shape)}");
    }

    private static Tensor? CheckedBias(string name, AttentionMask mask, long batch, long keys, double? scale = null)
    {
        if (mask.KeyBias is not { } bias)
            return null;
        if (bias.dtype != ScalarType.Float32 || !Shapes.Same(bias._shape, [batch, keys]))
        {
            throw new TensorException($"{name}: KeyBias must be Float32 [{batch}, {keys}], got {bias.dtype} "
                + $"{Describe.Shape(bias._shape)}");
        }

        if (Autograd.Recording(bias))
            throw new TensorException($"{name}: no gradient flows to KeyBias; detach it");
        return scale is null or > 0
            ? torch.nn.functional.Packed(bias)
            : throw new TensorException($"{name}: with KeyBias the scale must be above 0, not {scale}");
    }
}
