using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// AIM's iterative token merging (paper section 2.1): <see cref="MergeStep"/> again and again, each on what the last one left,
/// with plain means that forget how many tokens are already in one.
/// </summary>
public sealed class AimMerger : ITokenMerger
{
    private readonly Func<int, RetentionPlan> _plan;
    private readonly AimOptions _options;

    /// <summary>Merges to ceil(tokens * retention) per frame.</summary>
    public AimMerger(Retention retention, AimOptions? options = null)
        : this(tokens => RetentionPlan.For(tokens, retention), options)
        => OnGrid = grid => RetentionPlan.For(grid, retention);

    /// <summary>Merges as a plan says, made for the number of tokens that a frame has.</summary>
    /// <param name="plan">The plan of so many tokens.</param>
    /// <param name="options">Size weights and order of positions; null: the paper's.</param>
    public AimMerger(Func<int, RetentionPlan> plan, AimOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        (_plan, _options) = (plan, options ?? AimOptions.Paper);
    }

    /// <summary>The plan of a frame whose grid is known (Qwen2-VL); null: it follows from the number of tokens alone.</summary>
    public Func<VisionGrid, RetentionPlan>? OnGrid { get; init; }

    /// <summary>Tokens that a frame of <paramref name="tokensPerFrame"/> is left with.</summary>
    public int Kept(int tokensPerFrame) => _plan(tokensPerFrame).Kept;

    /// <inheritdoc/>
    public int Kept(int frames, int tokensPerFrame) => frames * Kept(tokensPerFrame);

    /// <inheritdoc/>
    public int Kept(VisionGrid grid) => grid.Frames * PlanOf(grid).Kept;

    /// <inheritdoc/>
    public MergedTokens Merge(MergeInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var plan = input.Grid is { } grid ? PlanOf(grid) : _plan(input.Tokens);
        var merged = Merge(input.Features, input.Metric, plan);
        return new MergedTokens(merged.Tokens.flatten(0, 1), merged.Origin()) { Grid = Filled(input.Grid, plan.Kept) };
    }

    private RetentionPlan PlanOf(VisionGrid grid) => OnGrid?.Invoke(grid) ?? _plan(grid.PerFrame);

    // Upstream puts as many tokens as the halved grid has cells there, in the order in which merging leaves them.
    private static VisionGrid? Filled(VisionGrid? grid, int kept)
        => grid is not { } from ? null : kept == from.PerFrame ? from : kept == from.Divide(2).PerFrame ? from.Divide(2) : null;

    /// <summary>Merges tokens by their own similarity: [frames, tokens, dim] -> [frames, Kept(tokens), dim].</summary>
    public Tensor Merge(Tensor tokens) => Merge(tokens, null).Tokens;

    /// <summary>
    /// Merges tokens by the similarity of something else in the same slots, which is merged in lock-step (LLaVA-1.5: CLIP's
    /// keys).
    /// </summary>
    /// <param name="tokens">[frames, tokens, dim].</param>
    /// <param name="metric">[frames, tokens, any]; null: the tokens themselves.</param>
    public MergeResult Merge(Tensor tokens, Tensor? metric)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return Merge(tokens, metric, _plan((int)tokens.shape[1]));
    }

    private MergeResult Merge(Tensor tokens, Tensor? metric, RetentionPlan plan)
    {
        using var scope = NewDisposeScope();
        var steps = new List<MergeStep>();
        var (x, keys) = (tokens, metric);
        int[][]? sizes = _options.SizeWeighted
            ? [.. Enumerable.Range(0, (int)tokens.shape[0]).Select(_ => Enumerable.Repeat(1, (int)tokens.shape[1]).ToArray())]
            : null;
        foreach (int r in plan.Steps)
        {
            var step = MergeStep.Match(keys ?? x, r, _options.PositionOrder);
            x = sizes is null ? step.Apply(x) : step.Apply(x, sizes);
            keys = keys is null ? null : sizes is null ? step.Apply(keys) : step.Apply(keys, sizes);
            sizes = sizes is null ? null : [.. sizes.Select((s, f) => step.Grow(f, s))];
            steps.Add(step);
        }

        // An empty plan hands back the caller's own tensor; an alias of it can be disposed like any result.
        x = steps.Count == 0 ? x.alias() : x;
        keys = steps.Count == 0 ? keys?.alias() : keys;
        return new MergeResult(x.MoveToOuterDisposeScope(), keys?.MoveToOuterDisposeScope(), steps, _options.SizeWeighted);
    }
}

/// <summary>Merged tokens and how they came about.</summary>
/// <param name="Tokens">[frames, kept, dim].</param>
/// <param name="Metric">The metric merged in lock-step, or null.</param>
/// <param name="Steps">The iterations.</param>
/// <param name="SizeWeighted">Whether means were weighted by the original tokens in each input.</param>
public sealed record MergeResult(Tensor Tokens, Tensor? Metric, IReadOnlyList<MergeStep> Steps, bool SizeWeighted = false)
{
    /// <summary>How many original tokens of a frame each output slot stands for.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="tokens">Tokens that it had.</param>
    public int[] Sizes(int frame, int tokens)
        => Steps.Aggregate(Enumerable.Repeat(1, tokens).ToArray(), (sizes, step) => step.Grow(frame, sizes));

    /// <summary>What every token of the video was made of.</summary>
    public Provenance Origin()
    {
        var (frames, kept) = ((int)Tokens.shape[0], (int)Tokens.shape[1]);
        int tokens = kept + Steps.Sum(s => s.Removed);
        return Provenance.Concat([.. Enumerable.Range(0, frames).Select(f => Composite(f, tokens))
            .Select(c => Provenance.OfAssignment(kept, c.Assign, c.Weight))]);
    }

    /// <summary>
    /// Where every original slot of a frame ended, and its weight in that mean; weights of one slot add up to 1.
    /// </summary>
    public (int[] Assign, float[] Weight) Composite(int frame, int tokens)
    {
        int[] assign = [.. Enumerable.Range(0, tokens)];
        var weight = new float[tokens];
        Array.Fill(weight, 1f);
        foreach (var step in Steps)
        {
            int[] next = step.Assign(frame), sizes = step.Sizes(frame);
            for (int i = 0; i < tokens; i++)
            {
                assign[i] = next[assign[i]];
                weight[i] /= sizes[assign[i]];
            }
        }

        if (SizeWeighted)
        {
            int[] totals = Sizes(frame, tokens);
            weight = Array.ConvertAll(assign, a => 1f / totals[a]);
        }

        return (assign, weight);
    }
}
