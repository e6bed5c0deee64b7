using Aim.Cost;
using Aim.Models;

namespace Aim.Experiments;

/// <summary>The sizes that the cost model prices, from a checkpoint's configuration.</summary>
internal static class Shapes
{
    /// <summary>The language model of a checkpoint directory of any family.</summary>
    /// <exception cref="CheckpointException">Its config.json cannot be read.</exception>
    public static ModelShape Of(string directory) =>
        Of(MultimodalConfig.Load(directory).Text,
        Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory))));

    /// <summary>How the paper's script prices a decoder: it leaves an addition of Qwen2's out.</summary>
    public static CostOptions Pricing(TextConfig text) =>
        text.ModelType.StartsWith("qwen2", StringComparison.Ordinal) ? CostOptions.PaperQwen2 : CostOptions.Paper;

    /// <summary>The tower of any family, and what brings its features to the decoder.</summary>
    /// <param name="config">The checkpoint.</param>
    /// <param name="video">Whether it sees a video's frames; else pictures.</param>
    public static TowerShape Tower(MultimodalConfig config, bool video)
    {
        int width = config.Text.HiddenSize;
        if (config is Qwen2VlConfig { Vision: var vit })
        {
            int merged = vit.EmbedDim * vit.SpatialMergeSize * vit.SpatialMergeSize;
            return new TowerShape
            {
                Hidden = vit.EmbedDim,
                Layers = vit.Depth,
                Intermediate = vit.MlpDim,
                PatchValues = vit.PatchValues,
                PatchesPerToken = vit.SpatialMergeSize * vit.SpatialMergeSize,
                Projector = [(merged, merged), (merged, width)],
            };
        }

        var llava = (LlavaFamilyConfig)config;
        var vision = llava.Vision;
        return new TowerShape
        {
            Hidden = vision.HiddenSize,
            Layers = llava.VisionLayersUsed,
            Intermediate = vision.IntermediateSize,
            PatchValues = 3 * vision.PatchSize * vision.PatchSize,
            HasClassToken = vision.HasClass,
            ProjectsClassToken = !llava.DropsClass,
            PooledSide = video && vision.GridSide % 2 == 1 && config is LlavaOnevisionConfig { PooledSide: var side } ? side : 0,
            Projector = [(vision.HiddenSize, width), .. Enumerable.Repeat((width, width), llava.ProjectorLayers - 1)],
        };
    }

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
