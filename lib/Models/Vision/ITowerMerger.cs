namespace Aim.Models;

/// <summary>
/// Merges tokens within a tower, between attention and MLP of its layers (ToMe). Later layers compute fewer tokens, and what
/// comes out is no grid any more. An instance serves one run of the tower, layer by layer.
/// </summary>
public interface ITowerMerger
{
    /// <summary>A layer's attention, in which merged tokens may weigh more.</summary>
    /// <param name="query">[tiles, heads, tokens, d].</param>
    /// <param name="key">The same shape.</param>
    /// <param name="value">The same shape.</param>
    /// <returns>The same shape.</returns>
    Tensor Attend(Tensor query, Tensor key, Tensor value);

    /// <summary>Merges the residual stream behind a layer's attention.</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="hidden">[tiles, tokens, dim], a class token first if there is one; it must stay there.</param>
    /// <param name="key">[tiles, heads, tokens, d], what tokens may be compared by.</param>
    /// <returns>[tiles, fewer, dim].</returns>
    Tensor Merge(int layer, Tensor hidden, Tensor key);
}
