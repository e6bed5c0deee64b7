namespace Aim.Models;

/// <summary>
/// A picture or video of a prompt, of any family, between its pixels and the decoder: which tokens the tower makes of it, and how
/// what a method leaves of them is put together again. Made by <see cref="MultimodalModel.Pictures"/> and
/// <see cref="MultimodalModel.Video"/>; nothing is computed before it is asked for.
/// </summary>
public abstract class PromptVisual : IDisposable
{
    /// <summary>Whether it stands in a video's placeholder.</summary>
    public virtual bool IsVideo => false;

    /// <summary>
    /// How its tokens lie before any reduction. A video is one view of all its frames; a picture that is cut into tiles is two of
    /// one frame each: the whole, and the grid of its tiles. Methods reduce each view on its own.
    /// </summary>
    public abstract IReadOnlyList<VisionGrid> Views { get; }

    /// <summary>Tokens that belong to no view: newlines. Methods leave them alone.</summary>
    public abstract int Newlines { get; }

    /// <summary>What the tower sees: patches of tiles, of frames, or of pairs of frames.</summary>
    public abstract VisionGrid Patches { get; }

    /// <summary>Its views, newlines and positions, as they are known before it is read (<see cref="VisualSizes"/>).</summary>
    public VisualShape Shape => new(Views, Newlines, Patches, HasPositions);

    /// <summary>Tokens in the prompt where nothing is reduced.</summary>
    public int Tokens => Shape.Tokens;

    /// <summary>Whether its tokens have positions in time, height and width.</summary>
    public virtual bool HasPositions => false;

    /// <summary>Each view's tokens as the decoder reads them, behind projector and pooling.</summary>
    /// <param name="merger">Merges tokens within the tower, for a picture of one view; null: all stay.</param>
    /// <param name="cancel">Ends it before the tower's next layer.</param>
    /// <returns>For each view <c>[frames, tokens, dim]</c>.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was raised.</exception>
    public abstract IReadOnlyList<Tensor> Features(ITowerMerger? merger = null, CancellationToken cancel = default);

    /// <summary>
    /// What enters the projector, and what the tower's next layer makes keys of it: what LLaVA-1.5's tokens are merged by, before
    /// <see cref="Project"/>. A tower without a next layer gives its last one's keys.
    /// </summary>
    /// <returns><c>[frames, tokens, vision dim]</c> each.</returns>
    /// <exception cref="NotSupportedException">The family's tokens are pooled or cut up behind the projector.</exception>
    public virtual (Tensor Features, Tensor Keys) BeforeProjector()
        => throw new NotSupportedException("tokens are merged before the projector only where all of them go through it alike");

    /// <summary>Projects what was merged of <see cref="BeforeProjector"/>, <c>[tokens, vision dim]</c>.</summary>
    /// <returns><c>[tokens, dim]</c>.</returns>
    /// <exception cref="NotSupportedException">As there.</exception>
    public virtual Tensor Project(Tensor merged)
        => throw new NotSupportedException("tokens are merged before the projector only where all of them go through it alike");

    /// <summary>What a view's tokens say of the tower; it stays this object's.</summary>
    public abstract ITowerSignals Signals(int view);

    /// <summary>
    /// The order in which the prompt takes what is left of the views: indices into all views' tokens one after the other, and -1
    /// for a newline.
    /// </summary>
    /// <param name="left">Tokens that are left of each view.</param>
    public abstract int[] Order(IReadOnlyList<int> left);

    /// <summary>Puts together what is left of the views, with the newlines.</summary>
    /// <param name="views">Of each view <c>[tokens, dim]</c>.</param>
    /// <param name="positions">Where they stand, where <see cref="HasPositions"/>.</param>
    public VisualTokens Place(IReadOnlyList<Tensor> views, VisualPositions? positions = null)
    {
        ArgumentNullException.ThrowIfNull(views);
        using var scope = NewDisposeScope();
        int[] order = Order([.. views.Select(v => (int)v.shape[0])]);
        List<Tensor> table = [.. views];
        long newline = views.Sum(v => v.shape[0]);
        if (Newlines > 0)
            table.Add(Newline!.unsqueeze(0));
        var all = table.Count == 1 ? table[0] : cat(table, 0);
        var rows = tensor(order.Select(i => i < 0 ? newline : i).ToArray(), [order.Length]).to(all.device);
        return new VisualTokens(all.index_select(0, rows).MoveToOuterDisposeScope(), positions, IsVideo);
    }

    /// <summary>The newline token <c>[dim]</c>, if there are any.</summary>
    private protected virtual Tensor? Newline => null;

    /// <summary>Frees the pixels and what the tower was asked.</summary>
    public abstract void Dispose();
}
