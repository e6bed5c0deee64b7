using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// The one way from pictures, videos and a question to the decoder's answer, for every family and every method: see (the tower),
/// merge, pack, prefill with the pruner. What a method gives up at each layer is known before any of it runs
/// (<see cref="TokenCounts"/>).
/// </summary>
public static class PromptReduction
{
    /// <summary>All of it: prompts, each with its pictures or videos, to a prefill from which answers can be generated.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">Ids with one placeholder a picture or video, what stands there, and a name for each sample.</param>
    /// <param name="method">The method, made for this model.</param>
    /// <param name="record">What to keep for inspection.</param>
    /// <exception cref="ArgumentException">
    /// Placeholders and visuals do not fit together, or the method cannot reduce them.
    /// </exception>
    public static PrefillResult Run(
        MultimodalModel model,
        IReadOnlyList<(IReadOnlyList<int> Ids, IReadOnlyList<PromptVisual> Visuals, string SampleId)> prompts,
        ReductionMethod method, PrefillRecording record = PrefillRecording.None)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        using var scope = NewDisposeScope();
        return Prefill(model, [.. prompts.Select(p => Reduce(model, p.Ids, p.Visuals, method, p.SampleId))], method, record);
    }

    /// <summary>One prompt up to the decoder's input.</summary>
    /// <inheritdoc cref="Run"/>
    public static ReducedPrompt Reduce(
        MultimodalModel model, IReadOnlyList<int> ids, IReadOnlyList<PromptVisual> visuals, ReductionMethod method,
        string sampleId)
    {
        ArgumentNullException.ThrowIfNull(visuals);
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var text = Text(model, ids, method);
        ReducedVisual[] reduced = [.. visuals.Select((v, i) => Merge(See(v, method), method, VisualId(sampleId, i), text))];
        var prompt = Pack(model, ids, reduced, method, sampleId);
        prompt.Embeds.MoveToOuterDisposeScope();
        return prompt;
    }

    /// <summary>The first step: what the tower makes of a picture or video.</summary>
    /// <exception cref="NotSupportedException">
    /// The method works within the tower, and this visual's tokens need their grid.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was raised.</exception>
    public static SeenVisual See(PromptVisual visual, ReductionMethod method, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(visual);
        ArgumentNullException.ThrowIfNull(method);
        using var inference = no_grad();
        if (!method.BeforeProjector)
            return new SeenVisual(visual, visual.Features(method.Tower?.Start(visual.Views[0].PerFrame), cancel), null);
        var (features, keys) = visual.BeforeProjector();
        return new SeenVisual(visual, [features], keys);
    }

    /// <summary>The second step: what a method leaves of a picture or video before the decoder.</summary>
    /// <param name="seen">What the tower made of it.</param>
    /// <param name="method">The method.</param>
    /// <param name="visualId">Names it among all samples' visuals: part of the random methods' seed.</param>
    /// <param name="text">The prompt's text for a method that asks for it (<see cref="Text"/>).</param>
    public static ReducedVisual Merge(SeenVisual seen, ReductionMethod method, string visualId, Tensor? text = null)
    {
        ArgumentNullException.ThrowIfNull(seen);
        ArgumentNullException.ThrowIfNull(method);
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var visual = seen.Visual;
        List<MergedTokens> merged = [];
        for (int view = 0; view < seen.Views.Count; view++)
        {
            merged.Add(method.Merger.Merge(new MergeInput
            {
                Features = seen.Views[view],
                SampleId = view == 0 ? visualId : $"{visualId}/{view}",
                Grid = method.Tower is null ? GridOf(visual.Shape, view) : null,
                Tower = visual.Signals(view),
                Text = text,
                Metric = seen.Metric,
            }));
        }

        Tensor[] tokens = [.. merged.Select(m => method.BeforeProjector ? visual.Project(m.Tokens) : m.Tokens)];
        var placed = visual.Place(tokens, visual.HasPositions ? merged[0].PositionsIn(visual.Views[0]) : null);
        placed.Tokens.MoveToOuterDisposeScope();
        merged.ForEach(m => m.Tokens.MoveToOuterDisposeScope());
        int[] order = visual.Order([.. tokens.Select(t => (int)t.shape[0])]);
        return new ReducedVisual(placed, merged, order)
        {
            Original = method.OriginalPositions ? ReducedVisual.SlotsIn(visual, merged, order) : null,
        };
    }

    /// <summary>The third step: the prompt with its visual tokens in place.</summary>
    /// <exception cref="ArgumentException">Placeholders and visuals do not fit together.</exception>
    public static ReducedPrompt Pack(
        MultimodalModel model, IReadOnlyList<int> ids, IReadOnlyList<ReducedVisual> visuals, ReductionMethod method,
        string sampleId)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(visuals);
        ArgumentNullException.ThrowIfNull(method);
        using var inference = no_grad();
        var (embeds, layout) = model.Pack(ids, [.. visuals.Select(v => v.Tokens)]);
        layout = method.Arrange(layout, visuals.SelectMany(v => v.Sizes));
        if (method.OriginalPositions && layout.Positions is null)
            layout = layout with { Positions = [OriginalPositions(layout, visuals)] };
        return new ReducedPrompt(embeds, layout, sampleId);
    }

    // Positions of the prompt as it would be unreduced, of the slots that are left.
    private static int[] OriginalPositions(PromptLayout layout, IReadOnlyList<ReducedVisual> visuals)
    {
        var positions = new int[layout.Length];
        int next = 0, visual = 0, token = 0;
        for (int slot = 0; slot < layout.Length; slot++)
        {
            if (!layout.IsVisual[slot])
            {
                positions[slot] = next++;
                continue;
            }

            var (slots, count) = visuals[visual].Original!.Value;
            positions[slot] = next + slots[token++];
            if (token == slots.Count)
                (next, visual, token) = (next + count, visual + 1, 0);
        }

        return positions;
    }

    /// <summary>The last step: a batch of prompts, of any lengths, through the decoder.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was raised.</exception>
    public static PrefillResult Prefill(
        MultimodalModel model, IReadOnlyList<ReducedPrompt> prompts, ReductionMethod method,
        PrefillRecording record = PrefillRecording.None, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(method);
        using var scope = NewDisposeScope();
        var batch = prompts.Count == 1 ? prompts[0].Embeds : LanguageModel.PadLeft([.. prompts.Select(p => p.Embeds)]);
        return model.Language.Prefill(
            batch, [.. prompts.Select(p => p.Layout)], method.Pruner([.. prompts.Select(p => p.SampleId)]), record: record,
            cancel: cancel);
    }

    /// <summary>Embeddings of the prompt's text tokens <c>[text, dim]</c>, where the method asks for them; else null.</summary>
    public static Tensor? Text(MultimodalModel model, IReadOnlyList<int> ids, ReductionMethod method)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(method);
        return method.Definition.Needs.HasFlag(MethodNeeds.TextEmbeddings)
            ? model.Language.Embed([.. ids.Where(id => !model.Config.PlaceholderIds.Contains(id))])
            : null;
    }

    /// <summary>A visual's name in a sample that has several.</summary>
    public static string VisualId(string sampleId, int visual) => visual == 0 ? sampleId : $"{sampleId}#{visual}";

    /// <summary>Visual tokens of a picture or video that enter the decoder.</summary>
    public static int VisualEntering(PromptVisual visual, ReductionMethod method)
    {
        ArgumentNullException.ThrowIfNull(visual);
        return VisualEntering(visual.Shape, method);
    }

    /// <summary>The same of one whose shape alone is known.</summary>
    public static int VisualEntering(VisualShape visual, ReductionMethod method)
    {
        ArgumentNullException.ThrowIfNull(visual);
        ArgumentNullException.ThrowIfNull(method);
        return visual.Newlines + visual.Views.Select((view, i) => method.VisualEntering(
            new PromptShape(view.Frames, view.PerFrame, 0, 0, 0) { Grid = GridOf(visual, i) })).Sum();
    }

    /// <summary>Tokens that every layer of the decoder computes for a prompt, known before anything runs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The prompt's ids.</param>
    /// <param name="visuals">What stands in its placeholders.</param>
    /// <param name="method">The method.</param>
    public static int[] TokenCounts(
        MultimodalModel model, IReadOnlyList<int> ids, IReadOnlyList<PromptVisual> visuals, ReductionMethod method)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(visuals);
        ArgumentNullException.ThrowIfNull(method);
        int text = ids.Count(id => !model.Config.PlaceholderIds.Contains(id));
        return method.TokenCounts(visuals.Sum(v => VisualEntering(v, method)), text, model.Config.Text.NumHiddenLayers);
    }

    // Squares need no grid; methods know them by their number of tokens.
    private static VisionGrid? GridOf(VisualShape visual, int view)
        => visual.Views[view] is var grid && (visual.HasPositions || grid.Rows != grid.Columns) ? grid : null;
}
