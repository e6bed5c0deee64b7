namespace Aim.Fusion;

/// <summary>What a bank has done since it was opened.</summary>
/// <param name="Hits">Aggregates that were found.</param>
/// <param name="Misses">Aggregates that had to be computed, broken entries among them.</param>
/// <param name="Dropped">Entries that did not match their hash and were computed anew.</param>
public readonly record struct BankUse(long Hits, long Misses, long Dropped)
{
    /// <summary>Share of aggregates that were found; 0 before the first.</summary>
    public double HitRate => Hits + Misses == 0 ? 0 : Hits / (double)(Hits + Misses);
}

/// <summary>
/// The demonstration bank (paper section 5): aggregates on disk, so that a demonstration is read by the model once. It keeps
/// aggregates, before W_p, where the paper stores the product: all projections share them then, and applying W_p is one small
/// product at use. What the bank gives has the same bits as what the model would; an entry that was cut or altered is found by
/// its hash, dropped and computed anew. Several threads and processes may use one directory.
/// </summary>
public sealed class DemonstrationBank : IAggregateSource, IDisposable
{
    private readonly Lock _gate = new();
    private readonly BankFolder _folder;
    private readonly IAggregateSource _reader;
    private readonly string _computedBy;
    private readonly long _mostBytes;
    private readonly Dictionary<BankKey, BankEntry> _entries;
    private readonly Dictionary<string, long> _covered;
    private FileStream? _segment, _live;
    private string _segmentName = "";
    private long _hits, _misses, _dropped, _clock;
    private bool _disposed;

