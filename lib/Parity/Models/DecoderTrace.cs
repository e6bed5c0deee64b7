using Aim.Models;

namespace Aim.Parity;

/// <summary>
/// A prompt's way through the decoder, by the paths that programs use (prefill, decoding with its cache, the forward without
/// one), and what lies between: the last layer's output and attention weights are computed anew from the layers' own inputs.
/// </summary>
internal sealed class DecoderTrace(LanguageModel model, Tensor embeds, IReadOnlyList<PromptLayout> layouts, int[] start)
{
    private readonly int[]? _padding = start.All(s => s == 0) ? null : start;
    private readonly int _layers = model.Config.NumHiddenLayers;

    /// <summary>Compares everything that a case stores of the decoder.</summary>
    public void Check(Comparison c, ModelExpectation expected, CaseFile file)
    {
        int batch = (int)embeds.shape[0], n = (int)embeds.shape[1];
        int[] at = Positions.Of(layouts, model.Rotary.Axes, n);
        if (file.Inputs.Has("position_ids"))
            Place(c, file, at);
        var (cos, sin) = model.Rotary.Tables(at, batch, n, embeds);
        expected.Check("lm.rope_cos", () => cos, 1);
        expected.Check("lm.rope_sin", () => sin, 1);

        using var prefill = Prefill(PrefillRecording.Hidden);
        var hidden = prefill.Hidden!;
        for (int l = 0; l < _layers - 1; l++)
        {
            int next = l + 1;
            expected.Check($"lm.layer.{l}", () => hidden[next], 1);
        }

        expected.Check($"lm.layer.{_layers - 1}", () => LastLayer(hidden[_layers - 1], cos, sin), 1);
        for (int l = 0; l < _layers; l++)
            Attention(expected, l, hidden[l], cos, sin);
        expected.Check("lm.norm", () => hidden[_layers], 1);
        Forward(expected, at);
        Greedy(c, expected, prefill, file);
    }

    /// <summary>The prompt's prefill.</summary>
    public PrefillResult Prefill(PrefillRecording record) => model.Prefill(embeds, layouts, record: record);

    /// <summary>The last layer's output, before the final norm, from its input.</summary>
    public Tensor LastLayer(Tensor input, Tensor cos, Tensor sin)
    {
        var (query, key, value) = model.Layers[_layers - 1].Project(input, cos, sin);
        return model.Layers[_layers - 1].Finish(input, FusedOps.attention(query, key, value, new AttentionMask(true, _padding)));
    }

    private void Place(Comparison c, CaseFile file, int[] at)
    {
        long[] expected = file.Integers("position_ids");
        int n = (int)embeds.shape[1];
        bool Real(int i) => i % n >= start[i / n % start.Length];
        c.Exact("position_ids", at.Select(p => (long)p).Where((_, i) => Real(i)), expected.Where((_, i) => Real(i)));
        if (!file.Inputs.Has("rope_deltas"))
            return;

        // The cache goes on at the tokens so far + delta.
        int Last(int b) => Enumerable.Range(0, at.Length).Where(i => Real(i) && i / n % start.Length == b).Max(i => at[i]);
        var deltas = start.Select((first, b) => (long)(Last(b) + 1 - (n - first)));
        c.Exact("rope_deltas", deltas, file.Integers("rope_deltas"));
    }

    // Weights of the layer's own queries and keys; the kernels never write them down.
    private void Attention(ModelExpectation expected, int l, Tensor input, Tensor cos, Tensor sin)
    {
        if (!expected.Has($"lm.attn.{l}") && !expected.Has($"lm.attn_mean.{l}") && !expected.Has($"lm.attn_last.{l}"))
            return;
        using var scope = NewDisposeScope();
        var (query, key, _) = model.Layers[l].Project(input, cos, sin);
        long batch = query.shape[0], heads = query.shape[1], n = query.shape[2], d = query.shape[3], groups = key.shape[1];
        var keys = key.unsqueeze(2).expand(batch, groups, heads / groups, n, d).reshape(batch, heads, n, d);
        var mask = new float[batch * n * n];
        for (long b = 0; b < batch; b++)
        {
            for (long i = 0; i < n; i++)
            {
                // A padded row sees itself, so that it is not empty; no one reads it.
                for (long j = 0; j < n; j++)
                    mask[(b * n + i) * n + j] = j == i || (j < i && j >= start[b]) ? 0 : float.NegativeInfinity;
            }
        }

        var scores = matmul(query, keys.transpose(2, 3)) * (1 / Math.Sqrt(d)) + tensor(mask, [batch, 1, n, n]).to(query.device);
        var weights = nn.functional.softmax(scores, -1);
        expected.Check($"lm.attn.{l}", () => weights, 2);
        expected.Check($"lm.attn_mean.{l}", () => weights.mean([1]), 1);
        expected.Check($"lm.attn_last.{l}", () => weights.select(2, n - 1));
    }

