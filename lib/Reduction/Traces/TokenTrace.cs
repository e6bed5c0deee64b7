using Aim.Models;

namespace Aim.Reduction;

/// <summary>A patch of a frame, as a token was made of it.</summary>
/// <param name="Frame">The frame, from 0.</param>
/// <param name="Row">Row of the frame's grid of visual tokens before merging, from 0.</param>
/// <param name="Column">Column there.</param>
/// <param name="Weight">Its weight in the token.</param>
public readonly record struct PatchWeight(int Frame, int Row, int Column, float Weight);

/// <summary>
/// Where the patches of one sample went: into which token before the decoder, and how deep into the decoder that token got. It
/// composes what merging says of its tokens with what a prefill says of its survivors, and knows no model.
/// </summary>
public sealed class TokenTrace
{
    private readonly Provenance _origin;

    // For each decoder layer the merged tokens that enter it, ascending; image_newline and what a pruner made itself are not
    // among them.
    private readonly int[][] _entering;

    /// <summary>Traces a sample.</summary>
    /// <param name="origin">What each merged token was made of: <see cref="MergedTokens.Origin"/>.</param>
    /// <param name="grid">The frames' grids.</param>
    /// <param name="visualSlots">Prompt slots of the visual tokens: the merged tokens in order, then any others.</param>
    /// <param name="alive">Slots that are alive after each layer, <c>[layer]</c>: one sample's
    /// <see cref="PrefillResult.Alive"/>.</param>
    /// <exception cref="ArgumentException">Patches, tokens and slots do not fit together.</exception>
    public TokenTrace(Provenance origin, PatchGrid grid, IReadOnlyList<int> visualSlots, IReadOnlyList<IReadOnlyList<int>> alive)
    {
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(visualSlots);
        ArgumentNullException.ThrowIfNull(alive);
        if (origin.Inputs != grid.Patches)
        {
            throw new ArgumentException(
                $"tokens were made of {origin.Inputs} patches, "
                + $"but {grid.Frames} frames of {grid.Rows} x {grid.Columns} have {grid.Patches}",
                nameof(grid));
        }

        if (visualSlots.Count < origin.Outputs || alive.Count == 0)
        {
            throw new ArgumentException(
                $"{origin.Outputs} tokens do not fit {visualSlots.Count} visual slots and {alive.Count} layers",
                nameof(visualSlots));
        }

        (_origin, Grid) = (origin, grid);
        var tokenAt = new Dictionary<int, int>();
        for (int i = 0; i < origin.Outputs; i++)
            tokenAt[visualSlots[i]] = i;
        _entering = new int[alive.Count][];
        _entering[0] = [.. Enumerable.Range(0, origin.Outputs)];
        // What is alive after the last layer enters none.
        for (int l = 1; l < alive.Count; l++)
            _entering[l] = [.. alive[l - 1].Where(tokenAt.ContainsKey).Select(slot => tokenAt[slot]).Order()];
    }

    /// <summary>The frames' grids.</summary>
    public PatchGrid Grid { get; }

    /// <summary>Layers of the decoder.</summary>
    public int Layers => _entering.Length;

    /// <summary>
    /// What the visual tokens that enter a layer were made of, in terms of all patches (frame * rows * columns + row * columns +
    /// column).
    /// </summary>
    public Provenance Entering(int layer)
        => _origin.Then(Provenance.OfChoice(_origin.Outputs, _entering[layer]));

    /// <summary>The patches of every visual token that enters a layer.</summary>
    public IReadOnlyList<IReadOnlyList<PatchWeight>> PatchesEntering(int layer)
    {
        var entering = Entering(layer);
        return
        [
            .. Enumerable.Range(0, entering.Outputs).Select(o =>
                (IReadOnlyList<PatchWeight>)[.. entering.From(o).Zip(entering.Weights(o), Grid.At)]),
        ];
    }

    /// <summary>The form that run records keep.</summary>
    public PatchGroups Groups()
    {
        var last = new int[_origin.Outputs];
        for (int l = 0; l < Layers; l++)
        {
            foreach (int token in _entering[l])
                last[token] = l;
        }

        // A patch in several tokens is drawn with the one in which it weighs most.
        var group = new int[Grid.Patches];
        var weight = new float[Grid.Patches];
        Array.Fill(group, -1);
        for (int o = 0; o < _origin.Outputs; o++)
        {
            for (int k = 0; k < _origin.From(o).Count; k++)
            {
                var (patch, w) = (_origin.From(o)[k], Math.Abs(_origin.Weights(o)[k]));
                if (w > weight[patch])
                    (group[patch], weight[patch]) = (o, w);
            }
        }

        return new PatchGroups(
            Grid, Layers,
            [.. Enumerable.Range(0, Grid.Frames).Select(f => group[(f * Grid.PerFrame)..((f + 1) * Grid.PerFrame)])], last);
    }
}

/// <summary>The grids of visual tokens that a sample's frames had before merging.</summary>
/// <param name="Frames">Frames.</param>
/// <param name="Rows">Rows of each frame's grid.</param>
/// <param name="Columns">Its columns.</param>
public sealed record PatchGrid(int Frames, int Rows, int Columns)
{
    /// <summary>Patches of a frame.</summary>
    public int PerFrame => Rows * Columns;

    /// <summary>Patches of all frames.</summary>
    public int Patches => Frames * PerFrame;

    /// <summary>A patch by its number, raster order within a frame, frame after frame.</summary>
    public PatchWeight At(int patch, float weight)
        => new(patch / PerFrame, patch % PerFrame / Columns, patch % Columns, weight);
}
