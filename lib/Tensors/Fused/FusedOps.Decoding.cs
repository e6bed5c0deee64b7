using Aim.Tensors.Kernels;

namespace Aim.Tensors;

public static unsafe partial class FusedOps
{
    /// <summary>
    /// One token of each sample through one decoder layer: hidden [b, 1, dim] -> the same. The token's key and value are written
    /// to row <paramref name="length"/> of the cache, keys and values [b, key heads, capacity, head dim], and it attends to all
    /// rows up to there. The same bits as <see cref="FusedOpsReference.decoder_step"/>, without a tensor for every step on the
    /// way; that is also what runs where gradients are recorded.
    /// </summary>
    /// <param name="hidden">The layer's input.</param>
    /// <param name="block">The layer's weights.</param>
    /// <param name="cos">[1, head dim] or [b, 1, head dim].</param>
    /// <param name="sin">As <paramref name="cos"/>.</param>
    /// <param name="keys">Rotated keys; row <paramref name="length"/> is written.</param>
    /// <param name="values">Values, likewise.</param>
    /// <param name="length">Rows of the cache that are filled, fewer than its capacity.</param>
    /// <param name="mask">Of length + 1 keys.</param>
    public static Tensor decoder_step(Tensor hidden, DecoderBlock block, Tensor cos, Tensor sin, Tensor keys, Tensor values,
        int length, AttentionMask mask)
    {
        if (Autograd.Enabled || !IsStep(hidden, block, cos, sin, keys, values, length))
            return FusedOpsReference.decoder_step(hidden, block, cos, sin, keys, values, length, mask);
        var step = new DecoderStep(block, (int)hidden._shape[0], (int)hidden._shape[2]);
        keys.BeforeInPlace();
        values.BeforeInPlace();
        var y = Tensor.Like(hidden);
        var start = CheckedStart("decoder_step", mask, step.Batch);
        var visible = CheckedVisible("decoder_step", mask, step.Batch, length + 1);
        var bias = CheckedBias("decoder_step", mask, step.Batch, length + 1);
        var memory = MemoryPool.Rent(step.Floats * sizeof(float), out var sizeClass);
        try
        {
            fixed (int* s = start)
            {
                step.Run((float*)memory, hidden.Floats, cos, sin, keys, values, length,
                    new StepMask(mask.Causal, s, visible is null ? null : visible.Data, bias is null ? null : bias.Floats),
                    y.Floats);
            }
        }
        finally
        {
            MemoryPool.Return(memory, sizeClass);
        }

        return y;
    }

    /// <summary>Whether all operands lie as the fused step reads them.</summary>
    private static bool IsStep(Tensor hidden, DecoderBlock block, Tensor cos, Tensor sin, Tensor keys, Tensor values, int length)
    {
        var (heads, keyHeads, d) = (block.Heads, block.KeyHeads, block.HeadDim);
        if (hidden.Rank != 3 || hidden._shape[1] != 1 || !hidden.IsContiguousFloat || d % 2 != 0 || heads % keyHeads != 0)
            return false;
        var (b, dim) = (hidden._shape[0], hidden._shape[2]);
        var qkv = Outputs(block.Qkv, dim);
        var gateUp = Outputs(block.GateUp, dim);
        return qkv == (heads + (2L * keyHeads)) * d && gateUp > 0 && gateUp % 2 == 0
            && Fits(block.Output, dim, (long)heads * d) && Fits(block.Down, dim, gateUp / 2)
            && IsRow(block.InputNorm, dim) && IsRow(block.PostNorm, dim) && HasBiases(block)
            && IsTable(cos) && IsTable(sin) && cos.Rank == sin.Rank
            && IsCache(keys) && IsCache(values);

        bool IsTable(Tensor t) => t.IsContiguousFloat && t.Rank is 2 or 3 && t._shape[^1] == d && t._shape[^2] == 1
            && (t.Rank == 2 || t._shape[0] == b);

        bool IsCache(Tensor t) => t is { Rank: 4, dtype: ScalarType.Float32 } && t._strides[3] == 1 && t._shape[0] == b
            && t._shape[1] == keyHeads && t._shape[2] > length && t._shape[3] == d;
    }

    private static bool IsRow(Tensor t, long n) => t.Rank == 1 && t._shape[0] == n && t.IsContiguousFloat;

    private static bool HasBiases(DecoderBlock block)
    {
        for (var i = 0; i < block.QkvBias?.Count; i++)
        {
            if (!IsRow(block.QkvBias[i], block.Qkv[i].Dimensions[0]))
                return false;
        }

        return true;
    }

    private static bool Fits(Weight weight, long outputs, long inputs) => weight.Dimensions is [var rows, var columns]
        && rows == outputs && columns == inputs && (!weight.IsTensor || weight.Tensor.IsContiguousFloat);

    /// <summary>Outputs of a product of several parts; -1 if one does not take <paramref name="inputs"/>.</summary>
    private static long Outputs(IReadOnlyList<Weight> parts, long inputs)
    {
        long sum = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            var rows = parts[i].Dimensions[0];
            if (!Fits(parts[i], rows, inputs))
                return -1;
            sum += rows;
        }

        return sum;
    }
}
