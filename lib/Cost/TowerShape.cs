namespace Aim.Cost;

/// <summary>
/// The sizes of a vision tower and of what brings its features to the decoder's width that FLOPs follow from: CLIP, SigLIP and
/// Qwen2-VL's ViT are all of this form.
/// </summary>
public sealed record TowerShape
{
    /// <summary>Width of the residual stream.</summary>
    public required int Hidden { get; init; }

    /// <summary>Layers that run, which may be fewer than the tower has (LLaVA-1.5 leaves the last out).</summary>
    public required int Layers { get; init; }

    /// <summary>Width of the MLP.</summary>
    public required int Intermediate { get; init; }

    /// <summary>Numbers of a patch: channels, frames, rows, columns.</summary>
    public required int PatchValues { get; init; }

    /// <summary>Whether a class token runs along with every picture (CLIP).</summary>
    public bool HasClassToken { get; init; }

    /// <summary>Whether the class token is projected too, where there is one.</summary>
    public bool ProjectsClassToken { get; init; }

    /// <summary>Patches that become one token before they are projected: 1, or a square of 4 (Qwen2-VL's merger).</summary>
    public int PatchesPerToken { get; init; } = 1;

    /// <summary>The linear layers behind the tower, each with its inputs and outputs.</summary>
    public IReadOnlyList<(int Inputs, int Outputs)> Projector { get; init; } = [];

    /// <summary>
    /// Side of a frame's grid of tokens after a pooling that is two products, one for the rows and one for the columns
    /// (LLaVA-OneVision's videos where the grid's side is odd; means over 2 x 2 tokens multiply nothing); 0: there is none.
    /// </summary>
    public int PooledSide { get; init; }

    /// <summary>
    /// FLOPs of matrix products and attention, as the engine's counters count them: 2 m n k for the patch embedding, every
    /// linear layer and the projector, and 4 * hidden for every pair of tokens of one picture.
    /// </summary>
    /// <param name="pictures">Pictures, tiles or frames, each of which attends to itself alone.</param>
    /// <param name="patches">Patches of each.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public long MatmulFlops(int pictures, int patches)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pictures);
        ArgumentOutOfRangeException.ThrowIfNegative(patches);
        long h = Hidden, tokens = patches + (HasClassToken ? 1 : 0);
        long embedding = 2L * patches * PatchValues * h;
        long layer = tokens * ((8 * h * h) + (4 * h * Intermediate)) + 4 * h * tokens * tokens;
        long projected = (patches / PatchesPerToken) + (HasClassToken && ProjectsClassToken ? 1 : 0);
        long side = (long)Math.Round(Math.Sqrt(patches)), width = Projector.Count > 0 ? Projector[^1].Outputs : h;
        long pooling = 2 * width * side * PooledSide * (side + PooledSide);
        return checked(
            pictures * (embedding + Layers * layer + projected * Projector.Sum(p => 2L * p.Inputs * p.Outputs) + pooling));
    }
}
