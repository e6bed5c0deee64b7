using Aim.Cost;
using Aim.Models;
using Aim.Models.Tests;

namespace Aim.Reduction.Tests;

/// <summary>
/// What the counters inside the kernels count while a prompt runs is what Cost says of its tokens, to the last operation.
/// </summary>
[NonParallelizable] // the counters are the process's
public class ExecutedFlopsTests
{
    private static IEnumerable<TestCaseData> Cases() =>
        from family in (TextConfig[])[.. RandomDecoder.Families, RandomDecoder.Qwen2(12)]
        from schedule in (PruneSchedule?[])
            [null, PruneSchedule.Default(family.NumHiddenLayers), new PruneSchedule(1, 3, family.NumHiddenLayers),
                new PruneSchedule(0, 40, family.NumHiddenLayers)]
        select new TestCaseData(family, schedule)
            .SetName($"{{m}}({family.ModelType} of {family.NumHiddenLayers}, {schedule?.ToString() ?? "not pruned"})");

    [TestCaseSource(nameof(Cases))]
    public void Prefill_executes_what_was_priced(TextConfig family, PruneSchedule? schedule)
    {
        const int text = 11, visual = 60;
        using var decoder = new RandomDecoder(family);
        using var outer = NewDisposeScope();
        var embeds = decoder.Embeddings(text + visual);
        var layout = new PromptLayout(Enumerable.Range(0, text + visual).Select(i => i >= 4 && i < 4 + visual).ToArray());
        var pruner = schedule is null ? null : new PageRankPruner(schedule);

        using var counted = FlopCounter.Measure();
        using var result = decoder.Model.Prefill(embeds, [layout], pruner);
        counted.Dispose();

        Assert.That(counted.Matmul, Is.EqualTo(CostModel.MatmulFlops(Shape(family), result.TokensPerLayer[0], causal: true)));
        bool ranks = schedule is { } s && s.L2 - s.L1 > 1; // dropping all at once needs no ranking
        Assert.That(counted.Overhead, ranks ? Is.Positive : Is.Zero, "importance is counted apart");
    }

    [Test]
    public void A_method_executes_what_it_announced()
    {
        var family = RandomDecoder.Qwen2(12);
        using var decoder = new RandomDecoder(family);
        using var outer = NewDisposeScope();
        var method = Hosts.Make("aim", Hosts.Small(12), ("retention", "1/4"), ("schedule", "default"));
        int[] announced = method.TokenCounts(new PromptShape(4, 36, 1, 9, 12));
        int visual = announced[0] - 9;
        var layout = new PromptLayout(Enumerable.Range(0, announced[0]).Select(i => i >= 2 && i < 2 + visual).ToArray());

        using var counted = FlopCounter.Measure();
        using var result = decoder.Model.Prefill(decoder.Embeddings(announced[0]), [layout], method.Pruner(["a"]));
        counted.Dispose();

        Assert.That(result.TokensPerLayer[0], Is.EqualTo(announced));
        Assert.That(counted.Matmul, Is.EqualTo(CostModel.MatmulFlops(Shape(family), announced, causal: true)));
    }

    internal static ModelShape Shape(TextConfig config) => new()
    {
        Name = config.ModelType,
        Hidden = config.HiddenSize,
        Layers = config.NumHiddenLayers,
        Heads = config.NumAttentionHeads,
        KeyValueHeads = config.NumKeyValueHeads,
        HeadDim = config.HeadDim,
        Intermediate = config.IntermediateSize,
        Vocabulary = config.VocabSize,
    };
}