    /// <summary>Opens a bank, or makes one.</summary>
    /// <param name="directory">Where it lies.</param>
    /// <param name="reader">Computes what is missing.</param>
    /// <param name="computedBy">Engine, instruction set and code, as text: bits are equal only within one.</param>
    /// <param name="mostBytes">Bytes of entries beyond which the least recently used ones go.</param>
    public DemonstrationBank(string directory, IAggregateSource reader, string computedBy, long mostBytes = 4L << 30)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(computedBy);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(mostBytes);
        (_folder, _reader, _computedBy, _mostBytes) = (new BankFolder(directory), reader, computedBy, mostBytes);
        (_covered, _entries) = BankIndex.Read(_folder.Index);
        Refresh();
    }

    /// <inheritdoc/>
    public IFusionHost Host => _reader.Host;

    /// <inheritdoc/>
    public AggregationOptions Options => _reader.Options;

    /// <summary>Told of every entry that did not match its hash.</summary>
    public Action<string>? Report { get; init; }

    /// <summary>What it has done since it was opened.</summary>
    public BankUse Use
    {
        get
        {
            lock (_gate)
                return new BankUse(_hits, _misses, _dropped);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Aggregate(IReadOnlyList<Demonstration> demonstrations)
    {
        ArgumentNullException.ThrowIfNull(demonstrations);
        using var scope = NewDisposeScope();
        BankKey[] keys = [.. demonstrations.Select(d => BankKey.Of(_reader, _computedBy, d))];
        var found = new Dictionary<BankKey, Tensor>();
        var missing = new Dictionary<BankKey, Demonstration>();
        lock (_gate)
        {
            if (keys.Any(k => !_entries.ContainsKey(k)))
                Refresh();
            for (int i = 0; i < keys.Length; i++)
            {
                if (found.ContainsKey(keys[i]) || missing.ContainsKey(keys[i]))
                    continue;
                if (TryRead(keys[i]) is { } value)
                    found.Add(keys[i], value);
                else
                    missing.Add(keys[i], demonstrations[i]);
            }

            _hits += keys.Length - missing.Count;
            _misses += missing.Count;
        }

        if (missing.Count > 0)
        {
            // Other threads go on meanwhile; two that read the same get the same bits, and the first keeps them.
            var computed = _reader.Aggregate([.. missing.Values]);
            lock (_gate)
            {
                foreach (var (key, value) in missing.Keys.Zip(computed))
                {
                    if (!_entries.ContainsKey(key))
                        Put(key, value);
                    found.Add(key, value);
                }

                if (_entries.Values.Sum(e => e.Length) > _mostBytes)
                    Evict();
            }
        }

        // Equal demonstrations of one call get tensors of their own.
        return [.. keys.Select(k => found[k].clone().MoveToOuterDisposeScope())];
    }

    /// <summary>Brings entries to the disk, and the index with them.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            _segment?.Flush(flushToDisk: true);
            using var held = _folder.Lock();
            // Others may have used what we did not.
            foreach (var (key, theirs) in BankIndex.Read(_folder.Index).Entries)
            {
                if (_entries.TryGetValue(key, out var ours))
                    _entries[key] = ours with { Used = Math.Max(ours.Used, theirs.Used) };
            }

            Refresh();
            BankIndex.Write(_folder.Index, _covered, _entries);
        }
    }

    /// <summary>Flushes and closes.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            Flush();
            CloseSegment();
        }
    }

    // Takes in what other writers have added, and lets go of segments that are no more.
    private void Refresh()
    {
        var segments = _folder.List();
        var names = segments.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        foreach (string gone in _covered.Keys.Where(s => !names.Contains(s)).ToArray())
            _covered.Remove(gone);
        foreach (var (key, entry) in _entries.Where(e => !names.Contains(e.Value.Segment)).ToArray())
            _entries.Remove(key);
        foreach (var (name, length) in segments)
        {
            long from = _covered.GetValueOrDefault(name), end = from;
            foreach (var (key, offset, bytes) in BankSegment.Scan(_folder.PathOf(name), from, length))
            {
                end = offset + bytes;
                if (!_entries.ContainsKey(key))
                    _entries[key] = new BankEntry(name, offset, bytes, Now());
            }

            // What follows the last whole record may still be being written.
            _covered[name] = Math.Max(from, end);
        }
    }

    private Tensor? TryRead(BankKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
            return null;
        if (BankSegment.Read(_folder.PathOf(entry.Segment), entry.Offset, entry.Length) is { } record
            && BankRecord.Header(record, record.Length) is { } header && header.Key == key && header.Dim == Host.Dim)
        {
            _entries[key] = entry with { Used = Now() };
            return tensor(BankRecord.Values(record), [header.Tokens, header.Dim]);
        }

        _entries.Remove(key);
        if (File.Exists(_folder.PathOf(entry.Segment)))
        {
            _dropped++;
            Report?.Invoke($"{_folder.PathOf(entry.Segment)}: the entry at byte {entry.Offset} does not match its hash; "
                + "it is computed anew");
        }

        return null;
    }

    private void Put(BankKey key, Tensor value)
    {
        if (_segment is null)
        {
            _segmentName = BankFolder.NewName();
            _live = _folder.MarkLive(_segmentName);
            _segment = new FileStream(
                _folder.PathOf(_segmentName), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 1);
        }

        byte[] record = BankRecord.Write(key, (int)value.shape[0], (int)value.shape[1], value.cpu().data<float>().ToArray());
        long offset = _segment.Position;
        _segment.Write(record);
        _covered[_segmentName] = _segment.Position;
        _entries[key] = new BankEntry(_segmentName, offset, record.Length, Now());
    }

    private void Evict()
    {
        Flush();
        CloseSegment();
        BankMaintenance.Collect(_folder.Directory, _mostBytes - (_mostBytes / 10));
        _entries.Clear();
        _covered.Clear();
        var (covered, entries) = BankIndex.Read(_folder.Index);
        foreach (var (segment, length) in covered)
            _covered[segment] = length;
        foreach (var (key, entry) in entries)
            _entries[key] = entry;
        Refresh();
    }

    private void CloseSegment()
    {
        _segment?.Dispose();
        _live?.Dispose();
        (_segment, _live) = (null, null);
    }

    private long Now() => _clock = Math.Max(_clock + 1, DateTime.UtcNow.Ticks);
}
