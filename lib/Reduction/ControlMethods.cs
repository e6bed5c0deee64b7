namespace Aim.Reduction;

/// <summary><c>none</c>: the unreduced model, to which all others are compared.</summary>
public sealed class NoneMethod : MethodDefinition<NoSettings>
{
    /// <inheritdoc/>
    public override string Name => "none";

    /// <inheritdoc/>
    public override string Summary => "leaves every token where it is";

    /// <inheritdoc/>
    public override string Source => "the unreduced model";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.None;

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings => [];

    /// <inheritdoc/>
    protected override NoSettings Read(SettingReader settings) => new();

    /// <inheritdoc/>
    protected override ReductionMethod Make(NoSettings settings, HostTraits host)
        => new() { Definition = this, Settings = settings };
}

/// <summary><c>random</c>: AIM's counts at AIM's two places, slots drawn uniformly.</summary>
public sealed class RandomMethod : MethodDefinition<RandomMethod.Options>
{
    /// <summary>Settings of <c>random</c>.</summary>
    /// <param name="Retention">Share of each frame's tokens that is kept before the decoder.</param>
    /// <param name="Schedule">When tokens are pruned inside it.</param>
    /// <param name="Seed">Seed of the draws.</param>
    public sealed record Options(Retention Retention, ScheduleChoice Schedule, int Seed) : MethodSettings
    {
        /// <inheritdoc/>
        public override IReadOnlyList<KeyValuePair<string, string>> Pairs =>
            [new("retention", $"{Retention}"), new("schedule", $"{Schedule}"), new("seed", $"{Seed}")];
    }

    /// <inheritdoc/>
    public override string Name => "random";

    /// <inheritdoc/>
    public override string Summary => "keeps as many tokens as aim at the same places, drawn uniformly";

    /// <inheritdoc/>
    public override string Source => "a control of ours";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.BeforeModel | MethodPlaces.InsideModel;

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; } =
    [
        AimMethod.RetentionInfo, AimMethod.ScheduleInfo, new("seed", "seed of the draws; default 1", "1"),
    ];

    /// <inheritdoc/>
    protected override Options Read(SettingReader settings) => new(
        settings.Share("retention", Retention.All), settings.Schedule("schedule", ScheduleChoice.None),
        settings.Whole("seed", 0) ?? 1);

    /// <inheritdoc/>
    protected override Options Settle(Options settings, HostTraits host)
        => settings with { Schedule = settings.Schedule.Settle(host) };

    /// <inheritdoc/>
    protected override ReductionMethod Make(Options settings, HostTraits host)
    {
        ulong seed = (ulong)settings.Seed;
        var schedule = settings.Schedule.For(host);
        return new ReductionMethod
        {
            Definition = this,
            Settings = settings,
            Merger = new RandomMerger(tokens => RetentionPlan.For(tokens, settings.Retention), seed)
            {
                OnGrid = host.HasGridPositions ? grid => RetentionPlan.For(grid, settings.Retention) : null,
            },
            Prunes = schedule is null ? null : ids => new RandomPruner(schedule, seed, ids),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<Options> Ladder(Options settings, HostTraits host, PromptShape shape)
        => Enumerable.Range(1, shape.TokensPerFrame)
            .Select(k => settings with { Retention = new Retention(k, shape.TokensPerFrame) });
}

/// <summary><c>downsample</c>: each frame's grid averaged to side x side, no pruning.</summary>
public sealed class DownsampleMethod : MethodDefinition<DownsampleMethod.Options>
{
    /// <summary>Settings of <c>downsample</c>.</summary>
    /// <param name="Side">Side of the grid that is left; null: that of the host, which leaves it as it is.</param>
    public sealed record Options(int? Side) : MethodSettings
    {
        /// <inheritdoc/>
        public override IReadOnlyList<KeyValuePair<string, string>> Pairs => [new("side", Side is { } s ? $"{s}" : "default")];
    }

    /// <inheritdoc/>
    public override string Name => "downsample";

    /// <inheritdoc/>
    public override string Summary => "averages every frame's grid of tokens down to a smaller one";

    /// <inheritdoc/>
    public override string Source => "a control of ours: adaptive average pooling";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.BeforeModel;

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; } =
        [new("side", "side of the grid that is left; default: the whole grid", "3")];

    /// <inheritdoc/>
    protected override Options Read(SettingReader settings) => new(settings.Whole("side", 1));

    /// <inheritdoc/>
    protected override ReductionMethod Make(Options settings, HostTraits host)
    {
        ITokenMerger merger = settings.Side is { } side ? new DownsampleMerger(side) : IdentityMerger.Instance;
        return new ReductionMethod { Definition = this, Settings = settings, Merger = merger };
    }

    /// <inheritdoc/>
    protected override IEnumerable<Options> Ladder(Options settings, HostTraits host, PromptShape shape)
        => Enumerable.Range(
                1, shape.Grid is { } grid ? Math.Max(grid.Rows, grid.Columns) : MergeInput.SideOf(shape.TokensPerFrame))
            .Select(side => new Options(side));
}
