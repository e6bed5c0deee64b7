using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// <c>text-prune</c>: AIM, but text is pruned as visual tokens are. Our reading of the paper's Table 6, which gives no rule:
/// visual and text tokens are ranked together by Page Rank importance at the schedule's rates; the first and the last token of
/// the prompt are protected.
/// </summary>
public sealed class TextPrune : MethodDefinition<TextPrune.Options>
{
    /// <summary>Settings of <c>text-prune</c>.</summary>
    /// <param name="Retention">Share of each frame's tokens that merging keeps.</param>
    /// <param name="Schedule">When tokens are pruned inside the decoder.</param>
    public sealed record Options(Retention Retention, ScheduleChoice Schedule) : MethodSettings
    {
        /// <inheritdoc/>
        public override IReadOnlyList<KeyValuePair<string, string>> Pairs =>
            [new("retention", $"{Retention}"), new("schedule", $"{Schedule}")];
    }

    /// <inheritdoc/>
    public override string Name => "text-prune";

    /// <inheritdoc/>
    public override string Summary => "AIM that prunes text beside visual tokens";

    /// <inheritdoc/>
    public override string Source => "our reading of AIM's Table 6 (arXiv 2412.03248)";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.BeforeModel | MethodPlaces.InsideModel;

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.PageRank;

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; } =
    [
        AimMethod.RetentionInfo,
        AimMethod.ScheduleInfo with { Meaning = "as aim's, for visual and text tokens together; default 'default'" },
    ];

    /// <inheritdoc/>
    protected override Options Read(SettingReader settings)
        => new(settings.Share("retention", Retention.All), settings.Schedule("schedule", ScheduleChoice.Default));

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
            Merger = new AimMerger(settings.Retention),
            Prunes = schedule is null ? null : _ => new TextPruner(schedule),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<Options> Ladder(Options settings, HostTraits host, PromptShape shape)
        => Enumerable.Range(1, shape.TokensPerFrame)
            .Select(k => settings with { Retention = new Retention(k, shape.TokensPerFrame) });
}

/// <summary>Page Rank pruning of visual and text tokens together.</summary>
/// <param name="schedule">The rates, of all tokens but the first and the last.</param>
public sealed class TextPruner(PruneSchedule schedule) : ITokenPruner
{
    private readonly PageRankPruner _ranking = new(schedule);

    /// <inheritdoc/>
    public bool RanksText => true;

    /// <inheritdoc/>
    public int Kept(int layer, int visual, int text) => schedule.KeptVisual(layer, Math.Max(0, visual + text - 2), 2);

    /// <inheritdoc/>
    public int[][] Select(LayerContext context, int[] keep) => _ranking.Select(context, keep);
}
