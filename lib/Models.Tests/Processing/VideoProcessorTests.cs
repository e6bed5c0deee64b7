namespace Aim.Models.Tests.Processing;

/// <summary>From bytes to the tower's input.</summary>
public sealed class VideoProcessorTests
{
    // Upstream's normalised pixels come from bytes: taking them back and processing them again must give the same bits.
    [Test]
    public void Normalises_as_transformers_does()
    {
        using var scope = NewDisposeScope();
        using var recorded = SafetensorsFile.Open(Fixture.PathOf("models", "ov-video", "tensors.safetensors"));
        float[] expected = recorded.ReadFloat32("pixel_values_videos");
        int pixels = 56 * 56, frames = expected.Length / (3 * pixels);
        var rgb = new byte[expected.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            int frame = i / (3 * pixels), channel = i / pixels % 3, pixel = i % pixels;
            rgb[(((frame * pixels) + pixel) * 3) + channel] = (byte)Math.Round((expected[i] * 0.5 + 0.5) * 255);
        }

        string checkpoint = Fixture.PathOf("models", "tiny-llava-onevision");
        var processor = VideoProcessor.Load(checkpoint, LlavaOnevisionConfig.Load(checkpoint).Vision);
        var values = processor.ToPixelValues(rgb, frames, 56, 56);
        Assert.That(values.shape, Is.EqualTo(new long[] { frames, 3, 56, 56 }));
        Assert.That(values.data<float>().ToArray(), Is.EqualTo(expected));
    }

    [Test]
    public void Frames_of_another_size_are_refused()
    {
        var processor = new VideoProcessor(2, 2, 1.0 / 255, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]);
        Assert.That(
            () => processor.ToPixelValues(new byte[27], 1, 3, 3),
            Throws.ArgumentException.With.Message.Contains("2 x 2 is expected"));
        Assert.That(() => processor.ToPixelValues(new byte[11], 1, 2, 2), Throws.ArgumentException);
        Assert.That(() => processor.ToPixelValues([], 0, 2, 2), Throws.ArgumentException);
    }

    [TestCase("""{"image_std":[0.5,0,0.5]}""", "image_std")]
    [TestCase("""{"image_mean":0.5}""", "image_mean is 0.5, but must be an array of 3 numbers")]
    [TestCase("""{"size":{"height":48,"width":56}}""", "size: 48 x 56 differs from the tower's image_size 56")]
    [TestCase("""{"do_normalize":"yes"}""", "do_normalize")]
    public void Settings_that_do_not_fit_are_named(string json, string expected)
    {
        string directory = Fixture.NewDirectory();
        File.WriteAllText(Path.Combine(directory, "preprocessor_config.json"), json);
        var vision = LlavaOnevisionConfig.Load(Fixture.PathOf("models", "tiny-llava-onevision")).Vision;
        Assert.That(
            () => VideoProcessor.Load(directory, vision),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("preprocessor_config.json: ")
                .And.Message.Contains(expected));
        Directory.Delete(directory, recursive: true);
    }
}
