namespace Aim.Models;

/// <summary>
/// A checkpoint of real size whose weights come from a formula (<see cref="FormulaWeights"/>): what memory, files and speed are
/// tried with where no trained model may be had. Its answers mean nothing.
/// </summary>
public sealed class SyntheticCheckpoint
{
    private readonly IReadOnlyList<SafetensorsEntry> _entries;
    private readonly string _config;
    private CancellationToken _cancel;

    /// <summary>Describes a checkpoint; nothing is written yet.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="dtype">Float32, or BFloat16 (rounded to nearest, ties to even).</param>
    /// <param name="salt">Other salts give other weights.</param>
    /// <exception cref="ArgumentException">The type is another one.</exception>
    public SyntheticCheckpoint(MultimodalConfig config, ScalarType dtype, ulong salt = 0)
    {
        ArgumentNullException.ThrowIfNull(config);
        var (type, name) = dtype switch
        {
            ScalarType.Float32 => (SafetensorsType.F32, "float32"),
            ScalarType.BFloat16 => (SafetensorsType.BF16, "bfloat16"),
            _ => throw new ArgumentException($"weights are written as Float32 or BFloat16, not {dtype}", nameof(dtype)),
        };
        _config = config.ToJson(name);
        _entries = [.. MultimodalWeights.Of(config).Select(spec =>
        {
            var rule = new FormulaWeights.Rule(spec.Name, spec.FileShape, salt);
            int columns = checked((int)spec.FileShape[1..].Aggregate(1L, (a, b) => checked(a * b)));
            return SafetensorsEntry.Rows(spec.Name, type, spec.FileShape, columns, (first, target) =>
            {
                _cancel.ThrowIfCancellationRequested();
                rule.Fill(first * columns, target);
            });
        })];
    }

    /// <summary>Bytes that its weights will take.</summary>
    public long ByteLength => ShardWriter.ByteLength(_entries);

    /// <summary>
    /// Writes the directory, which is there whole afterwards or not at all: its files are written into one beside it, which is
    /// renamed at the end and removed when anything goes wrong.
    /// </summary>
    /// <param name="directory">Must not be there, or be empty.</param>
    /// <param name="files">Texts of the files beside config.json and the weights, by name.</param>
    /// <param name="shardBytes">Most bytes of a file of weights.</param>
    /// <param name="onFile">Is told each file of weights before it is written.</param>
    /// <param name="cancel">Ends the writing.</param>
    /// <exception cref="IOException">Something is there already, or a file cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was raised.</exception>
    public void Write(
        string directory, IReadOnlyDictionary<string, string> files, long shardBytes = ShardWriter.DefaultShardBytes,
        Action<string>? onFile = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        CheckFree(full);
        string partial = $"{full}.{Environment.ProcessId}.partial";
        _cancel = cancel;
        Directory.CreateDirectory(partial);
        try
        {
            AtomicFile.WriteText(Path.Combine(partial, "config.json"), _config);
            foreach (var (name, text) in files)
                AtomicFile.WriteText(Path.Combine(partial, name), text);
            ShardWriter.Write(partial, _entries, shardBytes, onFile);
            CheckFree(full);
            if (Directory.Exists(full))
                Directory.Delete(full);
            Directory.Move(partial, full);
        }
        catch
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }
    }

    private static void CheckFree(string directory)
    {
        if (File.Exists(directory) || (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any()))
            throw new CheckpointException($"{directory}: is there already and not empty; name a new directory, or remove it");
    }
}
