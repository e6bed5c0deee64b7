using System.Text.Json;

namespace Aim.Parity;

/// <summary>Files that describe several cases.</summary>
public static class FileOfCases
{
    /// <summary>
    /// The cases of a folder's file, in its order; none where the folder has no such file. A file that cannot be read, or whose
    /// cases cannot be told apart, is one case that fails.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">The kind of the cases.</param>
    /// <param name="read">Makes them from the file's root.</param>
    /// <param name="name">The failing case's name; null: the file's.</param>
    public static IEnumerable<IParityCase> Find(
        string path, string kind, Func<JsonElement, IEnumerable<IParityCase>> read, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(read);
        if (!FixtureFiles.Lies(path))
            return [];
        try
        {
            return [.. read(FixtureFiles.ReadObject(path))];
        }
        catch (Exception e)
        {
            return [SettledCase.Failed(kind, name ?? Path.GetFileName(path), path, e)];
        }
    }

    /// <summary>The items of the file's list <paramref name="list"/>, which nothing computes.</summary>
    internal static IEnumerable<IParityCase> Uncomputed(
        string path, string kind, string list, Func<JsonElement, int, (string Name, string Reason)> describe)
        => Find(path, kind, file => file.NeedArray(list).EnumerateArray().Select((item, i) =>
        {
            var (name, reason) = describe(item, i);
            return SettledCase.NotSupported(kind, name, reason);
        }));
}
