using Aim.Models;

namespace Aim.Experiments.Synthesis;

/// <summary>Published models by family and size, whose shapes a synthetic checkpoint takes.</summary>
/// <param name="Family">As upstream writes it with dashes.</param>
/// <param name="Size">As the papers name it.</param>
/// <param name="Config">Its shape.</param>
internal sealed record SyntheticModel(string Family, string Size, MultimodalConfig Config)
{
    private const string Onevision = "llava-onevision";

    private static readonly VisionConfig _so400m = new()
    {
        ImageSize = 384,
        PatchSize = 14,
        HiddenSize = 1152,
        IntermediateSize = 4304,
        NumHiddenLayers = 26,
        NumAttentionHeads = 16,
    };

    private static readonly TextConfig _small = new()
    {
        VocabSize = 152_000,
        HiddenSize = 896,
        IntermediateSize = 4864,
        NumHiddenLayers = 24,
        NumAttentionHeads = 14,
        NumKeyValueHeads = 2,
        HeadDim = 64,
        RopeTheta = 1e6,
        TieWordEmbeddings = true,
    };

    private static readonly TextConfig _large = _small with
    {
        VocabSize = 152_064,
        HiddenSize = 3584,
        IntermediateSize = 18944,
        NumHiddenLayers = 28,
        NumAttentionHeads = 28,
        NumKeyValueHeads = 4,
        HeadDim = 128,
        TieWordEmbeddings = false,
    };

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<SyntheticModel> All { get; } =
    [
        new(Onevision, "0.5b", new LlavaOnevisionConfig { Vision = _so400m, Text = _small }),
        new(Onevision, "7b", new LlavaOnevisionConfig { Vision = _so400m, Text = _large }),
    ];
}
