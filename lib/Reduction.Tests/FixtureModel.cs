using Aim.Models;

namespace Aim.Reduction.Tests;

/// <summary>Loads one of the fixtures' tiny decoders: config.json and model.safetensors under Hugging Face's names.</summary>
internal static class FixtureModel
{
    public static (LanguageModel Model, WeightStore Weights) Load(string directory)
    {
        var weights = new WeightStore();
        using var file = SafetensorsFile.Open(Path.Combine(directory, "model.safetensors"));
        foreach (string name in file.Names)
            weights.Add(name, tensor(file.ReadFloat32(name), file.Info(name).Shape));
        return (new LanguageModel(TextConfig.Read(ConfigSection.Load(Path.Combine(directory, "config.json"))), weights), weights);
    }
}
