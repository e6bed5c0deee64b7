namespace Aim.Models;

/// <summary>How probable given answers are: sums of log-probabilities of their tokens, each given those before it.</summary>
public static class OptionScores
{
    /// <summary>
    /// Log-probabilities of options as continuations of their prompts. A prompt is prefilled once; all options of all prompts are
    /// then read side by side, a token a step.
    /// </summary>
    /// <param name="model">The decoder.</param>
    /// <param name="prefill">The prompts' prefill, pruned or not, from which nothing was generated; it is left as it is.</param>
    /// <param name="options">For each prompt its options' token ids, at least one a token long.</param>
    /// <param name="pruner">Hides prompt tokens from upper layers, step by step; null: nothing is hidden.</param>
    /// <returns>[prompt][option], natural logarithms; not divided by the options' lengths.</returns>
    /// <exception cref="ArgumentException">Prompts and options do not fit together, or an option is empty.</exception>
    public static double[][] LogProbabilities(
        LanguageModel model, PrefillResult prefill, IReadOnlyList<IReadOnlyList<IReadOnlyList<int>>> options,
        IDecodePruner? pruner = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prefill);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Count != prefill.Cache.Batch)
            throw new ArgumentException($"options of {options.Count} prompts are given for {prefill.Cache.Batch}", nameof(options));
        (int Prompt, IReadOnlyList<int> Ids)[] rows = [.. options.SelectMany((o, b) => o.Select(ids => (b, ids)))];
        foreach (var (_, ids) in rows)
        {
            if (ids.Count == 0 || ids.Any(id => id < 0 || id >= model.Config.VocabSize))
            {
                throw new ArgumentException(
                    $"an option needs at least one token, and ids within the vocabulary of {model.Config.VocabSize}", nameof(options));
            }
        }

        var sums = new double[rows.Length];
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Add(sums, prefill.Logits, [.. rows.Select((r, i) => (i, r.Prompt, r.Ids[0]))]);

        // Options of one token are decided; the others go on with copies of their prompt's cache.
        int[] going = [.. Enumerable.Range(0, rows.Length).Where(i => rows[i].Ids.Count > 1)];
        if (going.Length > 0)
        {
            using var cache = prefill.Cache.Select([.. going.Select(i => rows[i].Prompt)]);
            int longest = going.Max(i => rows[i].Ids.Count);
            for (int step = 1; step < longest; step++)
            {
                using var stepScope = NewDisposeScope();

                // An option that has ended repeats its last token; nobody looks at what follows.
                long[] ids = [.. going.Select(i => (long)rows[i].Ids[Math.Min(step, rows[i].Ids.Count) - 1])];
                var logits = model.Decode(tensor(ids, device: model.Device), cache, pruner);
                int at = step;
                Add(sums, logits, [.. going.Select((i, row) => (i, row)).Where(r => rows[r.i].Ids.Count > at)
                    .Select(r => (r.i, r.row, rows[r.i].Ids[at]))]);
            }
        }

        int next = 0;
        return [.. options.Select(o => sums[next..(next += o.Count)])];
    }

    // Adds log softmax(logits[row])[id] to a sum.
    private static void Add(double[] sums, Tensor logits, IReadOnlyList<(int Sum, int Row, int Id)> wanted)
    {
        float[] values = logits.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        int vocabulary = (int)logits.shape[1];
        foreach (var row in wanted.GroupBy(w => w.Row))
        {
            var scores = values.AsSpan(row.Key * vocabulary, vocabulary);
            double max = double.NegativeInfinity, total = 0;
            foreach (float score in scores)
                max = Math.Max(max, score);
            foreach (float score in scores)
                total += Math.Exp(score - max);
            foreach (var (sum, _, id) in row)
                sums[sum] += scores[id] - max - Math.Log(total);
        }
    }
}
