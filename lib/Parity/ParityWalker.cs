namespace Aim.Parity;

/// <summary>
/// Finds the cases under a directory by the files that describe them, whatever the folders are called. Folders come in the order
/// of their names (ordinal), a folder's own cases before those of the folders in it. The tree is untrusted: links are followed
/// but no folder is visited twice, none above the start is entered, and depth and number of folders are limited.
/// </summary>
public static class ParityWalker
{
    private const int MaxDepth = 24;
    private const int MaxFolders = 20_000;

    /// <summary>The cases, found as they are asked for.</summary>
    /// <param name="root">The directory.</param>
    /// <param name="kinds">What is looked for.</param>
    public static IEnumerable<IParityCase> Find(string root, IReadOnlyList<IParityKind> kinds)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(kinds);
        string start = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        var visited = new HashSet<string>(StringComparer.Ordinal) { Real(start) ?? start };
        var pending = new Stack<(string Path, int Depth)>();
        pending.Push((start, 0));
        while (pending.TryPop(out var at))
        {
            foreach (var found in CasesIn(at.Path, kinds))
                yield return found;
            string[] folders;
            IParityCase? problem = null;
            try
            {
                folders = [.. Directory.GetDirectories(at.Path).OrderDescending(StringComparer.Ordinal)];
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                folders = [];
                problem = SettledCase.Failed("folder", Path.GetFileName(at.Path), at.Path, e);
            }

            if (folders.Length > 0 && at.Depth >= MaxDepth)
                problem = Limit(at.Path, $"folders lie deeper than {MaxDepth}");
            if (problem is not null)
                yield return problem;
            foreach (string folder in at.Depth >= MaxDepth ? [] : folders)
            {
                if (Real(folder) is not { } real || Above(real, start) || !visited.Add(real))
                    continue;
                if (visited.Count > MaxFolders)
                {
                    yield return Limit(start, $"more than {MaxFolders} folders");
                    yield break;
                }

                pending.Push((folder, at.Depth + 1));
            }
        }
    }

    private static SettledCase Limit(string path, string problem)
        => SettledCase.Failed(
            "folder", Path.GetFileName(path), path, new BadFixtureException($"{problem}; the rest is not searched"));

    // A kind may be at fault, too: what it throws is a failure, and the walk goes on.
    private static IEnumerable<IParityCase> CasesIn(string folder, IReadOnlyList<IParityKind> kinds)
    {
        foreach (var kind in kinds)
        {
            IEnumerator<IParityCase>? cases = null;
            while (true)
            {
                IParityCase? found;
                try
                {
                    cases ??= kind.Find(folder).GetEnumerator();
                    found = cases.MoveNext() ? cases.Current : null;
                }
                catch (Exception e)
                {
                    found = SettledCase.Failed("folder", Path.GetFileName(folder), folder, e);
                    cases?.Dispose();
                    cases = Enumerable.Empty<IParityCase>().GetEnumerator();
                }

                if (found is null)
                    break;
                yield return found;
            }

            cases?.Dispose();
        }
    }

    // Where a path leads; null where a link leads in a circle or nowhere.
    private static string? Real(string path)
    {
        try
        {
            var info = new DirectoryInfo(path);
            var target = info.LinkTarget is null ? info : info.ResolveLinkTarget(returnFinalTarget: true) ?? info;
            return Path.TrimEndingDirectorySeparator(Path.GetFullPath(target.FullName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool Above(string folder, string start)
        => start.StartsWith(folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
