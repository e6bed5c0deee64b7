using Aim.Cost;
using Aim.Models;
using Aim.Models.Tests;

namespace Aim.Reduction.Tests.Tower;

/// <summary>
/// Methods on a whole Qwen2-VL: pictures of any shape, positions in time, height and width. The reference's own figures are
/// compared in
/// <see cref="FixtureTests"/>.
/// </summary>
[NonParallelizable] // the counters are the process's
public class Qwen2VlHostTests
{
    private const int Image = 29, Video = 30;

    private static readonly Qwen2VlConfig s_config = new()
    {
        Text = RandomDecoder.Qwen2Vl(6),
        Vision = new Qwen2VlVisionConfig { Depth = 3, EmbedDim = 16, NumHeads = 2, MlpDim = 32 },
        ImageTokenId = Image,
        VideoTokenId = Video,
    };

    private static readonly HostTraits s_host = HostTraits.Of(s_config);

    // Pairs of frames x rows x columns of tokens; odd sides, and a side of one.
    private static IEnumerable<VisionGrid> Grids => [new(2, 4, 6), new(1, 5, 7), new(3, 3, 3), new(1, 1, 5)];

    private static PatchedVisual Patches(VisionGrid tokens)
    {
        var grid = new VisionGrid(tokens.Frames, 2 * tokens.Rows, 2 * tokens.Columns);
        var random = new Random(5);
        var values = Enumerable.Range(0, grid.Count * 1176).Select(_ => (float)(2 * random.NextDouble() - 1));
        return new PatchedVisual(tensor(values.ToArray(), [grid.Count, 1176]), grid);
    }

    [TestCaseSource(nameof(Grids))]
    public void EveryMethodRunsFromPatchesToAnAnswer(VisionGrid grid)
    {
        using var scope = NewDisposeScope();
        using var model = Qwen2Vl.Create(s_config, 3, trainable: false);
        var visual = Patches(grid);
        var features = model.Features(visual);
        int[] ids = [1, 2, Video, 3, 4, 5];
        foreach (var definition in Methods.All)
        {
            var method = definition.Create(definition.Read(Settings(definition)), s_host);
            using var tower = new Qwen2VlSignals(model, () => visual);
            var merged = method.Merger.Merge(new MergeInput
            {
                Features = features,
                SampleId = "a",
                Grid = grid,
                Tower = tower,
                Text = model.Language.Embed(tensor((long[])[1, 2, 3, 4, 5])),
            });
            var shape = new PromptShape(grid.Frames, grid.PerFrame, 0, 5, 6) { Grid = grid };
            Assert.That(merged.Tokens.shape, Is.EqualTo((long[])[method.VisualEntering(shape), 16]), definition.Name);

            var (embeds, layout) = model.Pack(ids, [new VisualTokens(merged.Tokens, merged.PositionsIn(grid), IsVideo: true)]);
            using var counted = FlopCounter.Measure();
            var sizes = Enumerable.Range(0, merged.Origin.Outputs).Select(i => merged.Origin.From(i).Count);
            using var prefill = model.Language.Prefill(embeds, [method.Arrange(layout, sizes)], method.Pruner(["a"]));
            counted.Dispose();
            Assert.That(prefill.TokensPerLayer[0], Is.EqualTo(method.TokenCounts(shape)), definition.Name);
            Assert.That(
                counted.Matmul,
                Is.EqualTo(CostModel.MatmulFlops(
                    ExecutedFlopsTests.Shape(s_config.Text), prefill.TokensPerLayer[0], causal: true)),
                definition.Name);
            int[][] answer = Generation.Greedy(model.Language, prefill, [], 4, method.DecodePruner());
            Assert.That(answer[0], Has.Length.EqualTo(4), definition.Name);
        }
    }

    private static Dictionary<string, string> Settings(MethodDefinition method) => method.Name switch
    {
        "aim" or "random" => new() { ["retention"] = "1/4", ["schedule"] = "(2, 5)" },
        "downsample" => new() { ["side"] = "2" },
        _ => [],
    };

