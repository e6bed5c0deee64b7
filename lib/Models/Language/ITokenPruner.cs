namespace Aim.Models;

/// <summary>
/// Decides, layer by layer, which visual tokens of a prompt go on. It first says how many, from lengths alone (cost and cache sizes are
/// known before anything runs), then which; the decoder holds it to the count. Text tokens always go on.
/// </summary>
public interface ITokenPruner
{
    /// <summary>
    /// Visual tokens that go on after <paramref name="layer"/>, of a prompt that entered layer 0 with <paramref name="visual"/> visual and
    /// <paramref name="text"/> text tokens. Never more than after the layer before.
    /// </summary>
    int KeptVisual(int layer, int visual, int text);

    /// <summary>
    /// Chooses the survivors. Called only after layers where some sample keeps a part: neither all that it still has nor none.
    /// </summary>
    /// <param name="context">The layer's queries, keys and the tokens still alive.</param>
    /// <param name="keep">How many visual tokens each sample keeps.</param>
    /// <returns>For each sample exactly keep[b] indices into <see cref="LayerContext.Visual"/>[b], ascending.</returns>
    int[][] Select(LayerContext context, int[] keep);
}

/// <summary>What becomes of pruned tokens.</summary>
public enum PruneMode
{
    /// <summary>They leave the batch: later layers compute and cache fewer rows. Survivors keep their rotary positions.</summary>
    Remove,

    /// <summary>They are hidden as keys only, and their rows go on being computed, as the reference implementation does.</summary>
    Mask,
}

/// <summary>What a pruner may look at after a layer: the layer's rotated queries and keys, its mask, and who is alive.</summary>
public sealed class LayerContext
{
    internal LayerContext(int layer, Tensor query, Tensor key, AttentionMask mask, int[][] visual, int[][] rows)
    {
        Layer = layer;
        Query = query;
        Key = key;
        Mask = mask;
        Visual = visual;
        Rows = rows;
    }

    /// <summary>The layer that has just run, from 0.</summary>
    public int Layer { get; }

    /// <summary>[b, hq, n, d], rotated.</summary>
    public Tensor Query { get; }

    /// <summary>[b, hk, n, d], rotated.</summary>
    public Tensor Key { get; }

    /// <summary>What the layer's attention saw.</summary>
    public AttentionMask Mask { get; }

    /// <summary>For each sample the prompt slots of the visual tokens that are still alive, ascending.</summary>
    public int[][] Visual { get; }

    /// <summary>For each sample the rows of <see cref="Query"/> and <see cref="Key"/> that hold <see cref="Visual"/>.</summary>
    public int[][] Rows { get; }

    /// <summary>Page Rank importance (paper section 2.2) of the live visual tokens, aligned with <see cref="Visual"/>.</summary>
    /// <param name="tau">Temperature of the second softmax.</param>
    /// <param name="iterations">Steps of the power iteration.</param>
    /// <param name="damping">Share of mass that is spread evenly at every step.</param>
    public float[][] Importance(double tau = 0.1, int iterations = 5, double damping = 0)
    {
        using var scope = NewDisposeScope();
        var scores = FusedOps.importance(Query, Key, Mask, null, tau, iterations, damping).cpu().data<float>();
        long n = Query.shape[2];
        return [.. Rows.Select((rows, b) => rows.Select(row => scores[b * n + row]).ToArray())];
    }
}
