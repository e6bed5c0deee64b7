namespace Aim.Models;

/// <summary>
/// What reduction methods may ask a vision tower about a sample's pictures. Everything is computed when it is first asked for,
/// at the layer that a method wants, and then kept; a sample whose method asks for nothing costs nothing.
/// </summary>
public interface ITowerSignals
{
    /// <summary>
    /// Layers of the tower; those behind the features' layer can be asked only for what they make of the features.
    /// </summary>
    int Layers { get; }

    /// <summary>Attention heads.</summary>
    int Heads { get; }

    /// <summary>Whether slot 0 of a picture is a class token.</summary>
    bool HasClassToken { get; }

    /// <summary>
    /// A layer's projected queries <c>[frames, slots, width]</c>, all heads side by side; slots are patches, a class token first.
    /// </summary>
    /// <param name="layer">From 0, or from the end: -1 is the tower's last.</param>
    Tensor Queries(int layer);

    /// <summary>A layer's projected keys, as <see cref="Queries"/>.</summary>
    Tensor Keys(int layer);

    /// <summary>
    /// Pools something that patches have, as the host pools their features: a LLaVA-OneVision video's grid is interpolated to
    /// half its side, so a token's score is the mean of its patches' scores. Where a host does not pool, what is given comes
    /// back.
    /// </summary>
    /// <param name="perPatch"><c>[frames, patches, any]</c>, without a class token.</param>
    /// <returns><c>[frames, tokens, any]</c>, aligned with the features.</returns>
    Tensor Pool(Tensor perPatch);
}