    [Test]
    public void LabelsSayWhatIsNotAsUpstream()
    {
        string On(string method) => Methods.Get(method).On(s_host).ToString();
        Assert.That(On("fastervlm"), Does.StartWith("adapted: the mean over all queries").And.Contains("pooled"));
        Assert.That(On("prumerge"), Does.StartWith("adapted: the mean over all queries"));
        Assert.That(On("tome"), Does.StartWith("adapted: "));
        Assert.That(On("divprune"), Does.StartWith("adapted: ").And.Contains("position"));
        Assert.That(On("pdrop"), Does.StartWith("adapted: ").And.Contains("numbered anew"));
        Assert.That(On("aim"), Is.Empty);
        Assert.That(On("fastv"), Is.Empty);
        Assert.That(On("none"), Is.Empty);
    }

    // The reference: a quarter fills the halved grid in merge-output order; text goes on behind that grid.
    [TestCase(2, 4, 6, 12, 3)]
    [TestCase(1, 5, 7, 6, 3)]
    [TestCase(3, 3, 3, 3, 1)]
    public void AimsQuarterFillsTheHalvedGrid(int frames, int rows, int columns, int kept, int extent)
    {
        using var scope = NewDisposeScope();
        var grid = new VisionGrid(frames, rows, columns);
        var merged = Merge("1/4", grid);
        Assert.That(merged.Tokens.shape[0], Is.EqualTo(kept));
        Assert.That(merged.Grid, Is.EqualTo(grid.Divide(2)));
        var positions = merged.PositionsIn(grid);
        Assert.That(positions.Cells, Is.EqualTo(VisualPositions.Of(grid.Divide(2)).Cells));
        Assert.That(positions.Extent, Is.EqualTo(extent));
    }

    [Test]
    public void AnyOtherShareStandsWhereItsHeaviestTokenStood()
    {
        using var scope = NewDisposeScope();
        var grid = new VisionGrid(2, 4, 6);
        Assert.That(Merge("1", grid).PositionsIn(grid).Cells, Is.EqualTo(VisualPositions.Of(grid).Cells));
        var merged = Merge("1/2", grid);
        var positions = merged.PositionsIn(grid);
        Assert.That(positions.Extent, Is.EqualTo(6), "text stays where it stood");
        for (int i = 0; i < merged.Origin.Outputs; i++)
        {
            var weights = merged.Origin.Weights(i);
            int heaviest = merged.Origin.From(i)[Enumerable.Range(0, weights.Count).MaxBy(j => weights[j])];
            Assert.That(positions.Cells[i], Is.EqualTo((heaviest / 24, heaviest % 24 / 6, heaviest % 6)));
        }

        var downsampled = Hosts.Make("downsample", s_host, ("side", "4")).Merger.Merge(Input(grid));
        Assert.That(downsampled.Grid, Is.EqualTo(new VisionGrid(2, 4, 4)));
    }

    private static MergeInput Input(VisionGrid grid)
    {
        var random = new Random(7);
        var values = Enumerable.Range(0, grid.Count * 8).Select(_ => (float)(2 * random.NextDouble() - 1));
        return new MergeInput
        {
            Features = tensor(values.ToArray(), [grid.Frames, grid.PerFrame, 8]),
            SampleId = "a",
            Grid = grid,
        };
    }

    private static MergedTokens Merge(string retention, VisionGrid grid)
        => Hosts.Make("aim", s_host, ("retention", retention)).Merger.Merge(Input(grid));

