namespace Aim.Models;

/// <summary>Greedy generation from a prefill.</summary>
public static class Generation
{
    /// <summary>
    /// Takes the most probable token again and again until every sample has met an end token or the limit. Finished samples
    /// ride along as padding; what they emit is dropped.
    /// </summary>
    /// <param name="model">The decoder.</param>
    /// <param name="prefill">Its prefill; the cache grows.</param>
    /// <param name="endIds">Ids that end an answer (there may be several), not part of it.</param>
    /// <param name="maxNewTokens">Most tokens of an answer, the end token not counted.</param>
    /// <param name="pruner">Hides prompt tokens from upper layers, step by step; null: nothing is hidden.</param>
    /// <returns>Each sample's new ids, without the end token.</returns>
    public static int[][] Greedy(
        LanguageModel model, PrefillResult prefill, IReadOnlyCollection<int> endIds, int maxNewTokens, IDecodePruner? pruner = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prefill);
        ArgumentNullException.ThrowIfNull(endIds);
        ArgumentOutOfRangeException.ThrowIfNegative(maxNewTokens);
        int batch = prefill.Cache.Batch;
        var answers = Enumerable.Range(0, batch).Select(_ => new List<int>()).ToArray();
        var finished = new bool[batch];
        using var scope = NewDisposeScope();
        var ids = prefill.Logits.argmax(-1);
        for (int step = 0; step < maxNewTokens; step++)
        {
            using var stepScope = NewDisposeScope();
            var next = ids.cpu().data<long>();
            for (int b = 0; b < batch; b++)
            {
                finished[b] |= endIds.Contains((int)next[b]);
                if (!finished[b])
                    answers[b].Add((int)next[b]);
            }

            if (step == maxNewTokens - 1 || finished.All(f => f))
                break;
            var last = ids;
            ids = model.Decode(last, prefill.Cache, pruner).argmax(-1).MoveToOuterDisposeScope();
            last.Dispose();
        }

        return [.. answers.Select(a => a.ToArray())];
    }
}
