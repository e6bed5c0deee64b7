namespace Aim.Models;

/// <content>Going on from a cache with several tokens at once: what serves queries that share a beginning.</content>
public sealed partial class LanguageModel
{
    /// <summary>
    /// Runs what follows the prompts that a cache holds, as one prefill over both would: prompts that begin alike (with the same
    /// demonstrations, say) share the reading of their beginning. Nothing is pruned here; what was pruned of the beginning stays
    /// so.
    /// </summary>
    /// <param name="embeds">[b, n, dim]: as many tokens for each sample, none of them padding.</param>
    /// <param name="layout">Which of the n slots are visual, and where they stand among themselves; positions go on from the
    /// cache's.</param>
    /// <param name="cache">Grows by n rows a layer; <see cref="KvCache.Mark"/> and <see cref="KvCache.Rewind"/> take them off
    /// again.</param>
    /// <returns>Logits [b, vocabulary] of each sample's last token.</returns>
    /// <exception cref="ArgumentException">The cache has another batch, or the layouts do not fit the embeddings.</exception>
    public Tensor Extend(Tensor embeds, IReadOnlyList<PromptLayout> layout, KvCache cache)
    {
        ArgumentNullException.ThrowIfNull(embeds);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(cache);
        if (embeds.shape is not [var b, var rows, var dim] || dim != Config.HiddenSize || b != cache.Batch)
        {
            throw new ArgumentException(
                $"a cache of {cache.Batch} samples is extended by [{cache.Batch}, n, {Config.HiddenSize}], not "
                    + $"[{string.Join(", ", embeds.shape)}]",
                nameof(embeds));
        }

        int n = (int)rows, batch = cache.Batch;
        if (layout.Count != batch || layout.Any(l => l.Length != n))
            throw new ArgumentException($"{batch} layouts of {n} tokens each are needed", nameof(layout));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        int[] among = Positions.Of(layout, _rotary.Axes, n);
        var hidden = embeds;
        Tensor cos = null!, sin = null!;
        for (int i = 0; i < _layers.Length; i++)
        {
            using var layerScope = NewDisposeScope();
            if (i == 0 || !ReferenceEquals(cache.Shift(i), cache.Shift(i - 1)))
            {
                int[] first = cache.PositionsOf(i);
                (cos, sin) = _rotary.Tables([.. among.Select((p, at) => p + first[at / n % batch])], batch, n, embeds);
                cos.MoveToOuterDisposeScope();
                sin.MoveToOuterDisposeScope();
            }

            var (query, key, value) = _layers[i].Project(hidden, cos, sin);
            var (keys, values, mask) = cache.Append(i, key, value);
            hidden = _layers[i].Finish(hidden, FusedOps.attention(query, keys, values, mask)).MoveToOuterDisposeScope();
        }

        int[] taken = [.. Enumerable.Range(0, batch).Select(item =>
            Enumerable.Range(0, among.Length).Where(at => at / n % batch == item).Max(at => among[at]) + 1)];
        cache.Advance(n, taken, layout);
        return Logits(FinalNorm(hidden.narrow(1, n - 1, 1))).squeeze(1).MoveToOuterDisposeScope();
    }
}
