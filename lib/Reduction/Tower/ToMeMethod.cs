using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// <c>tome</c>: see <see cref="ToMe"/>. Where the tower's output goes to the decoder as it is, it acts within the tower, as its
/// authors run it. LLaVA-OneVision pools a video's frames as grids behind the tower, and packs pictures in rows; there tokens
/// are merged behind projector and pooling, by the (pooled) keys of the tower's last layer, and the label says so.
/// </summary>
public sealed class ToMeMethod : MethodDefinition<KeepSettings>
{
    /// <inheritdoc/>
    public override string Name => "tome";

    /// <inheritdoc/>
    public override string Summary => "merges the most similar tokens within the vision tower, weighted by size";

    /// <inheritdoc/>
    public override string Source
        => "ToMe (arXiv 2210.09461; facebookresearch/ToMe; as many tokens in every block, proportional attention)";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.Tower;

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.TowerKeys;

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; } =
        [new("keep", "share of each frame's tokens that is left, rounded up; every block can halve at most; default 1/4", "1/4")];

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host) => NeedsGrid(host)
        ? MethodFit.AdaptedIf(
            "behind the tower tokens must form a grid, so they are merged behind the projector, by the tower's last keys",
            host.Placed)
        : MethodFit.Native;

    private static bool NeedsGrid(HostTraits host) => host.PoolsTokens || host.CutsPictures;

    /// <inheritdoc/>
    protected override KeepSettings Read(SettingReader settings) => new(settings.Share("keep", new Retention(1, 4)));

    /// <inheritdoc/>
    protected override ReductionMethod Make(KeepSettings settings, HostTraits host) => NeedsGrid(host)
        ? new() { Definition = this, Settings = settings, Merger = new ToMeAfterPooling(settings.Keep) }
        : new() { Definition = this, Settings = settings, Tower = new ToMeInTower(settings.Keep, host) };

    /// <inheritdoc/>
    protected override IEnumerable<KeepSettings> Ladder(KeepSettings settings, HostTraits host, PromptShape shape)
        => Enumerable.Range(1, shape.TokensPerFrame).Select(k => new KeepSettings(new Retention(k, shape.TokensPerFrame)));
}

/// <summary>ToMe within the blocks of a tower: the same r in every block, as small as reaches the target.</summary>
internal sealed class ToMeInTower(Retention keep, HostTraits host) : ITowerReduction
{
    private int Single => host.HasClassToken ? 1 : 0;

    public int Kept(int tokens) => ToMe.Counts(tokens + Single, Schedule(tokens), Single)[^1] - Single;

    public ITowerMerger Start(int tokens) => new Run(Schedule(tokens), host.HasClassToken);

    // The smallest r at which as many blocks come down to the target; the last one that merges takes only what is left to take.
    private int[] Schedule(int tokens)
    {
        int target = keep.Ceiling(tokens), blocks = host.TowerLayersUsed;
        var schedule = new int[blocks];
        for (int r = (tokens - target + blocks - 1) / Math.Max(1, blocks); r <= tokens; r++)
        {
            int left = tokens;
            for (int i = 0; i < blocks; i++)
            {
                schedule[i] = Math.Min(ToMe.Clip(r, left + Single, Single), left - target);
                left -= schedule[i];
            }

            if (left == target)
                break;
        }

        return schedule;
    }

    private sealed class Run(int[] schedule, bool classToken) : ITowerMerger
    {
        private Tensor? _sizes;

        public Tensor Attend(Tensor query, Tensor key, Tensor value) => ToMe.Attention(query, key, value, _sizes);

        public Tensor Merge(int layer, Tensor hidden, Tensor key)
        {
            var step = ToMeStep.Match(ToMe.Metric(key), schedule[layer], classToken);
            var (tokens, sizes) = step.Apply(hidden, _sizes);
            _sizes?.Dispose();
            _sizes = sizes.DetachFromDisposeScope();
            if (layer == schedule.Length - 1)
                _sizes.Dispose();
            return tokens;
        }
    }
}

/// <summary>ToMe's merging of tokens behind projector and pooling, in rounds that halve at most.</summary>
internal sealed class ToMeAfterPooling(Retention keep) : ITokenMerger
{
    public int Kept(int frames, int tokensPerFrame) => frames * keep.Ceiling(tokensPerFrame);

    public MergedTokens Merge(MergeInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        int target = keep.Ceiling(input.Tokens);
        if (target == input.Tokens)
            return IdentityMerger.Instance.Merge(input);
        using var scope = NewDisposeScope();
        var metric = TowerScores.MeanKeys(input, -1);
        var tokens = input.Features;
        Tensor? sizes = null;
        int[][] assign = [.. Enumerable.Range(0, input.Frames).Select(_ => Enumerable.Range(0, input.Tokens).ToArray())];
        while (tokens.shape[1] > target)
        {
            var step = ToMeStep.Match(metric, (int)tokens.shape[1] - target);
            metric = step.Apply(metric, sizes).Tokens;
            (tokens, sizes) = step.Apply(tokens, sizes);
            for (int f = 0; f < assign.Length; f++)
            {
                int frame = f;
                assign[f] = Array.ConvertAll(assign[f], slot => step.Assign(frame)[slot]);
            }
        }

        // A token is the mean of all original ones in it.
        var origin = Provenance.Concat([.. assign.Select(a =>
        {
            int[] size = new int[target];
            foreach (int slot in a)
                size[slot]++;
            return Provenance.OfAssignment(target, a, Array.ConvertAll(a, slot => 1f / size[slot]));
        })]);
        return new MergedTokens(tokens.flatten(0, 1).MoveToOuterDisposeScope(), origin);
    }
}
