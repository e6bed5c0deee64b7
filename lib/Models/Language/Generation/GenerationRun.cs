namespace Aim.Models;

/// <summary>
/// A generation under way. Between steps it keeps ids alone, and no tensors but the prefill's, so that whoever takes its tokens
/// may do so lazily.
/// </summary>
internal sealed class GenerationRun
{
    private readonly LanguageModel _model;
    private readonly PrefillResult _prefill;
    private readonly GenerationSettings _settings;
    private readonly IDecodePruner? _pruner;
    private readonly ulong[] _seeds;

    // Ids that a row's prompt and answer hold; null where no penalty asks for them.
    private readonly HashSet<int>[]? _seen;
    private readonly List<int>[] _emitted;
    private readonly FinishReason[] _finish;
    private readonly int[] _limits;
    private long[]? _newest;

    public GenerationRun(LanguageModel model, PrefillResult prefill, GenerationSettings settings, GenerationInputs? inputs)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prefill);
        ArgumentNullException.ThrowIfNull(settings);
        (_model, _prefill, _settings, _pruner) = (model, prefill, settings, inputs?.Pruner);
        int batch = prefill.Cache.Batch;
        if (inputs?.Seeds is { } seeds && seeds.Count != batch)
            throw new ArgumentException($"{seeds.Count} seeds are given for {batch} prompts", nameof(inputs));
        _seeds = inputs?.Seeds is { } own ? [.. own] : [.. Enumerable.Repeat(settings.Sampling?.Seed ?? 0, batch)];
        if (settings.RepetitionPenalty != 1)
        {
            if (inputs?.Prompts?.Count != batch)
                throw new ArgumentException($"a repetition penalty needs the ids of all {batch} prompts", nameof(inputs));
            _seen = [.. inputs.Prompts.Select(ids => ids.ToHashSet())];
        }

        _emitted = [.. Enumerable.Range(0, batch).Select(_ => new List<int>())];
        _limits = [.. prefill.Cache.NextPosition.Select(
            next => Math.Clamp(settings.ContextLimit - next ?? int.MaxValue, 0, settings.MaxNewTokens))];
        _finish = [.. _limits.Select(limit => limit == 0 ? FinishReason.Length : FinishReason.None)];
    }

    /// <summary>Whether every row has ended.</summary>
    public bool IsDone => !_finish.Contains(FinishReason.None);

    /// <summary>Computes the next token of every row that has not ended.</summary>
    public List<GeneratedToken> Step()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var logits = _newest is null
            ? _prefill.Logits
            : _model.Decode(tensor(_newest, device: _model.Device), _prefill.Cache, _pruner);
        long[] chosen = Choose(logits);
        var tokens = new List<GeneratedToken>();
        for (int b = 0; b < chosen.Length; b++)
        {
            if (_finish[b] != FinishReason.None)
            {
                chosen[b] = _settings.Pad;
                continue;
            }

            int id = (int)chosen[b];
            _emitted[b].Add(id);
            _seen?[b].Add(id);
            _finish[b] = _settings.EndIds.Contains(id) ? FinishReason.End
                : _emitted[b].Count == _limits[b] ? FinishReason.Length : FinishReason.None;
            tokens.Add(new GeneratedToken(b, _emitted[b].Count - 1, id, _finish[b]));
        }

        _newest = chosen;
        return tokens;
    }

    /// <summary>What all steps have given.</summary>
    public GenerationResult Result()
    {
        int steps = _emitted.Max(e => e.Count);
        return new GenerationResult
        {
            Answers = [.. _emitted.Select((e, b) => e.Take(e.Count - (_finish[b] == FinishReason.End ? 1 : 0)).ToArray())],
            Finish = [.. _finish],
            Sequences = [.. _emitted.Select(e => e.Concat(Enumerable.Repeat(_settings.Pad, steps - e.Count)).ToArray())],
        };
    }

    private long[] Choose(Tensor logits)
    {
        if (_seen is null && _settings.Sampling is null)
            return logits.argmax(-1).cpu().data<long>().ToArray();
        float[] values = logits.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        int batch = _emitted.Length, vocabulary = values.Length / batch;
        var chosen = new long[batch];
        for (int b = 0; b < batch; b++)
        {
            if (_finish[b] != FinishReason.None)
                continue;
            var row = values.AsSpan(b * vocabulary, vocabulary);
            if (_seen is not null)
                Penalize(row, _seen[b], (float)_settings.RepetitionPenalty);
            chosen[b] = _settings.Sampling is { } sampling
                ? sampling.Choose(row, SampleRandom.Uniform(_seeds[b], _emitted[b].Count))
                : FirstLargest(row);
        }

        return chosen;
    }

    private static void Penalize(Span<float> logits, HashSet<int> seen, float penalty)
    {
        foreach (int id in seen)
        {
            // Placeholders may lie beyond the embedding.
            if ((uint)id < (uint)logits.Length)
                logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
        }
    }

    private static int FirstLargest(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
                best = i;
        }

        return best;
    }
}
