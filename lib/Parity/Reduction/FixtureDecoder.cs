using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>The tiny decoder that a case names: config.json and model.safetensors.</summary>
internal sealed class FixtureDecoder : IDisposable
{
    private readonly WeightStore _weights = new();

    public FixtureDecoder(CaseFile fixture)
    {
        string directory = fixture.Resolve(fixture.Args.NeedText("model")), configPath = Path.Combine(directory, "config.json");
        var config = ConfigSection.Parse(Limits.Config(configPath).GetRawText(), configPath);
        using (var file = FixtureFiles.OpenTensors(Path.Combine(directory, "model.safetensors")))
        {
            foreach (string name in file.Names)
                _weights.Add(name, tensor(file.ReadFloat32(name), file.Info(name).Shape));
        }

        Config = config.Element;
        Model = new LanguageModel(TextConfig.Read(config), _weights);
    }

    public JsonElement Config { get; }

    public LanguageModel Model { get; }

    public void Dispose()
    {
        Model.Dispose();
        _weights.Dispose();
    }
}
