using System.Collections.Concurrent;

namespace Aim.Models;

/// <summary>
/// Byte-pair encoding of one piece of text: neighbours are joined, the pair that was learned first going first, leftmost on ties. A heap of
/// pairs keeps long pieces at n log n; pieces seen before come from a cache.
/// </summary>
internal sealed class BpeMerger(int[] byteIds, Dictionary<(int Left, int Right), (int Rank, int Id)> merges)
{
    private const int CachedLength = 64, CacheCapacity = 1 << 16;
    private readonly ConcurrentDictionary<string, int[]> _cache = new(StringComparer.Ordinal);

    /// <summary>Appends the ids of a piece.</summary>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (piece.Length > CachedLength)
        {
            ids.AddRange(Merge(piece));
            return;
        }

        if (!_cache.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(piece, out int[]? cached))
        {
            cached = Merge(piece);
            if (_cache.Count < CacheCapacity)
                _cache[piece.ToString()] = cached;
        }

        ids.AddRange(cached);
    }

    private int[] Merge(ReadOnlySpan<char> piece)
    {
        var bytes = new byte[System.Text.Encoding.UTF8.GetByteCount(piece)];
        System.Text.Encoding.UTF8.GetBytes(piece, bytes);
        int n = bytes.Length;
        var symbols = new int[n];
        var next = new int[n];
        var previous = new int[n];
        for (int i = 0; i < n; i++)
        {
            symbols[i] = byteIds[bytes[i]];
            next[i] = i + 1;
            previous[i] = i - 1;
        }

        var heap = new PriorityQueue<(int At, int Left, int Right), (int Rank, int At)>();
        void Offer(int at)
        {
            if (at >= 0 && next[at] < n && merges.TryGetValue((symbols[at], symbols[next[at]]), out var merge))
                heap.Enqueue((at, symbols[at], symbols[next[at]]), (merge.Rank, at));
        }

        for (int i = 0; i + 1 < n; i++)
            Offer(i);
        while (heap.TryDequeue(out var pair, out _))
        {
            // A pair is out of date when either side has been joined to something else since; swallowed symbols are -1.
            int at = pair.At, right = next[at];
            if (symbols[at] != pair.Left || right >= n || symbols[right] != pair.Right)
                continue;
            symbols[at] = merges[(pair.Left, pair.Right)].Id;
            symbols[right] = -1;
            next[at] = next[right];
            if (next[at] < n)
                previous[next[at]] = at;
            Offer(previous[at]);
            Offer(at);
        }

        return [.. symbols.Where(s => s >= 0)];
    }
}
