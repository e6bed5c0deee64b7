namespace Aim.Fusion;

/// <summary>What a bank holds.</summary>
/// <param name="Entries">Aggregates.</param>
/// <param name="Bytes">Bytes of their records.</param>
/// <param name="Segments">Segment files.</param>
/// <param name="SegmentBytes">Their bytes: more than <paramref name="Bytes"/> where some of it is no longer, or twice, there.</param>
public readonly record struct BankStatistics(int Entries, long Bytes, int Segments, long SegmentBytes);

/// <summary>An entry that is not what was written.</summary>
/// <param name="File">Its segment.</param>
/// <param name="Offset">Its first byte.</param>
public readonly record struct BrokenEntry(string File, long Offset);

/// <summary>What <c>aim bank stat</c>, <c>verify</c> and <c>gc</c> do. None of them needs a model.</summary>
public static class BankMaintenance
{
    /// <summary>Counts.</summary>
    public static BankStatistics Measure(string directory)
    {
        var folder = new BankFolder(directory);
        var segments = folder.List();
        var entries = Entries(folder, segments);
        return new BankStatistics(
            entries.Count, entries.Values.Sum(e => e.Length), segments.Count, segments.Sum(s => s.Length));
    }

    /// <summary>Reads every entry and lists those that do not match their hash.</summary>
    public static IReadOnlyList<BrokenEntry> Verify(string directory)
    {
        var folder = new BankFolder(directory);
        return [.. folder.List()
            .SelectMany(s => BankSegment.Scan(folder.PathOf(s.Name), 0, s.Length).Select(r => (s.Name, r.Offset, r.Length)))
            .Where(r => BankSegment.Read(folder.PathOf(r.Name), r.Offset, r.Length) is null)
            .Select(r => new BrokenEntry(folder.PathOf(r.Name), r.Offset))];
    }

    /// <summary>
    /// Writes a new segment of all whole entries that fit into a size, most recently used first, then the index, and only then removes the old
    /// segments: whenever it is ended, nothing is lost but what was to go. Segments that a writer has open stay as they are.
    /// </summary>
    /// <param name="directory">The bank.</param>
    /// <param name="mostBytes">Bytes of entries that may stay.</param>
    /// <returns>What it holds afterwards.</returns>
    public static BankStatistics Collect(string directory, long mostBytes = long.MaxValue)
    {
        var folder = new BankFolder(directory);
        using (folder.Lock())
        {
            var segments = folder.List();
            var live = segments.Where(s => folder.IsLive(s.Name)).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
            var entries = Entries(folder, segments);
            var kept = entries.Where(e => live.Contains(e.Value.Segment)).ToDictionary();
            long size = kept.Values.Sum(e => e.Length);
            string name = BankFolder.NewName();
            var moved = new Dictionary<BankKey, BankEntry>();
            AtomicFile.Write(folder.PathOf(name), stream =>
            {
                long offset = 0;
                foreach (var (key, entry) in entries.Where(e => !kept.ContainsKey(e.Key)).OrderByDescending(e => e.Value.Used))
                {
                    if (size + entry.Length > mostBytes)
                        break;
                    if (BankSegment.Read(folder.PathOf(entry.Segment), entry.Offset, entry.Length) is not { } record)
                        continue;
                    stream.Write(record);
                    moved[key] = entry with { Segment = name, Offset = offset };
                    offset += record.Length;
                    size += record.Length;
                }
            });
            foreach (var (key, entry) in moved)
                kept.Add(key, entry);
            var covered = segments.Where(s => live.Contains(s.Name)).ToDictionary(s => s.Name, s => s.Length, StringComparer.Ordinal);
            covered[name] = moved.Values.Sum(e => e.Length);
            BankIndex.Write(folder.Index, covered, kept);
            foreach (var (old, _) in segments.Where(s => !live.Contains(s.Name)))
                File.Delete(folder.PathOf(old));
        }

        return Measure(directory);
    }

    private static Dictionary<BankKey, BankEntry> Entries(BankFolder folder, IReadOnlyList<(string Name, long Length)> segments)
    {
        var (_, indexed) = BankIndex.Read(folder.Index);
        var entries = new Dictionary<BankKey, BankEntry>();
        foreach (var (name, length) in segments)
        {
            foreach (var (key, offset, bytes) in BankSegment.Scan(folder.PathOf(name), 0, length))
                entries[key] = new BankEntry(name, offset, bytes, indexed.GetValueOrDefault(key)?.Used ?? long.MaxValue);
        }

        return entries;
    }
}
