namespace Aim.Models;

/// <summary>
/// How many tokens a picture or video becomes and how they lie, before anything is computed. Shapes that say the same are equal.
/// </summary>
/// <param name="Views">Its views (<see cref="PromptVisual.Views"/>).</param>
/// <param name="Newlines">Tokens that belong to no view.</param>
/// <param name="Patches">What the tower sees: patches of tiles, of frames, or of pairs of frames.</param>
/// <param name="HasPositions">Whether its tokens have positions in time, height and width.</param>
public sealed record VisualShape(IReadOnlyList<VisionGrid> Views, int Newlines, VisionGrid Patches, bool HasPositions = false)
{
    /// <summary>Tokens in the prompt where nothing is reduced.</summary>
    public int Tokens => Views.Sum(view => view.Count) + Newlines;

    /// <inheritdoc/>
    public bool Equals(VisualShape? other)
        => other is not null && Newlines == other.Newlines && Patches == other.Patches && HasPositions == other.HasPositions
            && Views.SequenceEqual(other.Views);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Views.Count, Views.Count > 0 ? Views[^1] : default, Newlines, Patches);
}
