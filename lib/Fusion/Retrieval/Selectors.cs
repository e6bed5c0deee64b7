using Aim.Models;

namespace Aim.Fusion;

/// <summary>Random demonstrations: OpenFlamingo's default.</summary>
/// <param name="pool">How many demonstrations there are.</param>
public sealed class RandomSelector(int pool) : IDemonstrationSelector
{
    /// <inheritdoc/>
    public IReadOnlyList<int> Select(int count, RgbImage? query, ulong seed)
    {
        Pool.Check(count, pool);
        return Draw.Shuffled(pool, seed)[..count];
    }
}

/// <summary>
/// As many demonstrations of each class as there can be, classes in turn and each class in random order; where the count does not
/// go up, chance decides which classes have one more.
/// </summary>
/// <param name="classes">The class of each demonstration of the pool, say its reference.</param>
public sealed class ClassBalancedSelector(IReadOnlyList<string> classes) : IDemonstrationSelector
{
    /// <inheritdoc/>
    public IReadOnlyList<int> Select(int count, RgbImage? query, ulong seed)
    {
        Pool.Check(count, classes.Count);
        int[] order = Draw.Shuffled(classes.Count, seed);
        var groups = order.GroupBy(i => classes[i], StringComparer.Ordinal).Select(g => g.ToArray()).ToArray();
        return [.. Enumerable.Range(0, classes.Count)
            .SelectMany(round => groups.Where(g => round < g.Length).Select(g => g[round])).Take(count)];
    }
}

/// <summary>
/// RICES, retrieval-based in-context example selection: the demonstrations whose pictures are most similar to the query's, the
/// most similar one last, next to the query. Similarity is the cosine of the vision tower's mean features.
/// </summary>
public sealed class SimilaritySelector : IDemonstrationSelector
{
    private readonly IFusionHost _host;
    private readonly float[]?[] _features;

    /// <summary>Looks at the pool's pictures, once.</summary>
    /// <param name="host">Whose tower looks.</param>
    /// <param name="pool">The demonstrations; those without a picture are never chosen before others.</param>
    public SimilaritySelector(IFusionHost host, IReadOnlyList<Demonstration> pool)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(pool);
        _host = host;
        _features = [.. pool.Select(d => d.Picture is { } picture ? Unit(host.Feature(picture)) : null)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Select(int count, RgbImage? query, ulong seed)
    {
        Pool.Check(count, _features.Length);
        if (query is null)
            throw new ArgumentException("similar demonstrations need a query with a picture", nameof(query));
        float[] at = Unit(_host.Feature(query));
        return [.. Enumerable.Range(0, _features.Length)
            .Select(i => (Index: i, Similarity: _features[i] is { } f ? Dot(f, at) : double.NegativeInfinity))
            .OrderByDescending(f => f.Similarity).ThenBy(f => f.Index).Take(count).Reverse().Select(f => f.Index)];
    }

    private static float[] Unit(float[] feature)
    {
        double norm = Math.Sqrt(Dot(feature, feature));
        return norm == 0 ? feature : [.. feature.Select(x => (float)(x / norm))];
    }

    private static double Dot(float[] a, float[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += (double)a[i] * b[i];
        return sum;
    }
}

internal static class Pool
{
    public static void Check(int count, int pool)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > pool)
            throw new ArgumentException($"{count} demonstrations were asked for, but there are {pool}");
    }
}
