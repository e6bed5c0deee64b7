namespace Aim.Models.Tests;

/// <summary>Recorded attention against a softmax written out.</summary>
public class AttentionShareTests
{
    [Test]
    public void Shares_are_those_of_a_softmax_over_the_keys_that_are_seen()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2());
        var layout = PromptLayout.Span(2, 9, 13);
        var seen = new Looks();
        using var prefill = decoder.Model.Prefill(decoder.Embeddings(13), [layout], seen, record: PrefillRecording.Attention);
        Assert.That(prefill.Attention, Has.Count.EqualTo(decoder.Model.Config.NumHiddenLayers));
        for (int l = 0; l < seen.Layers.Count; l++)
        {
            var (query, key, slots) = seen.Layers[l];
            double Share(int slot) => VisualShare(query, key, slots, layout, slots.IndexOf(slot));
            Assert.That(prefill.Attention![l][0].Last, Is.EqualTo(Share(12)).Within(1e-5));
            Assert.That(prefill.Attention[l][0].Text, Is.EqualTo(new[] { 9, 10, 11, 12 }.Average(Share)).Within(1e-5));
        }
    }

    [Test]
    public void Where_no_visual_token_is_left_nothing_goes_to_them()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2());
        using var prefill = decoder.Model.Prefill(
            decoder.Embeddings(6), [PromptLayout.AllText(6)], record: PrefillRecording.Attention);
        Assert.That(prefill.Attention!.SelectMany(l => l).Select(s => s.Last), Is.All.Zero);
    }

    // Heads' mean of the softmax of one row, summed over visual slots.
    private static double VisualShare(Tensor query, Tensor key, List<int> slots, PromptLayout layout, int row)
    {
        long heads = query.shape[1], group = heads / key.shape[1], dim = query.shape[3];
        double share = 0;
        for (long h = 0; h < heads; h++)
        {
            var scores = new double[row + 1];
            for (int k = 0; k <= row; k++)
            {
                for (long d = 0; d < dim; d++)
                {
                    scores[k] += query[0, h, row, d].item<float>() * (double)key[0, h / group, k, d].item<float>()
                        / Math.Sqrt(dim);
                }
            }

            double[] weights = [.. scores.Select(s => Math.Exp(s - scores.Max()))];
            share += Enumerable.Range(0, row + 1).Where(k => layout.IsVisual[slots[k]]).Sum(k => weights[k])
                / weights.Sum() / heads;
        }

        return share;
    }

    /// <summary>Drops one visual token a layer and keeps what the layer showed.</summary>
    private sealed class Looks : ITokenPruner
    {
        public List<(Tensor Query, Tensor Key, List<int> Slots)> Layers { get; } = [];

        public int Kept(int layer, int visual, int text) => visual - layer - 1;

        public int[][] Select(LayerContext context, int[] keep)
        {
            int n = context.Layout[0].Length;
            var alive = Enumerable.Range(0, n)
                .Where(s => !context.Layout[0].IsVisual[s] || context.Candidates[0].Contains(s)).ToList();
            Layers.Add((context.Query.clone().DetachFromDisposeScope(), context.Key.clone().DetachFromDisposeScope(), alive));
            return [[.. Enumerable.Range(0, keep[0])]];
        }
    }
}
