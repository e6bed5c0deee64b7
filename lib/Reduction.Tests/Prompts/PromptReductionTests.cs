using Aim.Models;
using Aim.Models.Tests;

namespace Aim.Reduction.Tests.Prompts;

/// <summary>From pictures, videos and ids to the answer, on a small checkpoint of every family.</summary>
public class PromptReductionTests
{
    private const int L1 = 2, L2 = 5;

    private static IEnumerable<TestCaseData> Cases()
        => FamilyCase.All.Select(c => new TestCaseData(c.Name).SetArgDisplayNames(c.Name));

    private static IEnumerable<string> Names() => FamilyCase.All.Select(c => c.Name);

    private static IEnumerable<TestCaseData> Checkpoints()
        => FamilyCase.All.GroupBy(c => c.Checkpoint, c => c.Name)
            .Select(g => new TestCaseData((object)g.ToArray()).SetArgDisplayNames(g.Key));

    private static ReductionMethod Make(FamilyCase @case, string name, params (string, string)[] settings)
        => Make(@case.Model, @case.Prompts.SelectMany(p => p.Visuals).Any(v => v.IsVideo), name, settings);

    private static ReductionMethod Make(MultimodalModel model, bool video, string name, params (string, string)[] settings)
        => Hosts.Make(name, HostTraits.Of(model.Config, video), settings);

    private static ReductionMethod Aim(FamilyCase @case, string retention = "1/4", string schedule = "(2, 5)")
        => Make(@case, "aim", ("retention", retention), ("schedule", schedule));

    [TestCaseSource(nameof(Cases))]
    public void UnreducedEqualsTransformers(string name)
    {
        using var scope = NewDisposeScope();
        using var @case = FamilyCase.Open(name);
        using var prefill = PromptReduction.Run(@case.Model, @case.Prompts, Make(@case, "none"));
        Assert.That(
            Generation.Greedy(@case.Model.Language, prefill, [], @case.Generated[0].Length), Is.EqualTo(@case.Generated));
        Assert.That(prefill.TokensPerLayer, Is.EqualTo(Announced(@case, Make(@case, "none"))));
    }

    private static int[][] Announced(FamilyCase @case, ReductionMethod method)
        => [.. @case.Prompts.Select(p => PromptReduction.TokenCounts(@case.Model, p.Ids, p.Visuals, method))];

    [TestCaseSource(nameof(Cases))]
    public void AimComputesTheTokensItAnnounces(string name)
    {
        using var scope = NewDisposeScope();
        using var @case = FamilyCase.Open(name);
        var method = Aim(@case);
        int[][] announced = Announced(@case, method);
        using var prefill = PromptReduction.Run(@case.Model, @case.Prompts, method);
        Assert.That(prefill.TokensPerLayer, Is.EqualTo(announced));
        foreach (var ((ids, visuals, _), tokens) in @case.Prompts.Zip(announced))
        {
            int text = ids.Count - visuals.Count, merged = visuals.Sum(v => v.Newlines + v.Views.Sum(Quarter));
            Assert.That(tokens.Take(L1 + 1), Is.All.EqualTo(text + merged));
            Assert.That(tokens.Skip(L2), Is.All.EqualTo(text));
        }

        int Quarter(VisionGrid view) => @case.Model is Qwen2Vl
            ? view.Divide(2).Count
            : view.Frames * (int)Math.Ceiling(view.PerFrame / 4.0);
    }

    private static ReductionMethod InPlace(FamilyCase @case, string retention)
        => Make(@case, "aim", ("retention", retention), ("schedule", "none"), ("original-positions", "true"));

    [TestCaseSource(nameof(Cases))]
    public void OriginalPositionsAreThoseOfTheUnreducedPrompt(string name)
    {
        using var scope = NewDisposeScope();
        using var @case = FamilyCase.Open(name);
        foreach (var (ids, visuals, id) in @case.Prompts)
        {
            var whole = PromptReduction.Reduce(@case.Model, ids, visuals, Make(@case, "none"), id);
            var left = PromptReduction.Reduce(@case.Model, ids, visuals, InPlace(@case, "1/2"), id);
            if (whole.Layout.Positions is not null)
            {
                var kept = PromptReduction.Reduce(@case.Model, ids, visuals, Aim(@case, "1/2", "none"), id);
                Assert.That(left.Layout.Positions, Is.EqualTo(kept.Layout.Positions), "positions on a grid are kept in any case");
                continue;
            }

            int[] positions = left.Layout.Positions!.Single();
            int[] Text(PromptLayout layout) => [.. Enumerable.Range(0, layout.Length).Where(i => !layout.IsVisual[i])];
            Assert.That(Text(left.Layout).Select(i => positions[i]), Is.EqualTo(Text(whole.Layout)));
            int[] visual = [.. left.Layout.VisualSlots.Select(i => positions[i])];
            Assert.That(visual, Is.Unique.And.SubsetOf(whole.Layout.VisualSlots));
            Assert.That(visual, Has.Length.LessThan(whole.Layout.Visual).Or.Empty);
            // Nothing merged: every token where it stood, newlines too.
            var same = PromptReduction.Reduce(@case.Model, ids, visuals, InPlace(@case, "1"), id);
            Assert.That(same.Layout.Positions!.Single(), Is.EqualTo(Enumerable.Range(0, whole.Layout.Length)));
        }
    }

