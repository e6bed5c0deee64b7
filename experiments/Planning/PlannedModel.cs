using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Planning;

/// <summary>What is known of a checkpoint before its weights are read.</summary>
/// <param name="Directory">Full path.</param>
/// <param name="Config">Its configuration.</param>
/// <param name="Sha256"><see cref="MultimodalModel.HashOf"/> it.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
internal sealed record PlannedModel(string Directory, LlavaOnevisionConfig Config, string Sha256, BpeTokenizer Tokenizer)
{
    /// <exception cref="DefinitionException">There is no such directory.</exception>
    /// <exception cref="CheckpointException">A file is missing or wrong.</exception>
    public static PlannedModel Open(string model, string? definitionFile)
    {
        string directory = Places.Model(model, definitionFile);
        string weights = Path.Combine(directory, "model.safetensors");
        if (!File.Exists(weights) && !File.Exists(weights + ".index.json"))
            throw new CheckpointException(
                $"{weights}: missing; name a checkpoint directory with model.safetensors, or train the lab model with "
                    + "'aim lab train'");
        // Hashing checks the headers against the files' lengths: a truncated download is named before anything runs.
        return new PlannedModel(
            directory, LlavaOnevisionConfig.Load(directory), MultimodalModel.HashOf(directory),
                BpeTokenizer.Load(Path.Combine(directory, "tokenizer.json")));
    }

    /// <summary>Text tokens of a sample's prompt: all but the placeholder that frames or picture replace.</summary>
    public int TextTokens(LabSample sample) => Tokenizer.Encode(sample.Prompt).Length - 1;
}
