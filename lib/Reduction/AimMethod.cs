using Aim.Models;

namespace Aim.Reduction;

/// <summary><c>aim</c>: the paper's merging before the decoder and its pruning inside.</summary>
public sealed class AimMethod : MethodDefinition<AimMethod.Options>
{
    internal static readonly SettingInfo RetentionInfo = new(
        "retention", "share of each frame's tokens that merging keeps; default 1", "1/4");

    internal static readonly SettingInfo ScheduleInfo = new(
        "schedule",
        "layers (l1, l2) between which visual tokens are pruned, 'default' (L/2, round(22L/28)) or 'none'; default none",
        "(6, 9)");

    /// <summary>Settings of <c>aim</c>.</summary>
    /// <param name="Retention">Share of each frame's tokens that merging keeps.</param>
    /// <param name="Preset">
    /// A sequence of the reference (<see cref="RetentionPlan.Presets"/>) in the retention's place; null: none.
    /// </param>
    /// <param name="Schedule">When tokens are pruned inside the decoder.</param>
    /// <param name="Variant">What differs from the paper's method.</param>
    public sealed record Options(Retention Retention, string? Preset, ScheduleChoice Schedule, AimOptions Variant)
        : MethodSettings
    {
        /// <inheritdoc/>
        public override IReadOnlyList<KeyValuePair<string, string>> Pairs =>
        [
            Preset is null ? new("retention", $"{Retention}") : new("preset", Preset), new("schedule", $"{Schedule}"),
            .. Variant.Pairs,
        ];

        /// <summary>How the tokens of a frame are merged.</summary>
        public RetentionPlan Plan(int tokens)
            => Preset is null ? RetentionPlan.For(tokens, Retention) : RetentionPlan.Preset(Preset, tokens);

        /// <summary>The merging plan of a frame whose grid is known (Qwen2-VL).</summary>
        public RetentionPlan PlanOn(VisionGrid grid)
            => Preset is null ? RetentionPlan.For(grid, Retention) : RetentionPlan.Preset(Preset, grid.PerFrame);
    }

    /// <inheritdoc/>
    public override string Name => "aim";

    /// <inheritdoc/>
    public override string Summary
        => "merges similar tokens of a frame before the decoder and prunes by Page Rank importance inside it";

    /// <inheritdoc/>
    public override string Source => "AIM (arXiv 2412.03248, sections 2.1 and 2.2; LaVi-Lab/AIM)";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.BeforeModel | MethodPlaces.InsideModel;

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.PageRank;

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; } =
    [
        RetentionInfo, ScheduleInfo,
        new("preset", "one of the reference's merging sequences instead of a retention", "video-37.5%"),
        .. AimOptions.Infos,
    ];

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host) => MethodFit.AdaptedIf(host.Cut);

    /// <inheritdoc/>
    protected override Options Read(SettingReader settings)
    {
        string? preset = settings.Find("preset");
        if (preset is not null && !RetentionPlan.Presets.Contains(preset))
            throw settings.Wrong("preset", preset, $"one of {string.Join(", ", RetentionPlan.Presets)}");
        if (preset is not null && settings.Find("retention") is { } retention)
            throw settings.Wrong("retention", retention, $"nothing beside preset '{preset}'");
        return new Options(
            settings.Share("retention", Retention.All), preset, settings.Schedule("schedule", ScheduleChoice.None),
            AimOptions.Read(settings));
    }

    /// <inheritdoc/>
    protected override Options Settle(Options settings, HostTraits host)
        => settings with { Schedule = settings.Schedule.Settle(host) };

    /// <inheritdoc/>
    protected override ReductionMethod Make(Options settings, HostTraits host)
    {
        var schedule = settings.Schedule.For(host);
        return new ReductionMethod
        {
            Definition = this,
            Settings = settings,
            Merger = new AimMerger(settings.Plan, settings.Variant) { OnGrid = host.HasGridPositions ? settings.PlanOn : null },
            BeforeProjector = host.MergesBeforeProjector,
            Prunes = schedule is null ? null : _ => new PageRankPruner(schedule, settings.Variant),
            ProportionalAttention = settings.Variant.ProportionalAttention,
            OriginalPositions = settings.Variant.OriginalPositions,
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<Options> Ladder(Options settings, HostTraits host, PromptShape shape)
        => Enumerable.Range(1, shape.TokensPerFrame)
            .Select(k => settings with { Preset = null, Retention = new Retention(k, shape.TokensPerFrame) });
}
