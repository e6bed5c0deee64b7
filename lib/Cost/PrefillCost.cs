namespace Aim.Cost;

/// <summary>One kind of operation, summed over layers.</summary>
public sealed record OpCost
{
    /// <summary>For example <c>q_proj</c>, <c>qk_matmul</c>, <c>lm_head</c>.</summary>
    public required string Name { get; init; }

    public required double Flops { get; init; }

    /// <summary>Weights read.</summary>
    public required double WeightBytes { get; init; }

    /// <summary>Activations, keys and values read.</summary>
    public required double ReadBytes { get; init; }

    /// <summary>Activations written, keys and values not included.</summary>
    public required double WrittenBytes { get; init; }

    /// <summary>Keys and values written to the cache.</summary>
    public required double CacheBytes { get; init; }

    /// <summary>Roofline time in seconds: per layer the larger of flops / peak and bytes / bandwidth.</summary>
    public required double Seconds { get; init; }

    /// <summary>All bytes moved.</summary>
    public double Bytes => WeightBytes + ReadBytes + WrittenBytes + CacheBytes;

    internal static OpCost Sum(OpCost a, OpCost b) => new()
    {
        Name = a.Name,
        Flops = a.Flops + b.Flops,
        WeightBytes = a.WeightBytes + b.WeightBytes,
        ReadBytes = a.ReadBytes + b.ReadBytes,
        WrittenBytes = a.WrittenBytes + b.WrittenBytes,
        CacheBytes = a.CacheBytes + b.CacheBytes,
        Seconds = a.Seconds + b.Seconds,
    };
}

/// <summary>What one prefill of the language model costs; vision tower, projector and method overhead are not in it.</summary>
public sealed record PrefillCost
{
    public required double Flops { get; init; }

    /// <summary>Roofline time in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Bytes moved to and from memory.</summary>
    public required double Bytes { get; init; }

    /// <summary>
    /// Bytes held, as the paper's script counts them: weights of all layers, keys and values of all layers, activations
    /// of the last layer; without embedding and output head.
    /// </summary>
    public required double MemoryBytes { get; init; }

    /// <summary>By operation, in the order of execution within a layer, the output head last.</summary>
    public required IReadOnlyList<OpCost> Operations { get; init; }

    /// <summary>FLOPs in the paper's unit, 1e12.</summary>
    public double Teraflops => Flops / 1e12;

    public double Milliseconds => Seconds * 1e3;
}
