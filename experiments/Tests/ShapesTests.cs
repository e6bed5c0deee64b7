using Aim.Experiments.Planning;
using Aim.Models;

namespace Aim.Experiments.Tests;

/// <summary>What the kernels count in a tower is what Cost prices of its shape, to the last operation.</summary>
[NonParallelizable] // the counters are the process's
public class ShapesTests
{
    private static IEnumerable<TestCaseData> Seen() =>
        from model in (string[])["tiny-llava-1.5", "tiny-llava-next-mistral", "tiny-llava-next-vicuna", "tiny-llava-onevision",
            "tiny-llava-onevision-odd", "tiny-qwen2-vl"]
        from size in ((int, int)[])[(40, 40), (70, 161), (230, 90)]
        from frames in (int[])[0, 1, 5]
        where frames == 0 || !model.StartsWith("tiny-llava-1.5", StringComparison.Ordinal)
            && !model.StartsWith("tiny-llava-next", StringComparison.Ordinal)
        select new TestCaseData(model, size.Item1, size.Item2, frames);

    /// <param name="model">A CLIP, a SigLIP or Qwen2-VL's tower.</param>
    /// <param name="height">Of what is seen.</param>
    /// <param name="width">Of what is seen.</param>
    /// <param name="frames">0 for a picture.</param>
    [TestCaseSource(nameof(Seen))]
    public void A_tower_executes_what_was_priced(string model, int height, int width, int frames)
    {
        string directory = Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "models", model);
        var config = MultimodalConfig.Load(directory);
        var sizes = VisualSizes.Of(config);
        var shape = frames == 0 ? sizes.Picture(() => (height, width)) : sizes.Video(frames, () => (height, width));

        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using var loaded = MultimodalModel.Load(directory);
        var picture = new RgbImage(height, width, [.. Enumerable.Range(0, height * width * 3).Select(i => (byte)(i % 251))]);
        using var visual = frames == 0
            ? loaded.Pictures([picture])[0] : loaded.Video([.. Enumerable.Repeat(picture, frames)]);
        Assert.That(visual.Shape, Is.EqualTo(shape));

        using var counted = FlopCounter.Measure();
        var tokens = visual.Features();
        counted.Dispose();
        Assert.That(tokens.Sum(t => t.shape[0] * t.shape[1]) + shape.Newlines, Is.EqualTo(shape.Tokens));
        Assert.That(counted.Matmul, Is.EqualTo(Shapes.Tower(config, frames > 0)
            .MatmulFlops(shape.Patches.Frames, shape.Patches.PerFrame)));
    }
}
