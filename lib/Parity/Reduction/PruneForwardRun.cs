using System.Text.Json;
using Aim.Models;
using Aim.Reduction;

namespace Aim.Parity;

/// <summary>
/// A pruned forward to be run: the case's tiny decoder, its schedule, and its embeddings, which are made from features where the
/// case begins there.
/// </summary>
internal sealed class PruneForwardRun : IDisposable
{
    private const long ImagePlaceholder = -200;

    private readonly FixtureDecoder _decoder;
    private readonly Tensor _embeds;
    private readonly PruneSchedule _schedule;

    /// <summary>Loads a case's model and prepares its input; what is compared on the way goes to <paramref name="c"/>.</summary>
    public PruneForwardRun(CaseFile fixture, Comparison c)
    {
        Fixture = fixture;
        _decoder = new FixtureDecoder(fixture);
        N = fixture.Args.NeedInt("n");
        Limits.Check("n", N, Limits.Tokens);
        int[] boundaries = fixture.Args.NeedInts("boundaries");
        if (boundaries.Length != 3)
            throw new BadFixtureException("boundaries must be three numbers");
        Layout = PromptLayout.Span(boundaries[0], boundaries[1], N);
        var schedule = fixture.Args.Need("schedule");
        _schedule = new PruneSchedule((int)schedule.NeedNumber("l1"), (int)schedule.NeedNumber("l2"), Layers);
        double[] rates = [.. Enumerable.Range(0, Layers).Select(_schedule.Rate)];
        c.Close("retain_rate", rates, fixture.Args.NeedNumbers("retain_rate"), default);
        _embeds = fixture.Inputs.Has("embeds") ? fixture.Tensor("in.embeds") : Assemble(_decoder.Config, c);
        if (fixture.Expects("position_ids"))
            Layout = Layout with { Positions = Place(_decoder.Config, c) };
    }

    public CaseFile Fixture { get; }

    public LanguageModel Model => _decoder.Model;

    public PromptLayout Layout { get; }

    /// <summary>Tokens of the prompt.</summary>
    public int N { get; }

    public int Layers => Model.Config.NumHiddenLayers;

    public PrefillResult Prefill(PruneMode mode) => Model.Prefill(
        _embeds, [Layout], new PageRankPruner(_schedule), mode,
        record: PrefillRecording.Hidden | PrefillRecording.Importance);

    // Qwen2-VL: merged tokens fill the halved grid in the order in which they come. (The case's boundaries leave the last of them
    // out; here it is where the ids say.)
    private int[][] Place(JsonElement config, Comparison c)
    {
        VisionGrid Tokens(string field) => Fixture.Args.NeedInts(field) is [var t, var h, var w]
            ? new VisionGrid(t, h, w).Divide(2)
            : throw new BadFixtureException($"{field} must be three numbers");
        var halved = Tokens("halved_grid_thw");
        c.Exact(
            "merge_r", RetentionPlan.For(Tokens("video_grid_thw"), new Retention(1, 4)).Steps, Fixture.Args.NeedInts("merge_r"));
        int placeholder = config.NeedInt("video_token_id");
        bool[] visual = [.. Fixture.Integers("in.input_ids").Select(id => id == placeholder)];
        if (visual.Length != N || visual.Count(v => v) != halved.Count)
            throw new BadFixtureException($"input_ids must be {N} ids, {halved.Count} of them placeholders of the merged tokens");
        int[][] positions = VisualPositions.OfPrompt(visual, [VisualPositions.Of(halved)]);
        c.Exact("position_ids", positions.SelectMany(axis => axis).Select(p => (long)p), Fixture.Integers("out.position_ids"));
        c.Exact("rope_delta", [positions.Max(axis => axis.Max()) + 1 - N], [Fixture.Expected.NeedInt("rope_delta")]);
        return positions;
    }

    // LLaVA-OneVision: pool, merge each frame, append image_newline once, replace id -200. Qwen2-VL: merge, fill the video slots
    // in order.
    private Tensor Assemble(JsonElement config, Comparison c)
    {
        long[] ids = Fixture.Integers("in.input_ids");
        int[] steps = Fixture.Args.NeedInts("merge_r");
        var merger = new AimMerger(tokens => RetentionPlan.FromSteps(tokens, steps));
        bool qwen = Fixture.Inputs.Has("video_embeds");
        long dim = Model.Config.HiddenSize;
        Tensor visual;
        if (qwen)
        {
            long frames = Fixture.Shape("out.merged")[0];
            var merged = merger.Merge(Fixture.Tensor("in.video_embeds").view(frames, -1, dim));
            c.Close("merged", merged.Values(), Fixture.Floats("out.merged"), ReductionCase.Read(Fixture, "hidden"));
            visual = merged.reshape(-1, dim);
        }
        else
        {
            var merged = merger.Merge(FramePooling.Pool(Fixture.Tensor("in.features")));
            visual = cat([merged.reshape(-1, dim), Fixture.Tensor("in.image_newline").unsqueeze(0)], 0);
        }

        long placeholder = qwen ? config.NeedInt("video_token_id") : ImagePlaceholder;
        int first = Array.IndexOf(ids, placeholder), last = Array.LastIndexOf(ids, placeholder);
        if (first < 0)
            throw new BadFixtureException($"input_ids hold no placeholder {placeholder}");
        var embeds = cat([Model.Embed(tensor(ids[..first])), visual, Model.Embed(tensor(ids[(last + 1)..]))], 0);
        c.Close("embeds", embeds.Values(), Fixture.Floats("out.embeds"), new Tolerance(1e-5, 1e-5));
        return embeds.unsqueeze(0);
    }

    public void Dispose() => _decoder.Dispose();
}
