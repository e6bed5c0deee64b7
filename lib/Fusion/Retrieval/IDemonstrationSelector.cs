using Aim.Models;

namespace Aim.Fusion;

/// <summary>Chooses the demonstrations of a query out of a pool, in the order in which they shall stand.</summary>
public interface IDemonstrationSelector
{
    /// <summary>Chooses.</summary>
    /// <param name="count">How many; never more than the pool has.</param>
    /// <param name="query">The query's picture.</param>
    /// <param name="seed">Chance, where there is any, is a function of it.</param>
    /// <returns>Indices into the pool, all different, the last one next to the query.</returns>
    /// <exception cref="ArgumentException">The pool has fewer demonstrations, or a picture is needed and there is
    /// none.</exception>
    IReadOnlyList<int> Select(int count, RgbImage? query, ulong seed);
}
