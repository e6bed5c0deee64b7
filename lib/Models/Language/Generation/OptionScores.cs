namespace Aim.Models;

/// <summary>How probable given answers are: sums of log-probabilities of their tokens, each given those before it.</summary>
public static class OptionScores
{
    /// <summary>
    /// Log-probabilities of options as continuations of their prompts. A prompt is prefilled once; all options of all prompts are
    /// then read side by side, a token a step, on copies of the cache; or, where copying would move more bytes, one after the
    /// other on the cache itself, those that differ in their last token alone as one.
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
            throw new ArgumentException($"options of {options.Count} prompts are given for {prefill.Cache.Batch}",
                nameof(options));
        Option[] all = [.. options.SelectMany((o, prompt) => o.Select(ids => (prompt, ids)))
            .Select((o, i) => new Option(i, o.prompt, o.ids))];
        foreach (var (_, _, ids) in all)
        {
            if (ids.Count == 0 || ids.Any(id => id < 0 || id >= model.Config.VocabSize))
            {
                throw new ArgumentException(
                    $"an option needs at least one token, and ids within the vocabulary of {model.Config.VocabSize}",
                        nameof(options));
            }
        }

        var sums = new double[all.Length];
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Add(sums, prefill.Logits, all.Select(o => (o.Sum, o.Prompt, o.Ids[0])));

        // Options of one token are decided.
        Option[] going = [.. all.Where(o => o.Ids.Count > 1)];
        if (going.Length > 0)
        {
            // Options that differ in their last token alone are one way to go on from their prompt.
            Option[][][] ways = [.. Enumerable.Range(0, options.Count).Select(prompt => going.Where(o => o.Prompt == prompt)
                .GroupBy(o => string.Join(' ', o.Ids.SkipLast(1))).Select(g => g.ToArray()).ToArray())];
            if (pruner is null && MovesLessInPlace(model, prefill.Cache, going, ways))
                ReadInPlace(model, prefill.Cache, ways, sums);
            else
                ReadSideBySide(model, prefill.Cache, going, pruner, sums);
        }

        int next = 0;
        return [.. options.Select(o => sums[next..(next += o.Count)])];
    }

    private static void ReadSideBySide(
        LanguageModel model, KvCache prompts, Option[] going, IDecodePruner? pruner, double[] sums)
    {
        using var cache = prompts.Select([.. going.Select(o => o.Prompt)]);
        int longest = going.Max(o => o.Ids.Count);
        for (int step = 1; step < longest; step++)
        {
            using var scope = NewDisposeScope();

            // An option that has ended repeats its last token; nobody looks at what follows.
            long[] ids = [.. going.Select(o => (long)o.Ids[Math.Min(step, o.Ids.Count) - 1])];
            var logits = model.Decode(tensor(ids, device: model.Device), cache, pruner);
            int at = step;
            Add(sums, logits, going.Select((o, row) => (Option: o, Row: row)).Where(r => r.Option.Ids.Count > at)
                .Select(r => (r.Option.Sum, r.Row, r.Option.Ids[at])));
        }
    }

    private static void ReadInPlace(LanguageModel model, KvCache cache, Option[][][] ways, double[] sums)
    {
        var mark = cache.Mark();
        foreach (var turn in Turns(ways))
        {
            for (int step = 1; step <= Steps(turn); step++)
            {
                using var scope = NewDisposeScope();

                // A prompt that has no way left reads anything.
                long[] ids = [.. turn.Select(w => w.Length == 0 ? 0L : w[0].Ids[Math.Min(step, w[0].Ids.Count - 1) - 1])];
                var logits = model.Decode(tensor(ids, device: model.Device), cache);
                int at = step;
                Add(sums, logits, turn.SelectMany(w => w).Where(o => o.Ids.Count > at).Select(o => (o.Sum, o.Prompt, o.Ids[at])));
            }

            cache.Rewind(mark);
        }
    }

    // Of every prompt one way a turn, empty where it has none left.
    private static IEnumerable<Option[][]> Turns(Option[][][] ways) => Enumerable.Range(0, ways.Max(w => w.Length))
        .Select(turn => ways.Select(w => turn < w.Length ? w[turn] : []).ToArray());

    private static int Steps(Option[][] turn) => turn.Max(w => w.Length == 0 ? 0 : w[0].Ids.Count - 1);

    // A copy of a cache is read, written (its pages touched for the first time) and read; a step reads weights and cache.
    private static bool MovesLessInPlace(LanguageModel model, KvCache cache, Option[] going, Option[][][] ways)
    {
        double copies = cache.Bytes * (going.Length / (double)cache.Batch), weights = model.ProductBytes;
        int steps = going.Max(o => o.Ids.Count) - 1;
        return Turns(ways).Sum(Steps) * (cache.Bytes + weights) < (2 * copies) + (steps * (copies + weights));
    }

    // Adds log softmax(logits[row])[id] to a sum.
    private static void Add(double[] sums, Tensor logits, IEnumerable<(int Sum, int Row, int Id)> wanted)
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

    private readonly record struct Option(int Sum, int Prompt, IReadOnlyList<int> Ids);
}
