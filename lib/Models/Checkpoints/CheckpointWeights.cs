namespace Aim.Models;

/// <summary>Weights of a checkpoint directory, read into or written from a <see cref="WeightStore"/>.</summary>
internal static class CheckpointWeights
{
    public const string FileName = "model.safetensors";

    /// <summary>
    /// Reads every weight that the configuration asks for, as float32. Nothing is read before all names and shapes have been compared;
    /// what is missing, too much or misshapen is listed in one error.
    /// </summary>
    /// <exception cref="CheckpointException">The file is missing, broken or belongs to another configuration.</exception>
    public static WeightStore Load(string directory, LlavaOnevisionConfig config, bool trainable)
    {
        string path = Path.Combine(directory, FileName);
        if (!File.Exists(path) && File.Exists(path + ".index.json"))
        {
            throw new CheckpointException(
                $"{path}: no such file, but {FileName}.index.json is there: sharded checkpoints are not supported yet; save the model as one file");
        }

        using var file = SafetensorsFile.Open(path);
        var specs = LlavaOnevisionWeights.Of(config);
        var names = Match(file, specs, config);
        var store = new WeightStore();
        try
        {
            foreach (var spec in specs)
            {
                using var scope = NewDisposeScope();
                store.Add(spec.Name, tensor(file.ReadFloat32(names[spec.Name]), spec.Shape), trainable && spec.Used);
            }
        }
        catch
        {
            store.Dispose();
            throw;
        }

        return store;
    }

    // Hub name -> name in the file, after everything that does not fit has been collected.
    private static Dictionary<string, string> Match(SafetensorsFile file, IReadOnlyList<WeightSpec> specs, LlavaOnevisionConfig config)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var expected = specs.ToDictionary(s => s.Name, StringComparer.Ordinal);
        List<string> extra = [], misshapen = [], untyped = [];
        foreach (string name in file.Names)
        {
            string hub = LlavaOnevisionWeights.HubName(name);
            if (LlavaOnevisionWeights.IsIgnored(hub, config.Text))
                continue;
            if (!expected.TryGetValue(hub, out var spec) || !names.TryAdd(hub, name))
            {
                extra.Add(name);
                continue;
            }

            var info = file.Info(name);
            if (!info.Shape.SequenceEqual(spec.FileShape))
                misshapen.Add($"{name} is [{string.Join(", ", info.Shape)}], must be [{string.Join(", ", spec.FileShape)}]");
            if (info.Dtype is not (SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16))
                untyped.Add($"{name} is {info.Dtype}, must be F32, F16 or BF16");
        }

        var missing = specs.Where(s => !names.ContainsKey(s.Name)).Select(s => s.Name).ToList();
        var problems = new List<string>();
        Report(problems, "missing", missing);
        Report(problems, "unexpected", extra);
        Report(problems, "of the wrong shape", misshapen);
        Report(problems, "of the wrong type", untyped);
        if (problems.Count > 0)
            throw new CheckpointException($"{file.FilePath}: does not fit config.json: {string.Join("; ", problems)}");
        return names;
    }

    private static void Report(List<string> problems, string what, List<string> names)
    {
        const int Shown = 20;
        if (names.Count == 0)
            return;
        string rest = names.Count > Shown ? $" and {names.Count - Shown} more" : "";
        problems.Add($"{names.Count} {what}: {string.Join(", ", names.Take(Shown))}{rest}");
    }

    /// <summary>Writes all weights as one file under the hub's names.</summary>
    public static void Save(string directory, WeightStore store, LlavaOnevisionConfig config, SafetensorsType dtype)
    {
        var entries = LlavaOnevisionWeights.Of(config).Select(spec =>
        {
            using var scope = NewDisposeScope();
            using var detached = no_grad();
            float[] values = store.Get(spec.Name).detach().cpu().contiguous().data<float>().ToArray();
            return SafetensorsEntry.Float(spec.Name, dtype, spec.FileShape, values);
        });
        SafetensorsWriter.Write(Path.Combine(directory, FileName), entries);
    }
}
