using Aim.Cost;
using Aim.Models;

namespace Aim.Experiments;

/// <summary>The sizes that the cost model prices, from a checkpoint's configuration.</summary>
internal static class Shapes
{
    /// <summary>The language model of a LLaVA-OneVision checkpoint directory.</summary>
    /// <exception cref="CheckpointException">Its config.json cannot be read.</exception>
    public static ModelShape Of(string directory) =>
        Of(LlavaOnevisionConfig.Load(directory),
        Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory))));

    public static ModelShape Of(LlavaOnevisionConfig config, string name) => new()
    {
        Name = name,
        Hidden = config.Text.HiddenSize,
        Layers = config.Text.NumHiddenLayers,
        Heads = config.Text.NumAttentionHeads,
        KeyValueHeads = config.Text.NumKeyValueHeads,
        HeadDim = config.Text.HeadDim,
        Intermediate = config.Text.IntermediateSize,
        Vocabulary = config.Text.VocabSize,
    };
}
