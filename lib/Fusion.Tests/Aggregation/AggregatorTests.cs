using Aim.Datasets;
using Aim.Models;
using static Aim.Fusion.Tests.LabHosts;

namespace Aim.Fusion.Tests;

public sealed class AggregatorTests
{
    private DisposeScope _scope = null!;

    [SetUp]
    public void Open() => _scope = NewDisposeScope();

    [TearDown]
    public void Close() => _scope.Dispose();

    [TestCaseSource(typeof(LabHosts), nameof(Kinds))]
    public void As_many_states_as_the_text_has_tokens(LabModelKind kind)
    {
        var aggregator = new Aggregator(Of(kind), new AggregationOptions());
        var demonstration = Demonstration(1, " which answer? gipu.\n");
        var aggregate = aggregator.Aggregate([demonstration])[0];
        int tokens = Of(kind).Encode(demonstration.Text).Count;
        Assert.That(aggregate.shape, Is.EqualTo(new long[] { tokens, Of(kind).Dim }));
        Assert.That(aggregator.TokensOf(demonstration), Is.EqualTo(tokens));
    }

    [TestCaseSource(typeof(LabHosts), nameof(Kinds))]
    public void The_same_bits_alone_and_in_any_batch(LabModelKind kind)
    {
        Demonstration[] all =
        [
            Demonstration(1), Demonstration(2, " it is: kiko,\n", ""), new(null, ":", " mibo"),
                Demonstration(3, string.Concat(Enumerable.Repeat(" dog key", 20))),
            new(null, "", " dog"), Demonstration(4),
        ];
        foreach (int layer in (int[])[0, 3, Of(kind).Layers])
        {
            var options = new AggregationOptions(layer);
            var alone = all.Select(d => Values.Bits(new Aggregator(Of(kind), options).Aggregate([d])[0])).ToArray();
            foreach (int batch in (int[])[2, 3, 6])
            {
                var together = new Aggregator(Of(kind), options) { Batch = batch }.Aggregate([.. all.Reverse()]);
                Assert.That(together.Reverse().Select(Values.Bits), Is.EqualTo(alone), $"layer {layer}, batches of {batch}");
            }
        }
    }

    [Test]
    public void The_states_are_those_of_a_plain_forward_over_picture_and_text()
    {
        var host = Lab;
        var demonstration = Demonstration(5, " dog which answer? kiko.");
        var packed = host.Pack([new FusionPart.Picture(demonstration.Picture!),
            new FusionPart.Text(host.Encode(demonstration.Text))]);
        using var prefill = host.Model.Language.Prefill(packed.Embeds.unsqueeze(0), [packed.Layout],
            record: PrefillRecording.Hidden);
        foreach (int layer in (int[])[0, 1, 7, host.Layers])
        {
            bool last = layer == host.Layers;
            var aggregate = new Aggregator(host, new AggregationOptions(layer, Norm: last)).Aggregate([demonstration])[0];
            var expected = prefill.Hidden![layer][0].narrow(0, packed.Spans[0].End.Value, aggregate.shape[0]);
            Assert.That(Values.Of(aggregate - expected).Max(Math.Abs), Is.LessThan(1e-5), $"layer {layer}");
        }
    }

    [Test]
    public void Text_gathers_the_picture_in_front_of_it()
    {
        var aggregator = new Aggregator(Lab, new AggregationOptions(6, Norm: false));
        var (one, other, none) = (aggregator.Aggregate([Demonstration(1)])[0], aggregator.Aggregate([Demonstration(2)])[0],
            aggregator.Aggregate([Demonstration(1).WithoutPicture()])[0]);
        Assert.That(Values.Bits(one), Is.Not.EqualTo(Values.Bits(other)));
        Assert.That(Values.Bits(one), Is.Not.EqualTo(Values.Bits(none)));
    }

    [Test]
    public void The_references_states_are_the_last_of_all()
    {
        var demonstration = Demonstration(1, " gipu.\n", " which answer?");
        var all = new Aggregator(Lab, new AggregationOptions()).Aggregate([demonstration])[0];
        var reference = new Aggregator(Lab, new AggregationOptions(Positions: TextPositions.Reference));
        int tokens = Lab.Encode(demonstration.Text).Count - Lab.Encode(demonstration.Instruction).Count;
        Assert.That(reference.TokensOf(demonstration), Is.EqualTo(tokens));
        Assert.That(Values.Bits(reference.Aggregate([demonstration])[0]),
            Is.EqualTo(Values.Bits(all.narrow(0, all.shape[0] - tokens, tokens))));
    }

    [Test]
    public void A_layer_that_is_not_there_and_a_text_that_is_empty_are_refused()
    {
        Assert.That(() => new Aggregator(Lab, new AggregationOptions(13)),
            Throws.ArgumentException.With.Message.Contains("layers 1 to 12"));
        Assert.That(() => new Aggregator(Lab, new AggregationOptions()).Aggregate([new Demonstration(Picture(1), "", "")]),
            Throws.ArgumentException.With.Message.Contains("no text"));
        Assert.That(() => new Aggregator(Lab, new AggregationOptions(Positions: TextPositions.Reference))
            .Aggregate([new Demonstration(Picture(1), " dog", "")]),
            Throws.ArgumentException.With.Message.Contains("no text"));
    }
}
