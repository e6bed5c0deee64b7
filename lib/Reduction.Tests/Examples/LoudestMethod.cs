using Aim.Reduction;

namespace Aim.Examples;

/// <summary><c>loudest</c>: keeps the tokens of every frame with the largest norm, in their order.</summary>
public sealed class LoudestMethod : FrameMethod
{
    /// <inheritdoc/>
    public override string Name => "loudest";

    /// <inheritdoc/>
    public override string Summary => "keeps the tokens of every frame with the largest norm";

    /// <inheritdoc/>
    public override string Source => "an example";

    /// <inheritdoc/>
    protected override IReadOnlyList<TokenMixture> Decide(MergeInput input, int keep)
        => [.. Frames(input).Select(frame => Chosen(input.Tokens, Loudest(frame, keep)))];

    private static int[] Loudest(Tensor frame, int keep)
    {
        using var scope = NewDisposeScope();
        float[] norms = frame.mul(frame).sum(-1).cpu().data<float>().ToArray();
        return [.. Enumerable.Range(0, norms.Length).OrderByDescending(i => norms[i]).Take(keep).Order()];
    }
}
