namespace Aim.Fusion;

/// <summary>Where aggregates come from: from reading (<see cref="Aggregator"/>), or from a bank that has read before.</summary>
public interface IAggregateSource
{
    /// <summary>The frozen model.</summary>
    IFusionHost Host { get; }

    /// <summary>What becomes the aggregate.</summary>
    AggregationOptions Options { get; }

    /// <summary>
    /// Aggregates of demonstrations, in their order: for each <c>[text tokens, dim]</c>; the same bits from every source.
    /// </summary>
    IReadOnlyList<Tensor> Aggregate(IReadOnlyList<Demonstration> demonstrations);
}
