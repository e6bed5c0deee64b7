using Aim.Models;
using Aim.Models.Tests;

namespace Aim.Reduction.Tests.Inside;

/// <summary>What holds for every method inside the decoder: batches, masking, nothing to prune.</summary>
public class InsideMethodsTests
{
    private static readonly (string Name, (string, string)[] Settings)[] s_methods =
    [
        ("aim", [("schedule", "0,4")]),
        ("fastv", [("keep", "1/3"), ("layer", "1")]),
        ("vtw", [("layer", "2")]),
        ("vtw", [("layer", "2"), ("positions", "reset")]),
        ("pdrop", [("keep", "[0.6, 0.3]"), ("layers", "[1, 3]")]),
        ("sparsevlm", [("keep", "1/2, 1/5"), ("layers", "0, 2")]),
        ("text-prune", [("schedule", "0,4")]),
    ];

    private static IEnumerable<TestCaseData> All => s_methods.Select(m => Case(m.Name, m.Settings));

    private static IEnumerable<TestCaseData> ThatHaveAMaskedForm => s_methods
        .Where(m => m.Name is not ("pdrop" or "sparsevlm") && !m.Settings.Contains(("positions", "reset")))
        // Masked queries take part in the next ranking: freely chosen sets may differ from the second stage on.
        .Select(m => Case(m.Name, m.Name is "aim" or "text-prune" ? [("schedule", "1,3")] : m.Settings));

    private static IEnumerable<TestCaseData> ThatKeepAll =>
    [
        Case("aim", []), Case("random", [("schedule", "4,5")]), Case("downsample", []), Case("fastv", [("keep", "1")]),
        Case("vtw", [("layer", "4")]), Case("pdrop", [("keep", "1, 1, 1")]), Case("text-prune", [("schedule", "none")]),
        .. ((string[])["uniform", "prumerge", "prumerge+", "tome", "visionzip", "divprune", "vispruner", "fastervlm", "cdpruner",
            "holov", "hiprune", "temporal-merge", "dycoke"]).Select(name => Case(name, [("keep", "1")])),
    ];

    private static TestCaseData Case(string name, (string, string)[] settings)
        => new TestCaseData(name, settings)
            .SetArgDisplayNames($"{name} {string.Join(' ', settings.Select(s => $"{s.Item1}={s.Item2}"))}");

    [TestCaseSource(nameof(All))]
    public void ABatchEqualsEachAlone(string name, (string, string)[] settings)
    {
        using var scope = NewDisposeScope();
        foreach (var family in RandomDecoder.Families)
        {
            using var decoder = new RandomDecoder(family, 7);
            var method = Hosts.Make(name, Hosts.Small(), settings);
            PromptLayout[] layouts =
                [PromptLayout.Span(2, 30, 36), PromptLayout.Span(1, 12, 15), PromptLayout.AllText(5), PromptLayout.Span(3, 5, 9)];
            var embeds = layouts.Select(l => decoder.Embeddings(l.Length)).ToArray();
            using var batch = decoder.Model.Prefill(LanguageModel.PadLeft(embeds), layouts, method.Pruner(["a", "b", "c", "d"]));
            int[][] positions = [.. Enumerable.Range(0, 4).Select(l => batch.Cache.NextPositionOf(l).ToArray())];
            var next = decoder.Model.Decode(tensor((long[])[1, 2, 3, 4]), batch.Cache);
            for (int b = 0; b < layouts.Length; b++)
            {
                using var single = decoder.Model.Prefill(
                    embeds[b], [layouts[b]], method.Pruner([new string((char)('a' + b), 1)]));
                Assert.That(batch.Alive.Select(a => a[b]), Is.EqualTo(single.Alive.Select(a => a[0])), $"{family.ModelType} {b}");
                Assert.That(batch.TokensPerLayer[b], Is.EqualTo(single.TokensPerLayer[0]));
                Assert.That(
                    positions.Select(p => p[b]),
                    Is.EqualTo(Enumerable.Range(0, 4).Select(l => single.Cache.NextPositionOf(l)[0])));
                Assert.That(TensorValues.Difference(batch.Logits.narrow(0, b, 1), single.Logits), Is.LessThan(2e-5));
                Assert.That(
                    TensorValues.Difference(next.narrow(0, b, 1), decoder.Model.Decode(tensor((long[])[b + 1]), single.Cache)),
                    Is.LessThan(2e-5), $"{family.ModelType} {b}: a decoding step");
            }
        }
    }

