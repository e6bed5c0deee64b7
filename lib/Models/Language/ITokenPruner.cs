namespace Aim.Models;

/// <summary>
/// Decides, layer by layer, which tokens of a prompt go on. It first says how many, from lengths alone (cost and cache sizes
/// are known before anything runs), then which; the decoder holds it to the count. What it chooses among are the candidates:
/// the visual tokens that are still alive, or, where <see cref="RanksText"/>, all tokens but the prompt's first and last. Every
/// other token always goes on.
/// </summary>
public interface ITokenPruner
{
    /// <summary>
    /// Candidates that go on after <paramref name="layer"/>, of a prompt that entered layer 0 with <paramref name="visual"/>
    /// visual and
    /// <paramref name="text"/> text tokens, those that an <see cref="ITokenReplacer"/> makes included. Without a replacer never
    /// more than after the layer before.
    /// </summary>
    int Kept(int layer, int visual, int text);

    /// <summary>
    /// Chooses the survivors. Called only after layers where some sample keeps a part: neither all that it still has nor none.
    /// </summary>
    /// <param name="context">What the layer computed, and the candidates.</param>
    /// <param name="keep">How many candidates each sample keeps.</param>
    /// <returns>For each sample exactly keep[b] indices into <see cref="LayerContext.Candidates"/>[b], ascending.</returns>
    int[][] Select(LayerContext context, int[] keep);

    /// <summary>Whether text tokens are candidates too.</summary>
    bool RanksText => false;

    /// <summary>
    /// Whether survivors get the rotary positions 0, 1, 2, .. anew whenever tokens leave; a layer's position in decoding is
    /// then the length of its cache. Otherwise they keep those that they have, and decoding goes on after the whole prompt.
    /// </summary>
    bool Renumbers => false;
}

/// <summary>
/// A pruner that puts new tokens, made from the dropped ones, behind the surviving visual tokens (SparseVLM's cluster means).
/// It must renumber: a new token has no position of its own. It works where tokens are removed, not where they are only hidden.
/// </summary>
public interface ITokenReplacer : ITokenPruner
{
    /// <summary>Of <see cref="ITokenPruner.Kept"/> after <paramref name="layer"/>, the tokens that are new.</summary>
    int Added(int layer, int visual, int text);

    /// <summary>Makes the new tokens; called after <see cref="ITokenPruner.Select"/> with what it chose.</summary>
    /// <param name="context">The same context.</param>
    /// <param name="chosen">Each sample's survivors, as <see cref="ITokenPruner.Select"/> gave them.</param>
    /// <param name="added">How many tokens each sample is to get.</param>
    /// <returns>For each sample hidden states [added[b], dim]; what stands there is ignored where added[b] is 0.</returns>
    Tensor[] Replace(LayerContext context, int[][] chosen, int[] added);
}

/// <summary>
/// Hides prompt tokens from the upper layers while an answer is decoded (DyCoke's second stage). The cache stays whole: a token
/// that is hidden in one step may be seen in the next. An instance serves one batch, step by step.
/// </summary>
public interface IDecodePruner
{
    /// <summary>The first layer that sees less; what it sees is decided by the layer before. At least 1.</summary>
    int Layer { get; }

    /// <summary>Decides one step.</summary>
    /// <param name="attention">
    /// For each sample the attention that the newest token pays to the prompt's visual tokens in layer <see cref="Layer"/> - 1,
    /// averaged over heads.
    /// </param>
    /// <returns>For each sample the visual tokens that stay visible in this step, as indices into its row; null: all.</returns>
    int[]?[] Visible(float[][] attention);
}

/// <summary>What becomes of pruned tokens.</summary>
public enum PruneMode
{
    /// <summary>They leave the batch: later layers compute and cache fewer rows.</summary>
    Remove,

    /// <summary>
    /// They are hidden as keys only, and their rows go on being computed, as the reference implementation does.
    /// </summary>
    Mask,
}
