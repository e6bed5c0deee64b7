namespace Aim.Tensors;

/// <summary>
/// The weights of one pre-norm decoder layer (RMSNorm, grouped-query attention with rotary positions, RMSNorm, SwiGLU), for
/// <see cref="FusedOps.decoder_step"/>. Products of several parts are their outputs side by side.
/// </summary>
public sealed record DecoderBlock
{
    /// <summary>[dim], before attention.</summary>
    public required Tensor InputNorm { get; init; }

    /// <summary>Queries, keys and values: [(heads + 2 key heads) * head dim, dim] in all, in one part or several.</summary>
    public required IReadOnlyList<Weight> Qkv { get; init; }

    /// <summary>One bias a part of <see cref="Qkv"/>, or null.</summary>
    public required IReadOnlyList<Tensor>? QkvBias { get; init; }

    /// <summary>[dim, heads * head dim].</summary>
    public required Weight Output { get; init; }

    /// <summary>[dim], before the MLP.</summary>
    public required Tensor PostNorm { get; init; }

    /// <summary>Gate, then up: [2 inner, dim] in all.</summary>
    public required IReadOnlyList<Weight> GateUp { get; init; }

    /// <summary>[dim, inner].</summary>
    public required Weight Down { get; init; }

    public required int Heads { get; init; }

    public required int KeyHeads { get; init; }

    public required int HeadDim { get; init; }

    /// <summary>Epsilon of both norms.</summary>
    public required double Eps { get; init; }
}
