namespace Aim.Fusion;

/// <summary>What a bank holds.</summary>
/// <param name="Entries">Aggregates.</param>
/// <param name="Bytes">Bytes of their records.</param>
/// <param name="Segments">Segment files.</param>
/// <param name="SegmentBytes">Their bytes: more than <paramref name="Bytes"/> where some of it is no longer, or twice,
/// there.</param>
public readonly record struct BankStatistics(int Entries, long Bytes, int Segments, long SegmentBytes);

/// <summary>An entry that is not what was written, or bytes that are no entry.</summary>
/// <param name="File">The segment.</param>
/// <param name="Offset">The first byte.</param>
/// <param name="Reason">What is wrong with it.</param>
public readonly record struct BrokenEntry(string File, long Offset, string Reason);

/// <summary>What <c>aim bank stat</c>, <c>verify</c> and <c>gc</c> do. None of them needs a model.</summary>
public static class BankMaintenance
{
    /// <summary>Whether a directory holds a bank; the other calls make one where there is none.</summary>
    public static bool Exists(string directory) => Directory.Exists(Path.Combine(directory, BankFolder.SegmentsName));

    /// <summary>Counts.</summary>
    public static BankStatistics Measure(string directory)
    {
        var folder = new BankFolder(directory);
        var segments = folder.List();
        var entries = Entries(folder, segments);
        return new BankStatistics(
            entries.Count, entries.Values.Sum(e => e.Length), segments.Count, segments.Sum(s => s.Length));
    }

    /// <summary>
    /// Reads every entry and lists those that do not match their hash, and stretches that are no entry: what a crash or a fault
    /// of the disk has left. The end of a segment that is being written may be one that is on its way, and counts as whole.
    /// </summary>
    public static IReadOnlyList<BrokenEntry> Verify(string directory)
    {
        var folder = new BankFolder(directory);
        var broken = new List<BrokenEntry>();
        foreach (var (name, length) in folder.List())
        {
            string path = folder.PathOf(name);
            long end = 0;
            foreach (var (_, offset, bytes) in BankSegment.Scan(path, 0, length))
            {
                if (offset > end)
                    broken.Add(new BrokenEntry(path, end, $"{offset - end} bytes are no entry"));
                if (BankSegment.Read(path, offset, bytes) is null)
                    broken.Add(new BrokenEntry(path, offset, "the entry does not match its hash"));
                end = offset + bytes;
            }

            if (end < length && !folder.IsLive(name))
                broken.Add(new BrokenEntry(path, end, $"{length - end} bytes are no entry: the file was cut, or altered"));
        }

        return broken;
    }

    /// <summary>
    /// Writes a new segment of all whole entries that fit into a size, most recently used first, then the index, and only then
    /// removes the old segments: whenever it is ended, nothing is lost but what was to go. Segments that a writer has open stay
    /// as they are.
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
            var covered = segments.Where(s => live.Contains(s.Name)).ToDictionary(s => s.Name, s => s.Length,
                StringComparer.Ordinal);
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
