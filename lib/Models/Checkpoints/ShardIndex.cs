using System.Text.Json;

namespace Aim.Models;

/// <summary>
/// <c>model.safetensors.index.json</c>: which shard holds which tensor. The index is untrusted: a shard is a file beside it, and
/// neither its name nor a link may lead out of the directory.
/// </summary>
internal sealed class ShardIndex
{
    public const string FileName = CheckpointFiles.FileName + ".index.json";

    // Far beyond any real index (a 400B model's has a megabyte) and any real number of shards.
    private const long MostBytes = 64 << 20;
    private const int MostShards = 4096;

    private ShardIndex(string path, IReadOnlyDictionary<string, string> shardOf)
        => (Path, ShardOf, Shards) = (path, shardOf, [.. shardOf.Values.Distinct().Order(StringComparer.Ordinal)]);

    /// <summary>The index file, for messages.</summary>
    public string Path { get; }

    /// <summary>Tensor -> file name of its shard.</summary>
    public IReadOnlyDictionary<string, string> ShardOf { get; }

    /// <summary>The shards' file names, in ordinal order.</summary>
    public IReadOnlyList<string> Shards { get; }

    /// <summary>Reads the index file.</summary>
    /// <exception cref="CheckpointException">It is missing, broken, or names a shard that it must not.</exception>
    public static ShardIndex Load(string path)
    {
        PlainFile.Check(path, "a sharded checkpoint's index is expected", MostBytes);
        return Parse(ConfigSection.ReadBytes(path), path);
    }

    /// <summary>Takes the index's bytes; <paramref name="path"/> only names it in messages.</summary>
    internal static ShardIndex Parse(byte[] json, string path)
    {
        var file = ConfigSection.Parse(json, path);
        if (file.Section("weight_map") is not { } map)
            throw file.Error("weight_map", "is missing; an object is expected that gives each tensor's shard");
        var shardOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tensor in map.Element.EnumerateObject())
        {
            if (tensor.Value.ValueKind != JsonValueKind.String)
                throw map.Error(TensorName.Show(tensor.Name), "must be the file name of a shard");
            string shard = tensor.Value.GetString()!;
            if (Fault(shard) is { } fault)
                throw map.Error(TensorName.Show(tensor.Name), $"{TensorName.Show(shard)} {fault}");
            shardOf.Add(tensor.Name, shard);
        }

        if (shardOf.Count == 0)
            throw file.Error("weight_map", "is empty; a checkpoint holds tensors");
        var index = new ShardIndex(path, shardOf);
        return index.Shards.Count <= MostShards ? index
            : throw file.Error("weight_map", $"names {index.Shards.Count} shards, more than the {MostShards} that are supported");
    }

    private static string? Fault(string shard)
    {
        const string Suffix = ".safetensors";
        if (shard.Length > 255 || shard.Any(c => c is '/' or '\\' or ':' || char.IsControl(c)) || shard is "" or "." or "..")
            return "is no plain file name; shards lie beside the index";
        return shard.EndsWith(Suffix, StringComparison.Ordinal) ? null : $"is not a {Suffix} file; {CheckpointFiles.PickleCure}";
    }

    /// <summary>The shards' paths, once all are there and none lies elsewhere.</summary>
    /// <exception cref="CheckpointException">Shards are absent, or links lead out of the directory.</exception>
    public IReadOnlyList<string> Locate()
    {
        string directory = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        string[] paths = [.. Shards.Select(s => System.IO.Path.Combine(directory, s))];
        string[] absent = [.. Shards.Where((_, i) => !File.Exists(paths[i]))];
        if (absent.Length > 0)
        {
            throw new CheckpointException(
                $"{Path}: {absent.Length} of {Shards.Count} shards are absent: {string.Join(", ", absent)}; download them again");
        }

        try
        {
            string home = PlainFile.Real(directory);
            foreach (string path in paths)
            {
                if (!LiesIn(PlainFile.Real(path), home))
                {
                    throw new CheckpointException(
                        $"{path}: a link that leaves the checkpoint's directory; put the file itself there");
                }
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException and not CheckpointException))
        {
            throw new CheckpointException($"{Path}: a shard cannot be found: {e.Message.ReplaceLineEndings(" ")}", e);
        }

        return paths;
    }

    // In the directory itself; or, in the hub's cache, whose snapshots/<revision>/ holds links to blobs/, there.
    private static bool LiesIn(string path, string home)
    {
        string parent = System.IO.Path.GetDirectoryName(home) ?? home;
        return Below(home) || (System.IO.Path.GetFileName(parent) == "snapshots"
            && Below(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(parent) ?? parent, "blobs")));

        bool Below(string root)
            => path.StartsWith(
                System.IO.Path.TrimEndingDirectorySeparator(root) + System.IO.Path.DirectorySeparatorChar,
                StringComparison.Ordinal);
    }
}

/// <summary>Names that come from files, on their way to a terminal.</summary>
internal static class TensorName
{
    private const int Most = 120;

    /// <summary>The name as it is if it is short and plain; else quoted, escaped and cut.</summary>
    public static string Show(string name)
        => name.Length is > 0 and <= Most && name.All(c => c is > ' ' and < (char)127 and not '"')
            ? name
            : JsonSerializer.Serialize(name.Length <= Most ? name : name[..(Most - 3)] + "...");
}
