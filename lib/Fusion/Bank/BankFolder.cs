namespace Aim.Fusion;

/// <summary>
/// The files of a bank: <c>index</c>, <c>lock</c>, and <c>segments/NAME.seg</c> with <c>NAME.live</c> beside those that are being
/// written. Every writer appends to a segment of its own, so that writers never wait for each other; the lock is for the index
/// and for cleaning up.
/// </summary>
internal sealed class BankFolder
{
    /// <summary>The directory of the segments within a bank's.</summary>
    public const string SegmentsName = "segments";

    private const string Extension = ".seg", LiveExtension = ".live";

    public BankFolder(string directory)
    {
        Directory = Path.GetFullPath(directory);
        System.IO.Directory.CreateDirectory(Segments);
    }

    /// <summary>The bank's directory.</summary>
    public string Directory { get; }

    /// <summary>The index's file.</summary>
    public string Index => Path.Combine(Directory, "index");

    private string Segments => Path.Combine(Directory, SegmentsName);

    /// <summary>A segment's file.</summary>
    public string PathOf(string segment) => Path.Combine(Segments, segment + Extension);

    /// <summary>The segments that are there, with their lengths, in the order of their names.</summary>
    public IReadOnlyList<(string Name, long Length)> List()
        => [.. new DirectoryInfo(Segments).EnumerateFiles("*" + Extension)
            .Select(f => (Path.GetFileNameWithoutExtension(f.Name), Length(f))).Where(f => f.Item2 >= 0)
            .OrderBy(f => f.Item1, StringComparer.Ordinal)];

    /// <summary>A name that no other writer takes.</summary>
    public static string NewName() => $"{DateTime.UtcNow.Ticks:x16}-{Guid.NewGuid():n}"[..33];

    /// <summary>Marks a segment as being written while the result is open.</summary>
    public FileStream MarkLive(string segment)
        => new(Path.Combine(Segments, segment + LiveExtension), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1,
            FileOptions.DeleteOnClose);

    /// <summary>Whether a writer has the segment open. The mark of a writer that died is no longer locked.</summary>
    public bool IsLive(string segment)
    {
        string path = Path.Combine(Segments, segment + LiveExtension);
        if (!File.Exists(path))
            return false;
        try
        {
            using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
            }

            File.Delete(path);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Waits for the bank's lock, which processes and threads respect alike.</summary>
    /// <exception cref="IOException">It was not to be had in a minute.</exception>
    public FileStream Lock()
    {
        string path = Path.Combine(Directory, "lock");
        var until = DateTime.UtcNow.AddMinutes(1);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            }
            catch (IOException) when (DateTime.UtcNow < until)
            {
                Thread.Sleep(5);
            }
        }
    }

    // A segment may go while it is listed: another process cleans up.
    private static long Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return -1;
        }
    }
}
