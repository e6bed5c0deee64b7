using Aim.Experiments.Statistics;

namespace Aim.Experiments.Analysis;

/// <summary>
/// How much of every layer's attention goes to visual tokens, averaged over samples: where it falls off, the model has read what
/// it needs.
/// </summary>
internal static class AttentionMass
{
    /// <summary>Mean and 95 % t interval of every layer.</summary>
    /// <param name="masses"><c>[samples][layers]</c>, each in [0, 1].</param>
    public static IReadOnlyList<MeanOf> ByLayer(IReadOnlyList<IReadOnlyList<double>> masses) =>
        [.. Enumerable.Range(0, masses[0].Count).Select(l => MeanOf.Values([.. masses.Select(m => m[l])]))];
}
