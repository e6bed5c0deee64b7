using Aim.Models;

namespace Aim.Parity;

/// <summary>
/// A method inside a tiny decoder: hidden states of the survivors after every layer, logits, and greedy decoding with per-layer
/// caches and positions.
/// </summary>
internal abstract class InsideCase(string name, CaseFile file) : ReductionCase("method", name, file)
{
    /// <summary>The method as the case sets it.</summary>
    protected abstract ITokenPruner Pruner { get; }

    /// <summary>Compares what the method chose.</summary>
    /// <param name="c">Takes the differences.</param>
    /// <param name="prefill">With hidden states recorded.</param>
    /// <param name="layout">The prompt.</param>
    /// <param name="looked">The scores that the method ranked by, stage by stage.</param>
    protected abstract void CompareChoice(
        Comparison c, PrefillResult prefill, PromptLayout layout, IReadOnlyList<float[]> looked);

    /// <inheritdoc/>
    protected sealed override void CompareCase(Comparison c)
    {
        using var decoder = new FixtureDecoder(Fixture);
        int[] boundaries = Fixture.Args.NeedInts("boundaries");
        if (boundaries.Length != 3)
            throw new BadFixtureException("boundaries must be three numbers");
        Limits.Check("n", boundaries[2], Limits.Tokens);
        var layout = PromptLayout.Span(boundaries[0], boundaries[1], boundaries[2]);
        var spy = new Spy(Pruner);
        using var prefill = decoder.Model.Prefill(Fixture.Tensor("in.embeds"), [layout], spy, record: PrefillRecording.Hidden);
        CompareChoice(c, prefill, layout, spy.Looked);
        Hidden(c, prefill, decoder.Model);
        c.Close("logits.last", prefill.Logits.Values(), Fixture.Floats("out.logits.last"), ToleranceOf("logits"));
        if (Fixture.Expects("logits.last_mask_variant"))
        {
            // Hiding what the method removes gives the same logits.
            using var masked = decoder.Model.Prefill(Fixture.Tensor("in.embeds"), [layout], Pruner, PruneMode.Mask);
            c.Close(
                "logits.last_mask_variant", masked.Logits.Values(),
                Fixture.Floats("out.logits.last_mask_variant"), ToleranceOf("logits"));
        }

        Decoding(c, decoder.Model, prefill);
    }

    // The case holds what every layer puts out; ours what every layer takes in and the final norm of the last one's output.
    private void Hidden(Comparison c, PrefillResult prefill, LanguageModel model)
    {
        int[] lengths = Fixture.Expected.NeedInts("hidden_lengths");
        c.Exact("hidden_lengths", prefill.TokensPerLayer[0], lengths);
        if (!prefill.TokensPerLayer[0].SequenceEqual(lengths))
            return;
        var flat = Fixture.Tensor("out.hidden_flat");
        for (int l = 0, from = 0; l < lengths.Length; from += lengths[l], l++)
        {
            var expected = flat.narrow(0, from, lengths[l]);
            bool last = l == lengths.Length - 1;
            if (!last && lengths[l + 1] != lengths[l])
            {
                // Of a layer whose output is pruned the survivors' rows are at hand, of which the case has those of all.
                int[] before = l == 0 ? [.. Enumerable.Range(0, lengths[0])] : prefill.Alive[l - 1][0];
                var at = prefill.Alive[l][0].Select(slot => (long)Array.IndexOf(before, slot)).ToArray();
                expected = expected.index_select(0, tensor(at));
            }

            var actual = prefill.Hidden![l + 1].squeeze(0);
            c.Close(
                $"hidden.{l}", actual.Values(), (last ? model.FinalNorm(expected) : expected).Values(), ToleranceOf("hidden"));
        }
    }

    private void Decoding(Comparison c, LanguageModel model, PrefillResult prefill)
    {
        int[] ids = Fixture.Expected.NeedInts("decode.ids");
        Limits.Check("the number of decode.ids", ids.Length, Limits.Steps);
        var logits = new List<float>();
        var chosen = new List<int>();
        var positions = new List<int>();
        var now = prefill.Logits;
        while (true)
        {
            float[] values = now.Values();
            logits.AddRange(values);
            chosen.Add(((ReadOnlySpan<float>)values).ArgMax());
            if (chosen.Count >= ids.Length)
                break;
            for (int l = 0; l < prefill.TokensPerLayer[0].Length; l++)
                positions.Add(prefill.Cache.NextPositionOf(l)[0]);

            // The case's id, not ours: one wrong choice is one difference.
            now = model.Decode(tensor((long[])[ids[chosen.Count - 1]]), prefill.Cache);
        }

        c.Close("decode.logits", logits.ToArray(), Fixture.Floats("out.decode.logits"), ToleranceOf("logits"));
        c.Exact("decode.ids", chosen, ids);
        if (Fixture.Expects("decode.positions_per_layer"))
        {
            var expected = Fixture.Expected.NeedArray("decode.positions_per_layer").EnumerateArray()
                .SelectMany(step => step.EnumerateArray().Select(p => p.GetInt32()));
            c.Exact("decode.positions_per_layer", positions, expected);
        }
    }

    /// <summary>Passes on what a pruner does and keeps the scores it was shown.</summary>
    private sealed class Spy(ITokenPruner pruner) : ITokenPruner
    {
        public List<float[]> Looked { get; } = [];

        public bool Renumbers => pruner.Renumbers;

        public int Kept(int layer, int visual, int text) => pruner.Kept(layer, visual, text);

        public int[][] Select(LayerContext context, int[] keep)
        {
            Looked.Add(pruner.Renumbers ? context.NextLayerLastTokenAttention()[0] : context.LastTokenAttention()[0]);
            return pruner.Select(context, keep);
        }
    }
}
