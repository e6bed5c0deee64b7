namespace Aim.Models;

/// <summary>One decoding step in which upper layers see less of the prompt, as an <see cref="IDecodePruner"/> says.</summary>
internal sealed class DecodePruning
{
    private readonly IDecodePruner _pruner;
    private readonly KvCache _cache;

    // [b, length + 1] bool; null: everything is seen.
    private Tensor? _shown;

    public DecodePruning(IDecodePruner pruner, KvCache cache, int layers)
    {
        if (pruner.Layer < 1 || pruner.Layer >= layers)
        {
            throw new ArgumentException(
                $"hiding while decoding begins at layer {pruner.Layer}; of {layers} layers it can begin at 1 to {layers - 1}",
                nameof(pruner));
        }

        for (int l = pruner.Layer; l < layers; l++)
        {
            if (!cache.Visual(l).Zip(cache.Visual(l - 1), (a, b) => a.SequenceEqual(b)).All(same => same))
            {
                throw new ArgumentException(
                    $"visual tokens left the prompt before layer {l}; hide them while decoding or prune them, not both");
            }
        }

        (_pruner, _cache) = (pruner, cache);
    }

    /// <summary>What a layer sees in this step; null: all.</summary>
    public Tensor? Shown(int layer) => layer >= _pruner.Layer ? _shown : null;

    /// <summary>After a layer: where it is the one before the pruner's, asks what the layers above see.</summary>
    public void Look(int index, DecoderLayer layer, Tensor input, Tensor cos, Tensor sin)
    {
        if (index != _pruner.Layer - 1)
            return;
        using var scope = NewDisposeScope();
        using var overhead = FlopCounter.CountAsOverhead();
        var (keys, _, length, mask) = _cache.Next(index);
        var (query, _, _) = layer.Project(input, cos, sin);
        int n = length + 1;
        var attention = new float[_cache.Batch][];
        for (int b = 0; b < attention.Length; b++)
        {
            int first = mask.Start?[b] ?? 0;
            var all = AttentionRows.Mean(
                query.narrow(0, b, 1), keys.narrow(0, b, 1).narrow(2, first, n - first), null).data<float>();
            attention[b] = [.. _cache.Visual(index)[b].Select(row => all[row - first])];
        }

        int[]?[] visible = _pruner.Visible(attention);
        if (visible.All(v => v is null))
            return;
        var shown = new bool[_cache.Batch * n];
        Array.Fill(shown, true);
        for (int b = 0; b < visible.Length; b++)
        {
            if (visible[b] is not { } stays)
                continue;
            int[] rows = _cache.Visual(index)[b];
            foreach (int row in rows)
                shown[b * n + row] = false;
            foreach (int i in stays)
                shown[b * n + rows[i]] = true;
        }

        _shown = tensor(shown, [_cache.Batch, n]).to(input.device).MoveToOuterDisposeScope();
    }
}

/// <summary>Attention rows of single samples, averaged.</summary>
internal static class AttentionRows
{
    /// <summary>Softmax attention averaged over heads and looking tokens, [keys].</summary>
    /// <param name="query">[1, hq, r, d], rotated.</param>
    /// <param name="key">[1, hk, n, d], rotated.</param>
    /// <param name="hidden">r * n flags: what each looking token does not see; null: nothing.</param>
    public static Tensor Mean(Tensor query, Tensor key, bool[]? hidden)
    {
        using var scope = NewDisposeScope();
        long heads = key.shape[1], group = query.shape[1] / heads, rows = query.shape[2],
            count = key.shape[2], dim = query.shape[3];
        var keys = key.reshape(heads, count, dim);
        var scores = matmul(query.reshape(heads, group * rows, dim), keys.transpose(1, 2)).mul(1 / Math.Sqrt(dim));
        if (hidden is not null)
        {
            var mask = tensor(hidden, [1, rows, count]).to(query.device).repeat(1, group, 1);
            scores = scores.masked_fill(mask, double.NegativeInfinity);
        }

        return scores.softmax(-1).view(heads * group * rows, count).mean([0L]).cpu().MoveToOuterDisposeScope();
    }
}
