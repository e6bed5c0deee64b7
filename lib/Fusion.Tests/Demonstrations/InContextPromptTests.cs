using Aim.Datasets;
using static Aim.Fusion.Tests.LabHosts;

namespace Aim.Fusion.Tests;

public sealed class InContextPromptTests
{
    /// <summary>Claim R4: the tokens of the demonstrations' texts, and one picture.</summary>
    [TestCaseSource(typeof(LabHosts), nameof(Kinds))]
    public void A_fused_prompt_has_the_length_of_its_texts_and_one_picture(LabModelKind kind)
    {
        using var scope = NewDisposeScope();
        var host = Of(kind);
        var aggregator = new Aggregator(host, new AggregationOptions());
        int picture = kind == LabModelKind.Single ? 144 : 64;
        foreach (int shots in (int[])[0, 1, 5])
        {
            Demonstration[] demonstrations = [.. Enumerable.Range(0, shots).Select(i =>
                Demonstration(i, " gipu" + string.Concat(Enumerable.Repeat(" dog", i))))];
            int[] texts = [.. demonstrations.Select(aggregator.TokensOf)];
            int query = host.Encode(" answer:").Count;
            var fused = InContextPrompt.Fused(host, aggregator.Aggregate(demonstrations), Picture(99), " answer:");
            Assert.That(fused.Length, Is.EqualTo(texts.Sum() + picture + query));
            Assert.That(fused.Length, Is.EqualTo(InContextPrompt.FusedLength(texts, 0, picture, query)));
            Assert.That(fused.Layout.Visual, Is.EqualTo(picture), "fused tokens are text: nothing may prune them");
            Assert.That(InContextPrompt.Raw(host, demonstrations, Picture(99), " answer:").Length,
                Is.EqualTo(texts.Sum() + ((shots + 1) * picture) + query));
            Assert.That(InContextPrompt.TextOnly(host, demonstrations, Picture(99), " answer:").Length, Is.EqualTo(fused.Length));
        }
    }

    /// <summary>
    /// Where nothing has been gathered yet, at the decoder's input, the fused tokens are the text's embeddings.
    /// </summary>
    [Test]
    public void At_layer_0_the_fused_prompt_is_the_text_only_prompt()
    {
        using var scope = NewDisposeScope();
        Demonstration[] demonstrations = [Demonstration(1), Demonstration(2, " kiko")];
        var aggregates = new Aggregator(Lab, new AggregationOptions(0, Norm: false)).Aggregate(demonstrations);
        Assert.That(Values.Bits(InContextPrompt.Fused(Lab, aggregates, Picture(3), ":").Embeds),
            Is.EqualTo(Values.Bits(InContextPrompt.TextOnly(Lab, demonstrations, Picture(3), ":").Embeds)));
    }

    /// <summary>Claim R12: positions are given at use, so any order of the same fused tokens is a prompt.</summary>
    [Test]
    public void Any_order_of_the_same_fused_tokens_makes_a_prompt()
    {
        using var scope = NewDisposeScope();
        var aggregates = new Aggregator(Lab, new AggregationOptions())
            .Aggregate([Demonstration(1), Demonstration(2), Demonstration(3)]);
        var forward = InContextPrompt.Fused(Lab, aggregates, Picture(9), ":");
        var backward = InContextPrompt.Fused(Lab, [.. aggregates.Reverse()], Picture(9), ":");
        Assert.That(backward.Length, Is.EqualTo(forward.Length));
        Assert.That(Values.Bits(backward.Embeds.narrow(0, 0, aggregates[2].shape[0])), Is.EqualTo(Values.Bits(aggregates[2])));
    }

    [Test]
    public void Vectors_of_another_width_are_refused()
    {
        using var scope = NewDisposeScope();
        Assert.That(() => InContextPrompt.Fused(Lab, [zeros([2, 5])], null, ":"),
            Throws.ArgumentException.With.Message.Contains("[tokens, 128]"));
    }
}
