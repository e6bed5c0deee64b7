namespace Aim.Models;

/// <summary>
/// Where the visual tokens of one picture or video stand on the three axes of M-RoPE (Qwen2-VL), counted from the first position
/// that is free when it begins.
/// </summary>
/// <param name="Cells">Of each token its frame, row and column.</param>
/// <param name="Extent">
/// How far behind the first free position the next text stands: the larger side of the grid. Time is left out, as upstream leaves
/// it out: a long video's frames may run past the text that follows.
/// </param>
public sealed record VisualPositions(IReadOnlyList<(int Frame, int Row, int Column)> Cells, int Extent)
{
    /// <summary>One token in every cell of a grid, frame after frame, row after row.</summary>
    public static VisualPositions Of(VisionGrid grid) => new(
        [.. Enumerable.Range(0, grid.Count).Select(i => (i / grid.PerFrame, i % grid.PerFrame / grid.Columns, i % grid.Columns))],
        Math.Max(grid.Rows, grid.Columns));

    /// <summary>Some of the tokens, which stay where they are; so does the text behind them.</summary>
    /// <param name="tokens">Their indices among all tokens, in the order in which the decoder reads them.</param>
    public VisualPositions Select(IEnumerable<int> tokens) => this with { Cells = [.. tokens.Select(i => Cells[i])] };

    /// <summary>
    /// Positions of a whole prompt, <c>[3][tokens]</c> (time, height, width): text counts up alike on all axes, visual tokens
    /// stand in their cells.
    /// </summary>
    /// <param name="isVisual">Which slots are visual.</param>
    /// <param name="visuals">What fills them, in order.</param>
    /// <exception cref="ArgumentException">There are more or fewer visual slots than cells.</exception>
    public static int[][] OfPrompt(IReadOnlyList<bool> isVisual, IReadOnlyList<VisualPositions> visuals)
    {
        var (time, height, width) = (new int[isVisual.Count], new int[isVisual.Count], new int[isVisual.Count]);
        int free = 0, slot = 0;
        void Text()
        {
            for (; slot < isVisual.Count && !isVisual[slot]; slot++)
                time[slot] = height[slot] = width[slot] = free++;
        }

        foreach (var visual in visuals)
        {
            Text();
            foreach (var (frame, row, column) in visual.Cells)
            {
                if (slot == isVisual.Count || !isVisual[slot])
                {
                    throw new ArgumentException(
                        $"the prompt has no slot for {visual.Cells.Count} visual tokens", nameof(visuals));
                }

                (time[slot], height[slot], width[slot]) = (free + frame, free + row, free + column);
                slot++;
            }

            free += visual.Extent;
        }

        Text();
        return slot == isVisual.Count
            ? [time, height, width]
            : throw new ArgumentException("the prompt has visual slots that nothing fills", nameof(visuals));
    }
}
