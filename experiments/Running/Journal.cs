using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Running;

/// <summary>A record that a journal holds one of in every line.</summary>
internal interface IJournalLine<T> where T : class, IJournalLine<T>
{
    /// <summary>How a line is written and read.</summary>
    static abstract JsonTypeInfo<T> Form { get; }
}

/// <summary>
/// A file of one JSON line per sample and cell, appended and flushed to the disk at least once a second, so that a kill at any
/// moment costs at most a second and the batches in flight. Opening replays it; a torn last line is dropped.
/// </summary>
internal sealed class Journal<T> : IDisposable where T : class, IJournalLine<T>
{
    /// <summary>Half of the second that may be lost: the flush itself takes time too.</summary>
    private static readonly TimeSpan _flushInterval = TimeSpan.FromMilliseconds(500);

    private readonly FileStream _file;
    private readonly FileStream _claim;
    private readonly Lock _lock = new();
    private readonly Timer _timer;
    private bool _dirty;

    private Journal(FileStream file, FileStream claim)
    {
        (_file, _claim) = (file, claim);
        _timer = new Timer(_ => Flush(), null, _flushInterval, _flushInterval);
    }

    /// <summary>Opens or creates a journal for appending and replays what it holds.</summary>
    /// <exception cref="DefinitionException">Another process has it open, or a line that is not the last is damaged.</exception>
    public static Journal<T> Open(string path, out IReadOnlyList<T> replayed)
    {
        // Readers may look on, so the exclusive lock is on a file of its own.
        FileStream claim;
        try
        {
            claim = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1,
                FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(path + ".lock"))
        {
            throw new DefinitionException($"{path}: in use by another process; wait for that run, or start another with --fresh");
        }
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            byte[] bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            replayed = Replay(path, bytes, out long kept);
            file.SetLength(kept);
            file.Seek(kept, SeekOrigin.Begin);
            return new Journal<T>(file, claim);
        }
        catch
        {
            file?.Dispose();
            claim.Dispose();
            throw;
        }
    }

    /// <summary>The lines of a journal that some other process may be writing; nothing is changed.</summary>
    public static IReadOnlyList<T> Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[file.Length];
        int read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Replay(path, bytes.AsSpan(0, read), out _);
    }

    /// <summary>Appends a batch's results in one write.</summary>
    public void Append(IEnumerable<T> results)
    {
        var lines = new StringBuilder();
        foreach (var result in results)
            lines.Append(JsonSerializer.Serialize(result, T.Form)).Append('\n');
        byte[] bytes = Encoding.UTF8.GetBytes(lines.ToString());
        lock (_lock)
        {
            _file.Write(bytes);
            _dirty = true;
        }
    }

    /// <summary>Whether everything appended is on the disk.</summary>
    internal bool IsFlushed
    {
        get
        {
            lock (_lock)
                return !_dirty;
        }
    }

    /// <summary>Waits until everything appended is on the disk.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (!_dirty || !_file.CanWrite)
                return;
            _file.Flush(flushToDisk: true);
            _dirty = false;
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Flush();
        lock (_lock)
            _file.Dispose();
        _claim.Dispose();
    }

    private static List<T> Replay(string path, ReadOnlySpan<byte> bytes, out long kept)
    {
        var results = new List<T>();
        kept = 0;
        for (int number = 1, start = 0; start < bytes.Length; number++)
        {
            int length = bytes[start..].IndexOf((byte)'\n');
            if (length < 0)
                break; // torn: the write was cut
            int next = start + length + 1;
            T? result = null;
            try
            {
                result = JsonSerializer.Deserialize(bytes.Slice(start, length), T.Form);
            }
            catch (JsonException)
            {
            }
            if (result is null)
            {
                if (next >= bytes.Length)
                    break; // a last line whose blocks never reached the disk
                throw new DefinitionException(
                    $"{path}:{number}: not a journal line; remove the run's directory or start another with --fresh");
            }
            results.Add(result);
            kept = start = next;
        }
        return results;
    }
}
