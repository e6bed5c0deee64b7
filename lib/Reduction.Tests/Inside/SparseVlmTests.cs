using Aim.Models;
using Aim.Models.Tests;

namespace Aim.Reduction.Tests.Inside;

public class SparseVlmTests
{
    [TestCase(96, 29, 3)] // 576 - 480
    [TestCase(80, 25, 3)]
    [TestCase(1, 1, 1)]
    [TestCase(2, 1, 1)]
    [TestCase(30, 10, 2)]
    public void CountsAreTheOfficialCodes(int dropped, int recycled, int clusters)
    {
        Assert.That(SparseVlmStage.RecycledOf(dropped), Is.EqualTo(recycled));
        Assert.That(SparseVlmStage.Clusters(dropped), Is.EqualTo(clusters));
    }

    [Test]
    public void MeansStandBehindTheSurvivorsAndAllIsCountedAnew()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        var layout = PromptLayout.Span(2, 62, 66);
        var spy = new Spy(new SparseVlmPruner([1], visual => [20]));
        using var prefill = decoder.Model.Prefill(decoder.Embeddings(66), [layout], spy, record: PrefillRecording.Hidden);

        // Of 40 dropped 13 are recycled as 2 means.
        int[] slots = prefill.Alive[1][0];
        Assert.That(prefill.TokensPerLayer[0], Is.EqualTo((int[])[66, 66, 28, 28]));
        Assert.That(slots[..2], Is.EqualTo((int[])[0, 1]));
        Assert.That(slots[2..22], Is.Ordered.And.All.InRange(2, 61));
        Assert.That(slots[22..], Is.EqualTo((int[])[66, 67, 62, 63, 64, 65]));
        Assert.That(prefill.Cache.NextPosition, Is.EqualTo((int[])[66]));
        Assert.That(Enumerable.Range(0, 4).Select(l => prefill.Cache.NextPositionOf(l)[0]), Is.EqualTo((int[])[66, 66, 28, 28]));

        var expected = cat(
            [spy.Hidden.index_select(0, Long(slots[..22])), spy.Made, spy.Hidden.narrow(0, 62, 4)], 0);
        Assert.That(TensorValues.Difference(prefill.Hidden![2].squeeze(0), expected), Is.Zero);
    }

    [Test]
    public void IdenticalTextRatesAsOne()
    {
        using var scope = NewDisposeScope();
        var visual = ones(5, 4);
        Assert.That(SparseVlmStage.Raters(visual, ones(3, 4)), Is.EqualTo((int[])[0, 1, 2]));
        Assert.That(
            SparseVlmStage.Raters(visual, tensor((float[])[0, 0, 0, 0, 2, 2, 2, 2, 0, 0, 0, 0], [3, 4])), Is.EqualTo((int[])[1]));
    }

    [Test]
    public void ClustersAreMeansOfTheirMembers()
    {
        using var scope = NewDisposeScope();
        // Three groups of three, the first the densest; the middle point of each is its centre.
        var tokens = tensor((float[])[20, 20.3f, 20.7f, 0, 0.1f, 0.25f, 10, 10.2f, 10.5f], [9, 1]);
        float[] means = SparseVlmStage.Means(tokens, 3).Values();
        Assert.That(means[0], Is.EqualTo(0.35f / 3).Within(1e-4f), "the densest first");
        Assert.That(means.Order().Skip(1), Is.EqualTo((float[])[30.7f / 3, 61f / 3]).Within(1e-3f));
    }

    private static Tensor Long(int[] values) => tensor(Array.ConvertAll(values, v => (long)v));

    private sealed class Spy(SparseVlmPruner pruner) : ITokenReplacer
    {
        public Tensor Hidden { get; private set; } = null!;

        public Tensor Made { get; private set; } = null!;

        public bool Renumbers => true;

        public int Kept(int layer, int visual, int text) => pruner.Kept(layer, visual, text);

        public int Added(int layer, int visual, int text) => pruner.Added(layer, visual, text);

        public int[][] Select(LayerContext context, int[] keep) => pruner.Select(context, keep);

        public Tensor[] Replace(LayerContext context, int[][] chosen, int[] added)
        {
            var made = pruner.Replace(context, chosen, added);
            Hidden = context.Hidden.squeeze(0).clone().DetachFromDisposeScope();
            Made = made[0].clone().DetachFromDisposeScope();
            return made;
        }
    }
}
