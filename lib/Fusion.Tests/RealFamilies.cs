using System.Collections.Concurrent;
using Aim.Datasets;
using Aim.Models;

namespace Aim.Fusion.Tests;

/// <summary>
/// Hosts of the real families: tiny checkpoints in Hugging Face's form, with their own processors and tokenizers, opened once. A
/// Llama's or Mistral's begin-of-sequence token opens every sequence.
/// </summary>
[SetUpFixture]
internal sealed class RealFamilies
{
    private static readonly ConcurrentDictionary<string, MultimodalFusionHost> s_hosts = [];

    public static string[] Names =>
        ["tiny-llava-1.5", "tiny-llava-next-vicuna", "tiny-llava-next-mistral", "tiny-llava-onevision",
            "tiny-llava-onevision-odd", "tiny-qwen2-vl"];

    public static MultimodalFusionHost Of(string name) => s_hosts.GetOrAdd(name, _ =>
    {
        var model = MultimodalModel.Load(Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "models", name));
        return MultimodalFusionHost.Of(model, model.Tokenizer.Encode("", addSpecialTokens: true));
    });

    /// <summary>A picture that is no square: families that cut pictures cut it.</summary>
    public static RgbImage Picture(int seed, int height = 40, int width = 61)
    {
        byte[] rgb = new byte[height * width * 3];
        new Random(seed).NextBytes(rgb);
        return new RgbImage(height, width, rgb);
    }

    /// <summary>Demonstrations of different lengths, one without a picture, pictures of different shapes.</summary>
    public static Demonstration[] Demonstrations =>
    [
        new(Picture(1), " what is it?", " a dog."), new(Picture(2, 61, 40), "", " two cats on a sofa, and a lamp\n"),
        new(null, " what is it?", " nothing"), new(Picture(3, 50, 50), " a", " b"),
    ];

    [OneTimeTearDown]
    public void CleanUp()
    {
        foreach (var host in s_hosts.Values)
            host.Model.Dispose();
    }
}
