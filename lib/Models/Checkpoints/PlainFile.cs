namespace Aim.Models;

/// <summary>
/// What a path leads to, asked before anything is opened: a pipe or device would wait or never end, and a file of any length
/// would decide how much memory is taken.
/// </summary>
internal static class PlainFile
{
    // As many as Linux follows.
    private const int MostLinks = 40;

    /// <summary>Checks that a path leads to a plain file that is not empty and not too long; links are followed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What should be there, for the message.</param>
    /// <param name="most">The most bytes that are read.</param>
    /// <exception cref="CheckpointException">It does not, or may not be looked at.</exception>
    public static void Check(string path, string expected, long most = long.MaxValue)
    {
        try
        {
            var info = new FileInfo(path);
            if (info.LinkTarget is not null)
                info = info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info;
            if (!info.Exists)
                throw new CheckpointException($"{path}: no such file; {expected}");
            if (info.Length == 0)
                throw new CheckpointException($"{path}: empty, or no plain file; {expected}");
            if (info.Length > most)
                throw new CheckpointException($"{path}: {info.Length} bytes, more than the {most} that are read; {expected}");
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException and not CheckpointException))
        {
            throw new CheckpointException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>Where a path leads with every link on the way followed, also those to directories.</summary>
    /// <exception cref="IOException">The links lead in a circle, or may not be read.</exception>
    public static string Real(string path)
    {
        string full = Path.GetFullPath(path), root = Path.GetPathRoot(full)!;
        var rest = new Stack<string>();
        Push(full[root.Length..]);
        string at = root;
        for (int links = 0; rest.TryPop(out string? name);)
        {
            string next = Path.Combine(at, name);
            string? target = new FileInfo(next).LinkTarget;
            if (target is null)
            {
                at = next;
                continue;
            }

            if (++links > MostLinks)
                throw new IOException($"{path}: more than {MostLinks} links on the way");

            // Dots in the target are taken textually after its directory's own links have been followed.
            target = Path.GetFullPath(Path.Combine(at, target));
            Push(target[root.Length..]);
            at = root;
        }

        return at;

        void Push(string relative)
        {
            foreach (string name in relative.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse())
                rest.Push(name);
        }
    }
}
