using Aim.Models;

namespace Aim.Fusion.Tests;

/// <summary>
/// Aggregation, projection, fusion and generation on every real family that lib/Models has: nothing in this library knows which
/// one it works with.
/// </summary>
[TestFixtureSource(typeof(RealFamilies), nameof(RealFamilies.Names))]
public sealed class RealFamiliesTests(string name)
{
    private const string Query = " what is it?";

    private MultimodalFusionHost _host = null!;
    private DisposeScope _scope = null!;

    [SetUp]
    public void Open()
    {
        _scope = NewDisposeScope();
        _host = RealFamilies.Of(name);
    }

    [TearDown]
    public void Close() => _scope.Dispose();

    [Test]
    public void The_same_bits_alone_and_in_any_batch()
    {
        var all = RealFamilies.Demonstrations;
        foreach (var options in (AggregationOptions[])[new(), new(1, Norm: false), new(Positions: TextPositions.Reference)])
        {
            var alone = all.Select(d => Values.Bits(new Aggregator(_host, options).Aggregate([d])[0])).ToArray();
            foreach (int batch in (int[])[2, 3, 4])
            {
                var together = new Aggregator(_host, options) { Batch = batch }.Aggregate([.. all.Reverse()]);
                Assert.That(together.Reverse().Select(Values.Bits), Is.EqualTo(alone), $"{options}, batches of {batch}");
            }
        }
    }

    /// <summary>What transformers would call hidden states: the same prompt, run as any prompt is.</summary>
    [Test]
    public void Aggregates_are_the_states_of_an_ordinary_prefill()
    {
        var demonstration = RealFamilies.Demonstrations[1];
        var packed = InContextPrompt.Raw(_host, [demonstration], null, "");
        using var prefill = _host.Model.Language.Prefill(packed.Embeds.unsqueeze(0), [packed.Layout],
            record: PrefillRecording.Hidden);
        foreach (int layer in Enumerable.Range(0, _host.Layers + 1))
        {
            bool last = layer == _host.Layers;
            var aggregate = new Aggregator(_host, new AggregationOptions(layer, Norm: last)).Aggregate([demonstration])[0];
            long count = _host.Encode(demonstration.Text).Count;
            Assert.That(aggregate.shape, Is.EqualTo(new[] { count, _host.Dim }));
            var expected = prefill.Hidden![layer][0].narrow(0, packed.Length - count, count);
            double size = Values.Of(expected).Max(Math.Abs);
            Assert.That(Values.Of(aggregate - expected).Max(Math.Abs), Is.LessThan(1e-5 * Math.Max(1, size)), $"layer {layer}");
        }
    }

    /// <summary>Claim R4: the lengths of the texts, one picture, the query.</summary>
    [Test]
    public void A_fused_prompt_is_as_long_as_its_texts_and_one_picture()
    {
        var (demonstrations, picture) = (RealFamilies.Demonstrations, RealFamilies.Picture(9));
        int Visual(RgbImage? image)
        {
            if (image is null)
                return 0;
            using var visual = _host.Model.Pictures([image])[0];
            return visual.Tokens;
        }

        int texts = demonstrations.Sum(d => _host.Encode(d.Text).Count), query = _host.Encode(Query).Count;
        var fused = Fused(demonstrations, picture);
        Assert.That(fused.Length, Is.EqualTo(_host.Opening.Count + texts + Visual(picture) + query));
        Assert.That(fused.Layout.Visual, Is.EqualTo(Visual(picture)), "fused tokens are text");
        Assert.That(InContextPrompt.Raw(_host, demonstrations, picture, Query).Length,
            Is.EqualTo(fused.Length + demonstrations.Sum(d => Visual(d.Picture))));
        Assert.That(_host.Opening, Has.Count.EqualTo(name.StartsWith("tiny-llava-1.5", StringComparison.Ordinal)
            || name.StartsWith("tiny-llava-next", StringComparison.Ordinal) ? 1 : 0),
                "Llama and Mistral begin with a token of their own");
    }

    /// <summary>At the decoder's input nothing has been gathered: fused tokens are embeddings, and the answers are the text-only
    /// prompt's.</summary>
    [Test]
    public void Fused_at_layer_0_generates_what_the_text_alone_does()
    {
        var (demonstrations, picture) = (RealFamilies.Demonstrations, RealFamilies.Picture(9));
        var aggregates = new Aggregator(_host, new AggregationOptions(0, Norm: false)).Aggregate(demonstrations);
        var fused = InContextPrompt.Fused(_host, aggregates, picture, Query);
        var text = InContextPrompt.TextOnly(_host, demonstrations, picture, Query);
        Assert.That(Values.Bits(fused.Embeds), Is.EqualTo(Values.Bits(text.Embeds)));
        Assert.That(fused.Layout.Positions, Is.EqualTo(text.Layout.Positions), "fused tokens stand where the text would");
        Assert.That(Generate([fused])[0], Is.EqualTo(Generate([text])[0]).And.Not.Empty);
    }

    /// <summary>An untrained projection changes what stands in the prompt; prompts of one batch do not touch each
    /// other.</summary>
    [Test]
    public void Prompts_generate_the_same_alone_and_in_a_batch()
    {
        var demonstrations = RealFamilies.Demonstrations;
        PackedSequence[] prompts = [Fused(demonstrations, RealFamilies.Picture(9)),
            Fused(demonstrations[..1], RealFamilies.Picture(8)), Fused([], RealFamilies.Picture(7))];
        int[][] together = Generate(prompts);
        for (int i = 0; i < prompts.Length; i++)
            Assert.That(Generate([prompts[i]])[0], Is.EqualTo(together[i]), $"prompt {i}");
        var (with, without) = (Logits(prompts[0]), Logits(Fused(demonstrations, RealFamilies.Picture(9), projected: false)));
        Assert.That(with, Is.Not.EqualTo(without));
        Assert.That(with, Has.All.Matches<float>(float.IsFinite));
    }

    [Test]
    public void Retrieval_sees_with_the_familys_tower()
    {
        var demonstrations = RealFamilies.Demonstrations;
        var selector = new SimilaritySelector(_host, demonstrations);
        Assert.That(selector.Select(2, demonstrations[1].Picture, 1)[^1], Is.EqualTo(1), "a picture is most like itself");
    }

    private PackedSequence Fused(Demonstration[] demonstrations, RgbImage picture, bool projected = true)
    {
        using var projection = new FusionProjection(_host.Dim,
            new ProjectionOptions { Start = ProjectionStart.Random, Seed = 3 });
        var aggregates = new Aggregator(_host, new AggregationOptions()).Aggregate(demonstrations);
        return InContextPrompt.Fused(_host, [.. aggregates.Select(a => projected ? projection.Forward(a).detach() : a)],
            picture, Query);
    }

    private float[] Logits(PackedSequence prompt)
    {
        using var prefill = _host.Model.Language.Prefill(prompt.Embeds.unsqueeze(0), [prompt.Layout]);
        return Values.Of(prefill.Logits);
    }

    private int[][] Generate(IReadOnlyList<PackedSequence> prompts)
    {
        using var prefill = _host.Model.Language.Prefill(LanguageModel.PadLeft([.. prompts.Select(p => p.Embeds)]),
            [.. prompts.Select(p => p.Layout)]);
        return Generation.Greedy(_host.Model.Language, prefill, [], 5);
    }
}
