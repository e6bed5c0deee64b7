namespace Aim.Models;

/// <summary>
/// What methods that choose tokens by the tower's attention look at: queries and keys of some layers, as the projections give
/// them (with their biases), and attention made of them. Rows are the tower's: the class token first, where there is one, then
/// the patches.
/// </summary>
public sealed class TowerLook
{
    private readonly VisionConfig _config;
    private readonly IReadOnlyDictionary<int, (Tensor Query, Tensor Key)> _layers;

    internal TowerLook(VisionConfig config, Tensor features, IReadOnlyDictionary<int, (Tensor Query, Tensor Key)> layers)
    {
        (_config, Features, _layers) = (config, features, layers);
    }

    /// <summary>What <see cref="VisionTower.Forward"/> gives: <c>[frames, tokens, dim]</c>.</summary>
    public Tensor Features { get; }

    /// <summary>The layers that were looked at, ascending.</summary>
    public IEnumerable<int> Layers => _layers.Keys;

    /// <summary>Queries of a layer, <c>[frames, tokens, dim]</c>, unscaled; dim = heads * head width, head after head.</summary>
    /// <exception cref="ArgumentException">The layer was not looked at.</exception>
    public Tensor Queries(int layer) => Of(layer).Query;

    /// <summary>Keys of a layer, <c>[frames, tokens, dim]</c>.</summary>
    /// <exception cref="ArgumentException">The layer was not looked at.</exception>
    public Tensor Keys(int layer) => Of(layer).Key;

    /// <summary>
    /// The class token's attention in a layer, <c>[frames, heads, tokens]</c>; each row adds up to 1, its own column included.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The tower has no class token; <see cref="MeanAttention"/> is what can stand for it.
    /// </exception>
    public Tensor ClassAttention(int layer)
    {
        if (!_config.HasClass)
            throw new InvalidOperationException("a SigLIP tower has no class token whose attention could be taken");
        using var scope = NewDisposeScope();
        var (query, key) = Heads(layer);
        return Attention(query.narrow(2, 0, 1), key).squeeze(2).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Attention in a layer, averaged over all queries (a class token's included): <c>[frames, heads, tokens]</c>, each row adds
    /// up to 1.
    /// </summary>
    public Tensor MeanAttention(int layer)
    {
        using var scope = NewDisposeScope();
        var (query, key) = Heads(layer);

        // Frame by frame: [heads, tokens, tokens] of one is all that is held at once.
        var means = new List<Tensor>();
        for (long frame = 0; frame < query.shape[0]; frame++)
        {
            using var frameScope = NewDisposeScope();
            means.Add(Attention(query.narrow(0, frame, 1), key.narrow(0, frame, 1)).mean([2]).MoveToOuterDisposeScope());
        }

        return cat(means, 0).MoveToOuterDisposeScope();
    }

    private Tensor Attention(Tensor query, Tensor key)
        => nn.functional.softmax(matmul(query, key.transpose(2, 3)) / Math.Sqrt(query.shape[3]), -1);

    // Both [frames, heads, tokens, head width].
    private (Tensor Query, Tensor Key) Heads(int layer)
    {
        var (query, key) = Of(layer);
        int heads = _config.NumAttentionHeads;
        Tensor Split(Tensor x) => x.reshape(x.shape[0], x.shape[1], heads, x.shape[2] / heads).transpose(1, 2);
        return (Split(query), Split(key));
    }

    private (Tensor Query, Tensor Key) Of(int layer)
        => _layers.TryGetValue(layer, out var kept) ? kept
            : throw new ArgumentException(
                $"layer {layer} was not looked at; {string.Join(", ", _layers.Keys)} were", nameof(layer));
}
