namespace Aim.Reduction;

/// <summary>The settings of a method that keeps a share of the visual tokens and has no other setting.</summary>
/// <param name="Keep">The share.</param>
public sealed record KeepSettings(Retention Keep) : MethodSettings
{
    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> Pairs => [new("keep", $"{Keep}")];
}

/// <summary>
/// A method before the decoder that treats every frame alike and alone and keeps a share of its tokens. What is to be written
/// is how many, and which: what each output token is made of.
/// </summary>
public abstract class FrameMethod : MethodDefinition<KeepSettings>
{
    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.BeforeModel;

    /// <summary>The share that is kept if none is given.</summary>
    protected virtual Retention DefaultKeep => new(1, 4);

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings =>
        [new("keep", $"share of each frame's tokens that is kept, rounded up; default {DefaultKeep}", "1/4")];

    /// <summary>Tokens that a frame really has after the method was asked to keep so many of so many.</summary>
    protected virtual int Count(int tokens, int keep) => keep;

    /// <summary>Decides for every frame.</summary>
    /// <param name="input">The video, of at least one frame.</param>
    /// <param name="keep">Tokens to keep of each frame, fewer than there are.</param>
    /// <returns>For each frame one row for each of <see cref="Count"/> tokens, in output order.</returns>
    protected abstract IReadOnlyList<TokenMixture> Decide(MergeInput input, int keep);

    /// <summary>Chosen tokens as they are.</summary>
    protected static TokenMixture Chosen(int tokens, IEnumerable<int> slots) => new(tokens, [.. slots.Select(MixedToken.Copy)]);

    /// <summary>The frames' features, one <c>[tokens, dim]</c> after the other.</summary>
    protected static IEnumerable<Tensor> Frames(MergeInput input)
        => Enumerable.Range(0, input.Frames).Select(f => input.Features.select(0, f));

    /// <inheritdoc/>
    protected override KeepSettings Read(SettingReader settings) => new(settings.Share("keep", DefaultKeep));

    /// <inheritdoc/>
    protected override ReductionMethod Make(KeepSettings settings, HostTraits host)
        => new() { Definition = this, Settings = settings, Merger = new Merger(this, settings.Keep) };

    /// <inheritdoc/>
    protected override IEnumerable<KeepSettings> Ladder(KeepSettings settings, HostTraits host, PromptShape shape)
        => Enumerable.Range(1, shape.TokensPerFrame).Select(k => new KeepSettings(new Retention(k, shape.TokensPerFrame)));

    private sealed class Merger(FrameMethod method, Retention share) : ITokenMerger
    {
        public int Kept(int frames, int tokensPerFrame) => frames * PerFrame(tokensPerFrame);

        public MergedTokens Merge(MergeInput input)
        {
            ArgumentNullException.ThrowIfNull(input);
            int keep = share.Ceiling(input.Tokens);
            if (keep == input.Tokens)
                return IdentityMerger.Instance.Merge(input);
            using var scope = NewDisposeScope();
            var decided = method.Decide(input, keep);
            if (decided.FirstOrDefault(d => d.Rows.Count != PerFrame(input.Tokens)) is { } other)
            {
                throw new InvalidOperationException(
                    $"{method.Name} announced {PerFrame(input.Tokens)} tokens a frame and gave {other.Rows.Count}");
            }

            var tokens = cat([.. Frames(input).Zip(decided).Select(p => p.Second.Apply(p.First))], 0);
            return new MergedTokens(tokens.MoveToOuterDisposeScope(), Provenance.Concat([.. decided.Select(d => d.Origin())]));
        }

        private int PerFrame(int tokens)
            => share.Ceiling(tokens) is var keep && keep == tokens ? tokens : method.Count(tokens, keep);
    }
}
