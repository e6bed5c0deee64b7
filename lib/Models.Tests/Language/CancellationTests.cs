namespace Aim.Models.Tests.Language;

/// <summary>What is cancelled while it runs ends before its next layer.</summary>
public sealed class CancellationTests
{
    [Test]
    public void A_prefill_ends_before_its_next_layer()
    {
        using var scope = NewDisposeScope();
        using var cancel = new CancellationTokenSource();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(8));
        var pruner = new Cancelling(cancel, at: 2);
        Assert.That(
            () => decoder.Model.Prefill(decoder.Embeddings(12), [PromptLayout.Span(2, 10, 12)], pruner, cancel: cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(pruner.Layers, Is.EqualTo((int[])[0, 1, 2]));
    }

    [Test]
    public void A_tower_ends_before_its_next_layer()
    {
        using var scope = NewDisposeScope();
        using var cancel = new CancellationTokenSource();
        using var model = Llava.Load(Fixture.PathOf("models", "tiny-llava-1.5"));
        var merger = new CancellingMerger(cancel, at: 1);
        int side = model.Config.Vision.ImageSize;
        Assert.That(
            () => model.VisionFeatures(zeros(1, 3, side, side), merger, cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(merger.Layers, Is.EqualTo((int[])[0, 1]));
    }

    [Test]
    public void Pictures_of_every_family_are_not_looked_at_once_cancelled()
    {
        foreach (string name in (string[])["tiny-llava-1.5", "tiny-llava-next-mistral", "tiny-llava-onevision", "tiny-qwen2-vl"])
        {
            using var scope = NewDisposeScope();
            using var model = MultimodalModel.Load(Fixture.PathOf("models", name));
            var picture = new RgbImage(60, 60, new byte[60 * 60 * 3]);
            using var visual = model.TakesVideos ? model.Video([picture, picture]) : model.Pictures([picture])[0];
            var cancelled = new CancellationToken(true);
            Assert.That(() => visual.Features(cancel: cancelled), Throws.InstanceOf<OperationCanceledException>(), name);
            long tokens = visual.Features().Sum(view => view.shape[0] * view.shape[1]) + visual.Newlines;
            Assert.That(tokens, Is.EqualTo(visual.Tokens), name);
        }
    }

    // Keeps one token less after every layer, so that it is asked at each.
    private sealed class Cancelling(CancellationTokenSource cancel, int at) : ITokenPruner
    {
        private int _layer;

        public List<int> Layers { get; } = [];

        public int Kept(int layer, int visual, int text) => Math.Max(0, visual - layer - 1);

        public int[][] Select(LayerContext context, int[] keep)
        {
            Layers.Add(_layer);
            if (_layer++ == at)
                cancel.Cancel();
            return [.. keep.Select(k => Enumerable.Range(0, k).ToArray())];
        }
    }

    private sealed class CancellingMerger(CancellationTokenSource cancel, int at) : ITowerMerger
    {
        public List<int> Layers { get; } = [];

        public Tensor Attend(Tensor query, Tensor key, Tensor value)
            => FusedOps.attention(query, key, value, new AttentionMask(Causal: false));

        public Tensor Merge(int layer, Tensor hidden, Tensor key)
        {
            Layers.Add(layer);
            if (layer == at)
                cancel.Cancel();
            return hidden.alias();
        }
    }
}
