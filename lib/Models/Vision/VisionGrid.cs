namespace Aim.Models;

/// <summary>
/// Patches or tokens of a picture (one frame) or a video that lie in a grid: frame after frame, row after row. Of a video that is
/// cut in time, too, a frame here is a temporal patch. Upstream's <c>image_grid_thw</c>.
/// </summary>
/// <param name="Frames">Frames, at least 1.</param>
/// <param name="Rows">Rows of each, at least 1.</param>
/// <param name="Columns">Columns of each, at least 1.</param>
public readonly record struct VisionGrid(int Frames, int Rows, int Columns)
{
    /// <summary>Cells of one frame.</summary>
    public int PerFrame => Rows * Columns;

    /// <summary>Cells of all frames.</summary>
    public int Count => Frames * PerFrame;

    /// <summary>
    /// The grid of squares of <paramref name="side"/> x <paramref name="side"/> cells; what is left over is dropped.
    /// </summary>
    public VisionGrid Divide(int side) => new(Frames, Rows / side, Columns / side);

    /// <inheritdoc/>
    public override string ToString() => $"{Frames} x {Rows} x {Columns}";
}
