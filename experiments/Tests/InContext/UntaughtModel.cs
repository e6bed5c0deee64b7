using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Tests.InContext;

/// <summary>A directory with a lab model that has learnt nothing, `model`, and a definition that asks it, `tiny.yaml`.</summary>
internal static class UntaughtModel
{
    /// <summary>Makes the directory; the caller removes it.</summary>
    public static string Make(string definition)
    {
        string root = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"icl-{Guid.NewGuid():N}");
        string directory = Path.Combine(root, "model");
        LabCheckpoint.Write(directory, LabModelKind.Single);
        using var model = MultimodalModel.Create(MultimodalConfig.Load(directory), 3, trainable: false);
        model.Save(directory, ScalarType.BFloat16);
        File.WriteAllText(Path.Combine(root, "tiny.yaml"), definition);
        return root;
    }
}
