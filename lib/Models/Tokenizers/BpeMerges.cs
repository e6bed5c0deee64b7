using System.Text.Json;

namespace Aim.Models;

/// <summary>
/// The learned joins of byte-pair encoding. Merging a word joins neighbours, the pair that was learned first going first,
/// leftmost on ties; a heap of pairs keeps long words at n log n.
/// </summary>
internal sealed class BpeMerges
{
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _joins;

    private BpeMerges(Dictionary<(int Left, int Right), (int Rank, int Id)> joins) => _joins = joins;

    /// <summary>The pairs that join.</summary>
    public IEnumerable<(int Left, int Right)> Pairs => _joins.Keys;

    /// <summary>Reads the field <c>merges</c> of a model.</summary>
    /// <exception cref="CheckpointException">
    /// It is missing, or an entry is no pair or names a token that the vocabulary lacks.
    /// </exception>
    public static BpeMerges Read(ConfigSection model, Vocabulary vocabulary)
    {
        if (!model.Element.TryGetProperty("merges", out var array) || array.ValueKind != JsonValueKind.Array)
            throw model.Error("merges", "is missing; an array of pairs is expected");
        var joins = new Dictionary<(int, int), (int, int)>(array.GetArrayLength());
        int rank = 0;
        foreach (var item in array.EnumerateArray())
        {
            var (left, right) = Pair(item)
                ?? throw model.Error("merges", $"entry {rank} must be \"left right\" or [\"left\", \"right\"]");
            if (vocabulary.IdOf(left) is not { } leftId || vocabulary.IdOf(right) is not { } rightId
                || vocabulary.IdOf(left + right) is not { } joined)
            {
                throw model.Error("merges", $"entry {rank} joins tokens that are not all in the vocabulary");
            }

            joins[(leftId, rightId)] = (rank++, joined);
        }

        return new BpeMerges(joins);
    }

    // Older files spell a merge as one string, newer ones as a pair (which alone can hold tokens with spaces).
    private static (string Left, string Right)? Pair(JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.String)
        {
            string[] parts = item.GetString()!.Split(' ');
            return parts.Length == 2 ? (parts[0], parts[1]) : null;
        }

        if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2)
            return null;
        return item[0].ValueKind == JsonValueKind.String && item[1].ValueKind == JsonValueKind.String
            ? (item[0].GetString()!, item[1].GetString()!)
            : null;
    }

    /// <summary>Joins the symbols of a word in place and gives how many are left.</summary>
    public int Merge(Span<BpeSymbol> symbols)
    {
        int n = symbols.Length;
        if (n < 2)
            return n;
        var next = new int[n];
        var previous = new int[n];
        var heap = new PriorityQueue<(int At, int Left, int Right), ulong>(n);
        for (int i = 0; i < n; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
            Offer(symbols, next, i, heap);
        }

        while (heap.TryDequeue(out var pair, out _))
        {
            // A pair is out of date when either side has been joined to something else since; swallowed symbols have id -1.
            int at = pair.At, right = next[at];
            if (symbols[at].Id != pair.Left || right >= n || symbols[right].Id != pair.Right)
                continue;
            symbols[at] = new BpeSymbol(_joins[(pair.Left, pair.Right)].Id, symbols[at].Bytes + symbols[right].Bytes);
            symbols[right] = new BpeSymbol(-1, 0);
            next[at] = next[right];
            if (next[at] < n)
                previous[next[at]] = at;
            Offer(symbols, next, previous[at], heap);
            Offer(symbols, next, at, heap);
        }

        int count = 0;
        for (int i = 0; i < n; i = next[i])
            symbols[count++] = symbols[i];
        return count;
    }

    private void Offer(ReadOnlySpan<BpeSymbol> symbols, int[] next, int at, PriorityQueue<(int, int, int), ulong> heap)
    {
        if (at < 0 || next[at] >= symbols.Length)
            return;
        int left = symbols[at].Id, right = symbols[next[at]].Id;
        if (_joins.TryGetValue((left, right), out var join))
            heap.Enqueue((at, left, right), ((ulong)(uint)join.Rank << 32) | (uint)at);
    }
}

/// <summary>A symbol of a word that is being merged.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Bytes">How many bytes of the word's UTF-8 it stands for.</param>
internal readonly record struct BpeSymbol(int Id, int Bytes);
