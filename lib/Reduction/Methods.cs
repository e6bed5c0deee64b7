using Aim.Models;

namespace Aim.Reduction;

/// <summary>What a method needs to know; each takes what concerns it.</summary>
public sealed record ReductionSettings
{
    /// <summary>Share of visual tokens that merging keeps.</summary>
    public Retention Retention { get; init; } = Retention.All;

    /// <summary>A merging preset of the reference (<see cref="RetentionPlan.Presets"/>) instead of a retention.</summary>
    public string? Preset { get; init; }

    /// <summary>Pruning schedule; null: nothing is pruned.</summary>
    public PruneSchedule? Schedule { get; init; }

    /// <summary>Seed of <c>random</c>.</summary>
    public ulong Seed { get; init; }

    /// <summary>Side of the pooled grid of <c>downsample</c>.</summary>
    public int? Side { get; init; }
}

/// <summary>A reduction method as configured: what to do with the samples of a batch, and how many tokens that leaves.</summary>
public abstract class ReductionMethod
{
    /// <summary>The registered name.</summary>
    public required string Name { get; init; }

    /// <summary>The merger of one sample.</summary>
    public abstract ITokenMerger Merger(string sampleId);

    /// <summary>The pruner of one batch, or null where nothing is pruned.</summary>
    public abstract ITokenPruner? Pruner(IReadOnlyList<string> sampleIds);

    /// <summary>Tokens that every layer computes, known before anything runs and equal to what the run does.</summary>
    /// <param name="frames">Frames of the video.</param>
    /// <param name="tokensPerFrame">Tokens a frame brings to the merger.</param>
    /// <param name="text">Text tokens of the prompt.</param>
    /// <param name="layers">Layers of the decoder.</param>
    /// <param name="extraVisual">Visual tokens beside the frames' (LLaVA-OneVision: image_newline, once).</param>
    public int[] TokenCounts(int frames, int tokensPerFrame, int text, int layers, int extraVisual = 1)
    {
        int visual = frames * Merger("").Kept(tokensPerFrame) + extraVisual;
        var pruner = Pruner([""]);
        int Visual(int layer) => layer == 0 || pruner is null ? visual : pruner.KeptVisual(layer - 1, visual, text);
        return [.. Enumerable.Range(0, layers).Select(l => text + Visual(l))];
    }
}

/// <summary>The reduction methods by name.</summary>
public static class Methods
{
    /// <summary>
    /// <c>none</c>; <c>aim</c>: merging and pruning of the paper; <c>random</c>: its counts at its two places, slots drawn uniformly;
    /// <c>downsample</c>: each frame's grid averaged to side x side, no pruning.
    /// </summary>
    public static IReadOnlyList<string> Names { get; } = ["none", "aim", "random", "downsample"];

    /// <summary>Makes a method.</summary>
    /// <exception cref="ArgumentException">No method has this name, or the settings do not fit it.</exception>
    public static ReductionMethod Create(string name, ReductionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Func<int, RetentionPlan> plan = settings.Preset is { } preset
            ? tokens => RetentionPlan.Preset(preset, tokens)
            : tokens => RetentionPlan.For(tokens, settings.Retention);
        if (settings.Preset is { } known && !RetentionPlan.Presets.Contains(known))
            plan(0);
        return name switch
        {
            "none" => new Method(_ => new IdentityMerger(), _ => null) { Name = name },
            "aim" => new Method(
                _ => new AimMerger(plan),
                _ => settings.Schedule is { } s ? new PageRankPruner(s) : null)
            { Name = name },
            "random" => new Method(
                id => new RandomMerger(plan, settings.Seed, id),
                ids => settings.Schedule is { } s ? new RandomPruner(s, settings.Seed, ids) : null)
            { Name = name },
            "downsample" => new Method(
                _ => new DownsampleMerger(settings.Side ?? throw new ArgumentException("downsample needs the side of its grid")),
                _ => null)
            { Name = name },
            _ => throw new ArgumentException($"no reduction method is named '{name}'; there are {string.Join(", ", Names)}", nameof(name)),
        };
    }

    private sealed class Method(Func<string, ITokenMerger> merger, Func<IReadOnlyList<string>, ITokenPruner?> pruner) : ReductionMethod
    {
        public override ITokenMerger Merger(string sampleId) => merger(sampleId);

        public override ITokenPruner? Pruner(IReadOnlyList<string> sampleIds) => pruner(sampleIds);
    }
}
