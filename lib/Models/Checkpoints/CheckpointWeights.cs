namespace Aim.Models;

/// <summary>Weights of a checkpoint directory, read into or written from a <see cref="WeightStore"/>.</summary>
internal static class CheckpointWeights
{
    /// <summary>
    /// Every weight that the configuration asks for, in the file's type where products and look-ups can read it. Nothing is read
    /// before all names and shapes have been compared; what is missing, too much or misshapen is listed in one error.
    /// </summary>
    /// <param name="path">What <see cref="CheckpointFiles.Find"/> has found.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="trainable">Makes every weight a float32 tensor, and those that the model reaches autograd leaves.</param>
    /// <param name="products">How the weights of products are kept.</param>
    /// <exception cref="CheckpointException">A file is missing, broken or belongs to another configuration.</exception>
    public static WeightStore Load(string path, MultimodalConfig config, bool trainable, WeightResidency products)
    {
        using var file = CheckpointFiles.Open(path);
        var specs = MultimodalWeights.Of(config);
        var names = Match(file, specs, config);
        var store = new WeightStore();
        try
        {
            foreach (var spec in specs)
            {
                var residency = trainable ? WeightResidency.Widened : spec.Use switch
                {
                    WeightUse.Product => products,
                    WeightUse.Part or WeightUse.Table => WeightResidency.Mapped,
                    _ => WeightResidency.Widened,
                };
                store.Add(spec.Name, file.Range(names[spec.Name]) with { Shape = spec.Shape }, residency, trainable && spec.Used);
            }
        }
        catch (Exception e)
        {
            store.Dispose();
            if (e is IOException and not CheckpointException)
                throw new CheckpointException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
            throw;
        }

        return store;
    }

    // Hub name -> name in the file, after everything that does not fit has been collected.
    private static Dictionary<string, string> Match(
        CheckpointFiles file, IReadOnlyList<WeightSpec> specs, MultimodalConfig config)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var expected = specs.ToDictionary(s => s.Name, StringComparer.Ordinal);
        List<string> extra = [], misshapen = [], untyped = [];
        foreach (string name in file.Names)
        {
            string hub = MultimodalWeights.HubName(name, config);
            if (MultimodalWeights.IsIgnored(hub, config))
                continue;
            if (!expected.TryGetValue(hub, out var spec) || !names.TryAdd(hub, name))
            {
                extra.Add(TensorName.Show(name));
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
        CheckpointFiles.Report(problems, "missing", missing);
        CheckpointFiles.Report(problems, "unexpected", extra);
        CheckpointFiles.Report(problems, "of the wrong shape", misshapen);
        CheckpointFiles.Report(problems, "of the wrong type", untyped);
        if (problems.Count > 0)
            throw new CheckpointException($"{file.Path}: does not fit config.json: {string.Join("; ", problems)}");
        return names;
    }

    /// <summary>Writes all weights as one file under the hub's names.</summary>
    public static void Save(string directory, WeightStore store, MultimodalConfig config, SafetensorsType dtype)
    {
        var entries = MultimodalWeights.Of(config).Select(spec =>
            SafetensorsEntry.Rows(spec.Name, dtype, spec.FileShape, (int)spec.Shape[^1], store[spec.Name].CopyRows));
        SafetensorsWriter.Write(Path.Combine(directory, CheckpointFiles.FileName), entries);
    }
}
