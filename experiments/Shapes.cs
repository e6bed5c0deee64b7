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

    public static ModelShape Of(LlavaOnevisionConfig config, string name) => Of(config.Text, name);

    /// <summary>A decoder of any family.</summary>
    public static ModelShape Of(TextConfig text, string name) => new()
    {
        Name = name,
        Hidden = text.HiddenSize,
        Layers = text.NumHiddenLayers,
        Heads = text.NumAttentionHeads,
        KeyValueHeads = text.NumKeyValueHeads,
        HeadDim = text.HeadDim,
        Intermediate = text.IntermediateSize,
        Vocabulary = text.VocabSize,
    };
}