    private void Forward(ModelExpectation expected, int[] at)
    {
        using var scope = NewDisposeScope();
        long[] shape = [model.Rotary.Axes, embeds.shape[0], embeds.shape[1]];
        var positions = tensor(Array.ConvertAll(at, p => (long)p), shape);
        var hidden = model.Forward(embeds, model.Rotary.Axes > 1 ? positions : null, _padding);
        expected.Check("lm.norm", () => hidden, 1);
        expected.Check("logits_last", () => model.Logits(hidden.narrow(1, hidden.shape[1] - 2, 2)));
    }

    /// <summary>Greedy decoding: the chosen ids, what they were chosen from, and by how much.</summary>
    public void Greedy(Comparison c, ModelExpectation expected, PrefillResult prefill, CaseFile file)
    {
        if (!expected.Has("generated_ids"))
            return;
        long[] shape = file.Shape("generated_ids");
        Limits.Check("the number of generated_ids", shape[^1], Limits.Steps);
        int batch = layouts.Count, steps = (int)shape[^1];
        var ids = new long[batch * steps];
        var margins = new float[batch * steps];
        var norms = new List<Tensor>();
        var norm = prefill.Hidden![_layers].narrow(1, embeds.shape[1] - 1, 1);
        for (int step = 0; ; step++)
        {
            norms.Add(norm);
            float[] logits = model.Logits(norm).Values();
            for (int b = 0; b < batch; b++)
            {
                var row = logits.AsSpan(b * (logits.Length / batch), logits.Length / batch);
                int best = ((ReadOnlySpan<float>)row).ArgMax();
                float top = row[best];
                row[best] = float.NegativeInfinity;
                ids[b * steps + step] = best;
                margins[b * steps + step] = top - row[((ReadOnlySpan<float>)row).ArgMax()];
            }

            if (step == steps - 1)
                break;
            long[] chosen = [.. Enumerable.Range(0, batch).Select(b => ids[b * steps + step])];
            norm = model.DecodeHidden(tensor(chosen), prefill.Cache);
        }

        expected.Check("generated_ids", ids);
        if (expected.Has("first_tokens"))
        {
            long[][] first =
            [
                .. file.Expected.NeedArray("first_tokens").EnumerateArray()
                    .Select(row => row.EnumerateArray().Select(i => i.GetInt64()).ToArray()),
            ];
            var ours = first.SelectMany((row, b) => ids.Skip(b * steps).Take(Math.Min(row.Length, steps)));
            c.Exact("first_tokens", ours, first.SelectMany(row => row));
        }

        expected.Check("decode.margin", margins);
        expected.Check("decode.norm", () => cat(norms.ToArray(), 1));
        if (expected.Has("generated_ids_with_eos"))
            WithEnd(c, expected, file, steps);
    }

    // The run ends when every row has; finished rows go on with the pad token.
    private void WithEnd(Comparison c, ModelExpectation expected, CaseFile file, int steps)
    {
        var rule = file.Expected.Need("generated_with_eos");
        int end = rule.NeedInt("eos_token_id"), pad = rule.NeedInt("pad_token_id");
        using var prefill = Prefill(PrefillRecording.None);
        var settings = new GenerationSettings { MaxNewTokens = steps, EndIds = [end], PadId = pad };
        int[][] rows = Generation.Run(model, prefill, settings).Sequences;
        long[] stored = file.Shape("generated_ids_with_eos");
        c.Holds(stored[^1] == rows[0].Length, $"generated_ids_with_eos has {rows[0].Length} steps, expected {stored[^1]}");
        expected.Check("generated_ids_with_eos", rows.SelectMany(row => row).Select(id => (long)id));
    }
}
