using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>Whole models against transformers: which case is run by whom, and what this build has no loader for.</summary>
internal static class ModelCase
{
    public const string KindName = "models";
    private const string Qwen = "qwen2_vl";

    /// <summary>
    /// The case, and again with the checkpoint under the names of transformers 5 where one lies beside: both must give the same.
    /// </summary>
    public static IEnumerable<IParityCase> Create(string name, CaseFile file)
    {
        if (Missing(file) is { } reason)
            return [SettledCase.NotSupported(KindName, name, reason)];
        string checkpoint = file.Resolve(file.Root.NeedText("checkpoint"));
        if (file.Root.Has("synthetic_weights"))
            return [new RealSizeCase(name, file, checkpoint)];
        string renamed = Path.TrimEndingDirectorySeparator(checkpoint) + "-newnames";
        IParityCase first = Of(name, file, checkpoint);
        return Directory.Exists(renamed)
            ? [first, Of($"{name}/newnames", CaseFile.Read(file.Path), renamed)]
            : [first];
    }

    private static IParityCase Of(string name, CaseFile file, string checkpoint)
        => file.Root.NeedText("family") == Qwen
            ? new Qwen2VlCase(name, file, checkpoint)
            : new MultimodalCase(name, file, checkpoint);

    private static string? Missing(CaseFile file)
    {
        string family = file.Root.NeedText("family");
        return family is "llava" or "llava_next" or "llava_onevision" or Qwen ? null : $"no model of family {family}";
    }

    /// <summary>Loads a checkpoint.</summary>
    public static MultimodalModel Load(string checkpoint)
    {
        CheckFiles(checkpoint);
        string weights = CheckpointFiles.Find(checkpoint);
        string[] files = Path.GetFileName(weights) == CheckpointFiles.FileName
            ? [weights]
            : [.. ShardIndex.Load(weights).Locate()];
        foreach (string file in files)
            FixtureFiles.Check(file, FixtureFiles.MaxTensors);
        return MultimodalModel.Load(checkpoint);
    }

    /// <summary>Checks a checkpoint's small files, before anything opens them.</summary>
    public static void CheckFiles(string checkpoint)
    {
        Limits.Config(Path.Combine(checkpoint, "config.json"));
        foreach (string name in (string[])["preprocessor_config.json", "video_preprocessor_config.json", "tokenizer.json"])
        {
            if (Path.Exists(Path.Combine(checkpoint, name)))
                FixtureFiles.Check(Path.Combine(checkpoint, name), FixtureFiles.MaxText);
        }
    }
}
