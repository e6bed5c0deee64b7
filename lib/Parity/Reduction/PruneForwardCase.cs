using Aim.Models;

namespace Aim.Parity;

/// <summary>
/// Pruning inside a whole (tiny, random) decoder: keep sets, importance, hidden states, logits and greedy decoding. Masking must
/// match <c>keep</c>, removing <c>removal.keep</c>.
/// </summary>
internal sealed class PruneForwardCase(string name, CaseFile file) : ReductionCase("prune-forward", name, file)
{
    protected override void CompareCase(Comparison c)
    {
        if (Fixture.Args.TextOrNull("arch") is { } arch && arch is not ("qwen2" or "llama" or "qwen2_vl"))
            throw new UnsupportedCaseException($"no decoder of kind {arch}");
        using var run = new PruneForwardRun(Fixture, c);
        using (var masked = run.Prefill(PruneMode.Mask))
            Masking(c, run, masked);
        if (!Fixture.Expects("removal.keep"))
            return;
        using var removed = run.Prefill(PruneMode.Remove);
        Removal(c, run, removed);
    }

    private void Masking(Comparison c, PruneForwardRun run, PrefillResult prefill)
    {
        Kept(c, run, prefill, "keep");
        c.Exact("keep_counts", prefill.Alive.Select(a => a[0].Length), Fixture.Expected.NeedInts("keep_counts"));
        c.Holds(prefill.TokensPerLayer[0].All(rows => rows == run.N), "masking must compute every row in every layer");
        if (Fixture.Expects("importance"))
            Importance(c, prefill, "importance");
        var hidden = ToleranceOf("hidden");
        if (Fixture.Expects("hidden"))
            c.Close("hidden", cat(prefill.Hidden!.ToArray(), 0).Values(), Fixture.Floats("out.hidden"), hidden);
        if (Fixture.Expects("hidden_after_layer_last"))
        {
            // The recording holds the final norm's output: the norm of what the case stores must be that.
            var expected = run.Model.FinalNorm(Fixture.Tensor("out.hidden_after_layer_last"));
            c.Close("hidden_after_layer_last", prefill.Hidden![^1].Values(), expected.Values(), hidden);
        }

        c.Close("logits.last", prefill.Logits.Values(), Fixture.Floats("out.logits.last"), ToleranceOf("logits"));
        if (Fixture.Expects("decode.ids"))
            Decoding(c, run, prefill, "decode");
    }

    private void Removal(Comparison c, PruneForwardRun run, PrefillResult prefill)
    {
        Kept(c, run, prefill, "removal.keep");
        Importance(c, prefill, "removal.importance");
        int[] kept = [.. prefill.Alive.Select(a => a[0].Length)];
        int[] counts = [run.N, .. kept[..^1]];
        c.Holds(prefill.TokensPerLayer[0].SequenceEqual(counts), "removal must compute the rows of survivors only");
        var cached = Enumerable.Range(0, run.Layers).Select(l => prefill.Cache.Count(l, 0));
        c.Holds(cached.SequenceEqual(counts), "removal must cache survivors only");
        Decoding(c, run, prefill, "removal");
    }

    private void Kept(Comparison c, PruneForwardRun run, PrefillResult prefill, string entry)
    {
        long[] actual = new long[run.Layers * run.N];
        for (int l = 0; l < run.Layers; l++)
        {
            foreach (int slot in prefill.Alive[l][0])
                actual[l * run.N + slot] = 1;
        }

        c.Exact(entry, actual, Fixture.Integers($"out.{entry}"));
    }

    private void Importance(Comparison c, PrefillResult prefill, string entry)
    {
        float[] scores = [.. prefill.Importance!.SelectMany(layer => layer[0])];
        c.Close(entry, scores, Fixture.Floats($"out.{entry}"), ToleranceOf("importance"));
    }

    private void Decoding(Comparison c, PruneForwardRun run, PrefillResult prefill, string entry)
    {
        var model = run.Model;
        int[] ids = Fixture.Expected.NeedInts($"{entry}.ids");
        Limits.Check($"the number of {entry}.ids", ids.Length, Limits.Steps);
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
            positions.Add(prefill.Cache.NextPosition[0]);

            // The case's id, not ours: one wrong choice is one difference.
            now = model.Decode(tensor((long[])[ids[chosen.Count - 1]]), prefill.Cache);
        }

        c.Close($"{entry}.logits", logits.ToArray(), Fixture.Floats($"out.{entry}.logits"), ToleranceOf("logits"));
        c.Exact($"{entry}.ids", chosen, ids);
        if (Fixture.Expects($"{entry}.positions"))
            c.Exact($"{entry}.positions", positions, Fixture.Expected.NeedInts($"{entry}.positions"));
    }
}