    // Where the reference goes wrong, and beyond: every decoding step against the same prompt computed as a whole.
    [Test]
    public void DecodingStaysRightAfterMerging()
    {
        using var scope = NewDisposeScope();
        using var model = Qwen2Vl.Create(s_config, 3, trainable: false);
        var grid = new VisionGrid(2, 4, 6);
        var (embeds, layout) = Merged(model, grid);
        using var prefill = model.Language.Prefill(embeds, [layout]);
        int next = layout.Positions!.Max(axis => axis.Max()) + 1;
        Assert.That(prefill.Cache.NextPosition, Is.EqualTo((int[])[next]));
        var logits = prefill.Logits;
        var whole = embeds;
        int[][] positions = [.. layout.Positions!];
        for (int step = 0; step < 6; step++)
        {
            var id = logits.argmax(-1);
            whole = cat(new[] { whole, model.Language.Embed(id.unsqueeze(0)) }, 1);
            positions = [.. positions.Select(axis => (int[])[.. axis, next + step])];
            logits = model.Language.Decode(id, prefill.Cache);
            var again = new PromptLayout([.. layout.IsVisual, .. new bool[step + 1]]) { Positions = positions };
            using var anew = model.Language.Prefill(whole, [again]);
            Assert.That(TensorValues.Difference(logits, anew.Logits), Is.LessThan(1e-4), $"step {step}");
        }
    }

    // Dropping all at once ranks nothing, so that hiding and removing keep the same tokens: step by step they must agree.
    [Test]
    public void DecodingStaysRightAfterPruning()
    {
        using var scope = NewDisposeScope();
        using var model = Qwen2Vl.Create(s_config, 3, trainable: false);
        var (embeds, layout) = Merged(model, new VisionGrid(2, 4, 6));
        var pruner = new PageRankPruner(new PruneSchedule(2, 3, 6));
        using var removed = model.Language.Prefill(embeds, [layout], pruner);
        using var masked = model.Language.Prefill(embeds, [layout], pruner, PruneMode.Mask);
        Assert.That(removed.TokensPerLayer[0][^1], Is.EqualTo(layout.Text));
        var (left, right) = (removed.Logits, masked.Logits);
        for (int step = 0; step < 6; step++)
        {
            Assert.That(TensorValues.Difference(left, right), Is.LessThan(1e-4), $"step {step}");
            var id = right.argmax(-1);
            Assert.That(removed.Cache.NextPosition, Is.EqualTo(masked.Cache.NextPosition));
            (left, right) = (model.Language.Decode(id, removed.Cache), model.Language.Decode(id, masked.Cache));
        }
    }

    [Test]
    public void ABatchOfUnequalPromptsIsAsEachAlone()
    {
        using var scope = NewDisposeScope();
        using var model = Qwen2Vl.Create(s_config, 3, trainable: false);
        (Tensor Embeds, PromptLayout Layout)[] prompts =
            [Merged(model, new VisionGrid(2, 4, 6)), Merged(model, new VisionGrid(1, 5, 7)), model.Pack([1, 2, 3], [])];
        var method = Hosts.Make("aim", s_host, ("schedule", "(2, 5)"));
        using var batch = model.Language.Prefill(
            LanguageModel.PadLeft([.. prompts.Select(p => p.Embeds)]), [.. prompts.Select(p => p.Layout)],
            method.Pruner(["a", "b", "c"]));
        int[][] together = Generation.Greedy(model.Language, batch, [], 6);
        for (int i = 0; i < prompts.Length; i++)
        {
            using var alone = model.Language.Prefill(prompts[i].Embeds, [prompts[i].Layout], method.Pruner(["a"]));
            Assert.That(TensorValues.Difference(batch.Logits.narrow(0, i, 1), alone.Logits), Is.LessThan(1e-4));
            Assert.That(together[i], Is.EqualTo(Generation.Greedy(model.Language, alone, [], 6)[0]));
        }
    }

    private static (Tensor Embeds, PromptLayout Layout) Merged(Qwen2Vl model, VisionGrid grid)
    {
        var merged = Hosts.Make("aim", s_host, ("retention", "1/4")).Merger
            .Merge(new MergeInput { Features = model.Features(Patches(grid)), SampleId = "a", Grid = grid });
        return model.Pack([1, 2, Image, 3, 4, 5], [new VisualTokens(merged.Tokens, merged.PositionsIn(grid))]);
    }
}
