using System.Security.Cryptography;
using System.Text;

namespace Aim.Models;

/// <summary>
/// The weights' files of a checkpoint directory: one <c>model.safetensors</c>, or the shards of
/// <c>model.safetensors.index.json</c> (the one file wins where both are, as upstream has it). Opening checks every file's
/// header, and that index and shards agree; nothing of the weights is read.
/// </summary>
internal sealed class CheckpointFiles : IDisposable
{
    public const string FileName = "model.safetensors";

    public const string PickleCure =
        "pickles are refused, since reading one can run any program; convert it where you trust it, with transformers' "
        + "save_pretrained(..., safe_serialization=True), or download the repository's safetensors files";

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _holders = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    private CheckpointFiles(string path) => Path = path;

    /// <summary>The file, or the index of the shards: what messages name.</summary>
    public string Path { get; }

    /// <summary>All tensors, file by file.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Bytes of all files.</summary>
    public long ByteLength => _files.Sum(f => new FileInfo(f.FilePath).Length);

    /// <summary>Type and shape of a tensor.</summary>
    public SafetensorsInfo Info(string name) => _holders[name].Info(name);

    /// <summary>Where a tensor lies; mapped weights hold its file open by themselves.</summary>
    public WeightRange Range(string name) => _holders[name].Range(name);

    /// <summary>The weights' file of a directory, or the index of its shards.</summary>
    /// <exception cref="CheckpointException">There is neither.</exception>
    public static string Find(string directory)
    {
        string single = System.IO.Path.Combine(directory, FileName);
        string index = System.IO.Path.Combine(directory, ShardIndex.FileName);
        if (System.IO.Path.Exists(single) || System.IO.Path.Exists(index))
            return System.IO.Path.Exists(single) ? single : index;
        string? pickle = Directory.EnumerateFiles(directory)
            .Where(f => System.IO.Path.GetExtension(f) is ".bin" or ".pt" or ".pth" or ".ckpt"
                || f.EndsWith(".bin.index.json", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).FirstOrDefault();
        throw new CheckpointException(pickle is null
            ? $"{single}: no such file, nor {ShardIndex.FileName}; a checkpoint's weights are expected in one of them"
            : $"{pickle}: the only weights here; {PickleCure}");
    }

    /// <summary>Opens what <see cref="Find"/> has found.</summary>
    /// <exception cref="CheckpointException">A file is missing or broken, or index and shards do not agree; all tensors that
    /// do not are listed.</exception>
    public static CheckpointFiles Open(string path)
    {
        var files = new CheckpointFiles(path);
        try
        {
            if (path.EndsWith(ShardIndex.FileName, StringComparison.Ordinal))
                files.AddShards(ShardIndex.Load(path));
            else
                files.Add(SafetensorsFile.Open(path), null, []);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    private void AddShards(ShardIndex index)
    {
        var twice = new List<string>();
        var unlisted = new List<string>();
        foreach (var (shard, path) in index.Shards.Zip(index.Locate()))
        {
            var file = SafetensorsFile.Open(path);
            Add(file, shard, twice);
            unlisted.AddRange(file.Names.Where(n => index.ShardOf.GetValueOrDefault(n) != shard)
                .Select(n => $"{TensorName.Show(n)} ({shard})"));
        }

        var absent = index.ShardOf
            .Where(t => !_holders.TryGetValue(t.Key, out var file) || System.IO.Path.GetFileName(file.FilePath) != t.Value)
            .Select(t => $"{TensorName.Show(t.Key)} ({t.Value})").Order(StringComparer.Ordinal).ToList();
        var problems = new List<string>();
        Report(problems, "in two shards", twice);
        Report(problems, "not in the shard that the index says", absent);
        Report(problems, "in a shard where the index does not have them", unlisted);
        if (problems.Count > 0)
        {
            throw new CheckpointException(
                $"{Path}: does not fit its shards: {string.Join("; ", problems)}; download all files again");
        }
    }

    private void Add(SafetensorsFile file, string? shard, List<string> twice)
    {
        _files.Add(file);
        foreach (string name in file.Names)
        {
            if (_holders.TryAdd(name, file))
                _names.Add(name);
            else
                twice.Add($"{TensorName.Show(name)} ({System.IO.Path.GetFileName(_holders[name].FilePath)} and {shard})");
        }
    }

    /// <summary>Adds a kind of problem with all names it concerns, if there are any.</summary>
    public static void Report(List<string> problems, string what, IReadOnlyList<string> names)
    {
        // A broken file may name millions.
        const int Shown = 2000;
        if (names.Count == 0)
            return;
        string rest = names.Count > Shown ? $" and {names.Count - Shown} more" : "";
        problems.Add($"{names.Count} {what}: {string.Join(", ", names.Take(Shown))}{rest}");
    }

    /// <summary>
    /// SHA-256 (lower-case hexadecimal) of what <see cref="Find"/> has found: of the file; or of the shards, whose order and
    /// names count, as <c>sha256sum model-*.safetensors | sha256sum</c> gives it.
    /// </summary>
    /// <exception cref="CheckpointException">A file is missing or cannot be read.</exception>
    public static string Hash(string path)
    {
        if (!path.EndsWith(ShardIndex.FileName, StringComparison.Ordinal))
            return HashFile(path);
        var lines = ShardIndex.Load(path).Locate().Select(shard => $"{HashFile(shard)}  {System.IO.Path.GetFileName(shard)}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    private static string HashFile(string path)
    {
        PlainFile.Check(path, "a safetensors file is expected");
        try
        {
            using var stream = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new CheckpointException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>Closes the files, but for those that mapped weights hold.</summary>
    public void Dispose() => _files.ForEach(f => f.Dispose());
}