    // Where the reference goes wrong, and beyond: every step against the same prompt computed as a whole.
    [Test]
    public void DecodingStaysRightAfterMerging([ValueSource(nameof(Names))] string name, [Values] bool inPlace)
    {
        using var scope = NewDisposeScope();
        using var @case = FamilyCase.Open(name);
        var (ids, visuals, id) = @case.Prompts[^1];
        var language = @case.Model.Language;
        var method = inPlace ? InPlace(@case, "1/4") : Aim(@case, schedule: "none");
        var prompt = PromptReduction.Reduce(@case.Model, ids, visuals, method, id);
        using var prefill = language.Prefill(prompt.Embeds, [prompt.Layout]);
        int next = prefill.Cache.NextPosition[0];
        var (logits, whole, layout) = (prefill.Logits, prompt.Embeds, prompt.Layout);
        for (int step = 0; step < 6; step++)
        {
            var token = logits.argmax(-1);
            whole = cat(new[] { whole, language.Embed(token.unsqueeze(0)) }, 1);
            layout = new PromptLayout([.. layout.IsVisual, false])
            {
                Positions = layout.Positions?.Select(axis => (int[])[.. axis, next + step]).ToArray(),
            };
            logits = language.Decode(token, prefill.Cache);
            using var anew = language.Prefill(whole, [layout]);
            Assert.That(TensorValues.Difference(logits, anew.Logits), Is.LessThan(1e-3), $"step {step}");
        }
    }

    // Dropping all at once ranks nothing, so that hiding and removing keep the same tokens: step by step they must agree.
    [TestCaseSource(nameof(Cases))]
    public void DecodingStaysRightAfterPruning(string name)
    {
        using var scope = NewDisposeScope();
        using var @case = FamilyCase.Open(name);
        var method = Aim(@case, schedule: "(2, 3)");
        var (ids, visuals, id) = @case.Prompts[^1];
        var language = @case.Model.Language;
        var prompt = PromptReduction.Reduce(@case.Model, ids, visuals, method, id);
        using var removed = language.Prefill(prompt.Embeds, [prompt.Layout], method.Pruner([id]));
        using var masked = language.Prefill(prompt.Embeds, [prompt.Layout], method.Pruner([id]), PruneMode.Mask);
        var (left, right) = (removed.Logits, masked.Logits);
        for (int step = 0; step < 6; step++)
        {
            Assert.That(TensorValues.Difference(left, right), Is.LessThan(1e-3), $"step {step}");
            var token = right.argmax(-1);
            (left, right) = (language.Decode(token, removed.Cache), language.Decode(token, masked.Cache));
        }
    }

    [TestCaseSource(nameof(Checkpoints))]
    public void ABatchOfUnequalPromptsIsAsEachAlone(string[] names)
    {
        using var scope = NewDisposeScope();
        using var first = FamilyCase.Open(names[0]);
        FamilyCase[] cases = [first, .. names[1..].Select(n => FamilyCase.Open(n, first.Model))];
        var method = Aim(first);
        var prompts = cases.SelectMany(c => c.Prompts)
            .Select(p => PromptReduction.Reduce(first.Model, p.Ids, p.Visuals, method, p.SampleId)).ToList();
        using var batch = PromptReduction.Prefill(first.Model, prompts, method);
        int[][] together = Generation.Greedy(first.Model.Language, batch, [], 6);
        for (int i = 0; i < prompts.Count; i++)
        {
            using var alone = PromptReduction.Prefill(first.Model, [prompts[i]], method);
            Assert.That(TensorValues.Difference(batch.Logits.narrow(0, i, 1), alone.Logits), Is.LessThan(1e-3));
            Assert.That(batch.TokensPerLayer[i], Is.EqualTo(alone.TokensPerLayer[0]));
            Assert.That(together[i], Is.EqualTo(Generation.Greedy(first.Model.Language, alone, [], 6)[0]));
        }

        foreach (var visual in cases[1..].SelectMany(c => c.Prompts).SelectMany(p => p.Visuals))
            visual.Dispose();
    }