    [TestCaseSource(nameof(ThatHaveAMaskedForm))]
    public void RemovingGivesTheLogitsOfMasking(string name, (string, string)[] settings)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        var method = Hosts.Make(name, Hosts.Small(), settings);
        var layout = PromptLayout.Span(2, 30, 36);
        var embeds = decoder.Embeddings(36);
        using var removed = decoder.Model.Prefill(embeds, [layout], method.Pruner(["a"]));
        using var masked = decoder.Model.Prefill(embeds, [layout], method.Pruner(["a"]), PruneMode.Mask);
        Assert.That(removed.Alive[2], Is.EqualTo(masked.Alive[2]));
        Assert.That(removed.TokensPerLayer[0][3], Is.LessThan(36));
        Assert.That(TensorValues.Difference(removed.Logits, masked.Logits), Is.LessThan(1e-5));
        var token = tensor((long[])[5]);
        Assert.That(
            TensorValues.Difference(decoder.Model.Decode(token, removed.Cache), decoder.Model.Decode(token, masked.Cache)),
            Is.LessThan(1e-5));
    }

    [TestCase("pdrop")]
    [TestCase("sparsevlm")]
    public void WhatRenumbersHasNoMaskedForm(string name)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        var method = Hosts.Make(name, Hosts.Small());
        Assert.That(
            () => decoder.Model.Prefill(
                decoder.Embeddings(30), [PromptLayout.Span(2, 20, 30)], method.Pruner(["a"]), PruneMode.Mask),
            Throws.ArgumentException.With.Message.Contains("no masked form"));
    }

    [TestCaseSource(nameof(ThatKeepAll))]
    public void KeepingAllIsNoReduction(string name, (string, string)[] settings)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        var shape = new PromptShape(3, 16, 1, 6, 4);
        using var none = new MethodRun(decoder, Hosts.Make("none", Hosts.Small()), shape);
        using var all = new MethodRun(decoder, Hosts.Make(name, Hosts.Small(), settings), shape);
        Assert.That(TensorValues.Difference(all.Prefill.Logits, none.Prefill.Logits), Is.LessThan(1e-5));
        Assert.That(all.Prefill.TokensPerLayer, Is.EqualTo(none.Prefill.TokensPerLayer));
    }

    [Test]
    public void NoneChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        var features = tensor(decoder.Values(2 * 9 * 16, 1), [2, 9, 16]);
        var method = Hosts.Make("none", Hosts.Small());
        var merged = method.Merger.Merge(new MergeInput { Features = features, SampleId = "a" });
        Assert.That(merged.Tokens.Values(), Is.EqualTo(features.Values()));
        Assert.That(merged.Origin.Apply(features.flatten(0, 1)).Values(), Is.EqualTo(features.Values()));
        Assert.That(method.Pruner(["a"]), Is.Null);
        Assert.That(method.DecodePruner(), Is.Null);
    }

    [Test]
    public void TextIsPrunedBesideVisualTokensButForTheEnds()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        var layout = PromptLayout.Span(4, 20, 40);
        using var prefill = decoder.Model.Prefill(
            decoder.Embeddings(40), [layout], Hosts.Make("text-prune", Hosts.Small(), ("schedule", "0,3")).Pruner(["a"]));
        // 38 are ranked: int(38 * 2/3 + 2) go on, then int(38 / 3 + 2), then the protected two.
        Assert.That(prefill.TokensPerLayer[0], Is.EqualTo((int[])[40, 27, 14, 2]));
        Assert.That(prefill.Alive[0][0].Count(s => !layout.IsVisual[s]), Is.InRange(3, 23));
        Assert.That(prefill.Alive[2][0], Is.EqualTo((int[])[0, 39]));
    }
}