    [TestCaseSource(nameof(Checkpoints))]
    public void EveryMethodRunsOnEveryFamily(string[] names)
    {
        using var scope = NewDisposeScope();
        using var @case = FamilyCase.Open(names.First(n => !n.Contains("text")));
        foreach (var definition in Methods.All)
        {
            using var inner = NewDisposeScope();
            bool video = @case.Prompts.SelectMany(p => p.Visuals).Any(v => v.IsVideo);
            var method = definition.Create(definition.Read(Settings(definition)), HostTraits.Of(@case.Model.Config, video));
            using var prefill = PromptReduction.Run(@case.Model, @case.Prompts, method);
            Assert.That(prefill.TokensPerLayer, Is.EqualTo(Announced(@case, method)), definition.Name);
            int[][] answers = Generation.Greedy(@case.Model.Language, prefill, [], 4, method.DecodePruner());
            Assert.That(answers, Has.All.Length.EqualTo(4), definition.Name);
        }
    }

    private static Dictionary<string, string> Settings(MethodDefinition method) => method.Name switch
    {
        "aim" => new() { ["retention"] = "1/3", ["schedule"] = "(2, 5)", ["proportional-attention"] = "true" },
        "random" => new() { ["retention"] = "1/3", ["schedule"] = "(2, 5)" },
        "downsample" => new() { ["side"] = "2" },
        _ => [],
    };

    // The authors' way: features that enter the projector are merged by the keys of the tower's next layer.
    [Test]
    public void LlavaMergesByTheTowersKeysBeforeTheProjector()
    {
        using var scope = NewDisposeScope();
        using var @case = FamilyCase.Open("llava15-image-gray");
        var model = (Llava)@case.Model;
        var visual = @case.Prompts[0].Visuals[0];
        var method = Aim(@case);
        Assert.That(method.BeforeProjector, Is.True);
        var reduced = PromptReduction.Merge(PromptReduction.See(visual, method), method, "a");

        var (features, keys) = visual.BeforeProjector();
        var grey = model.Tower.Config;
        Assert.That(features.shape, Is.EqualTo((long[])[1, grey.Patches, grey.HiddenSize]), "no class token");
        Assert.That(keys.shape, Is.EqualTo(features.shape));
        var merger = new AimMerger(new Retention(1, 4));
        var expected = model.Project(merger.Merge(features, keys).Tokens.squeeze(0));
        Assert.That(TensorValues.Difference(reduced.Tokens.Tokens, expected), Is.LessThan(1e-6));
        var byFeatures = model.Project(merger.Merge(features, null).Tokens.squeeze(0));
        Assert.That(TensorValues.Difference(reduced.Tokens.Tokens, byFeatures), Is.GreaterThan(1e-3));
        Assert.That(TensorValues.Difference(visual.Features()[0], model.Project(features)), Is.LessThan(1e-6));
        Assert.That(Methods.Get("aim").On(HostTraits.Of(model.Config)), Is.EqualTo(MethodFit.Native));
    }

    // What stays of a picture in tiles: the whole first, then the grid with as many newlines as it had rows.
    [Test]
    public void NewlinesAreSpreadOverWhatIsLeftOfAGrid()
    {
        using var scope = NewDisposeScope();
        using var @case = FamilyCase.Open("next-mistral-image-wide");
        var visual = @case.Prompts[0].Visuals[0];
        Assert.That(visual.Views, Has.Count.EqualTo(2));
        var grid = visual.Views[1];
        Assert.That(visual.Newlines, Is.EqualTo(grid.Rows));
        int whole = visual.Views[0].Count;
        int[] Row(int r) => [.. Enumerable.Range(whole + (r * grid.Columns), grid.Columns), -1];
        int[] rows = [.. Enumerable.Range(0, grid.Rows).SelectMany(Row)];
        Assert.That(visual.Order([whole, grid.Count]), Is.EqualTo((int[])[.. Enumerable.Range(0, whole), .. rows]));
        Assert.That(visual.Order([1, 0]), Is.EqualTo((int[])[0, .. Enumerable.Repeat(-1, grid.Rows)]));
        var label = Methods.Get("aim").On(HostTraits.Of(@case.Model.Config));
        Assert.That(label.ToString(), Does.StartWith("adapted: a picture's whole and the grid"));
    }

    [Test]
    public void AFamilyWithoutVideosSaysSo()
    {
        using var @case = FamilyCase.Open("llava15-image-gray");
        Assert.That(@case.Model.TakesVideos, Is.False);
        Assert.That(
            () => @case.Model.Video([new RgbImage(1, 1, new byte[3])]),
            Throws.InstanceOf<NotSupportedException>().With.Message.Contains("a llava model takes no videos"));
    }
}
