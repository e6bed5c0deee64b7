namespace Aim.Models.Tests;

/// <summary>
/// The whole model: making, saving, loading under any generation of names, packing, gradients. What it computes is compared with
/// transformers in <see cref="FixtureTests"/>.
/// </summary>
public sealed class Qwen2VlTests
{
    private const string Tiny = "tiny-qwen2-vl";
    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Fixture.NewDirectory();

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [TestCase(ScalarType.Float32, WeightResidency.Packed, 0)]
    [TestCase(ScalarType.Float32, WeightResidency.Mapped, 1e-5)]
    [TestCase(ScalarType.BFloat16, WeightResidency.Packed, 0.1)]
    public void Saving_and_loading_gives_the_same_model(ScalarType dtype, WeightResidency residency, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var model = Qwen2Vl.Load(Fixture.PathOf("models", Tiny));
        model.Save(_directory, dtype);
        using var loaded = (Qwen2Vl)MultimodalModel.Load(_directory, products: residency);
        Assert.That(loaded.Hash, Is.EqualTo(model.Hash));
        foreach (string name in model.Weights.Names.Where(_ => dtype == ScalarType.Float32))
            Assert.That(Values(loaded, name), Is.EqualTo(Values(model, name)), name);
        var picture = model.PreparePicture(Noise(60, 60, 1));
        float[] Features(Qwen2Vl m) => m.Features(picture).data<float>().ToArray();
        Assert.That(Features(loaded), Is.EqualTo(Features(model)).Within(tolerance));
        string[] files = [.. Directory.GetFiles(_directory).Select(f => Path.GetFileName(f))];
        Assert.That(files, Does.Contain("video_preprocessor_config.json").And.Contain("chat_template.json"));
    }

    [Test]
    public void Both_generations_of_names_give_the_same_model()
    {
        string source = Fixture.PathOf("models", Tiny);
        using var scope = NewDisposeScope();
        using var model = Qwen2Vl.Load(source);
        using (var file = SafetensorsFile.Open(Path.Combine(source, "model.safetensors")))
        {
            SafetensorsWriter.Write(
                Path.Combine(_directory, "model.safetensors"),
                file.Names.Select(name => SafetensorsEntry.Float(
                    name.StartsWith("visual.", StringComparison.Ordinal) ? "model." + name : "model.language_" + name,
                    SafetensorsType.F32, file.Info(name).Shape, file.ReadFloat32(name))));
        }

        // What stands beside the nested decoder's fields no longer counts.
        string json = File.ReadAllText(Path.Combine(source, "config.json"));
        var config = System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject();
        var text = config.DeepClone().AsObject();
        text["model_type"] = "qwen2_vl_text";
        config["text_config"] = text;
        config["hidden_size"] = 3;
        File.WriteAllText(Path.Combine(_directory, "config.json"), config.ToJsonString());
        using var renamed = Qwen2Vl.Load(_directory);
        foreach (string name in model.Weights.Names)
            Assert.That(Values(renamed, name), Is.EqualTo(Values(model, name)), name);
    }

    [Test]
    public void Pictures_and_videos_may_stand_in_one_prompt()
    {
        using var scope = NewDisposeScope();
        using var model = Qwen2Vl.Load(Fixture.PathOf("models", Tiny));
        var frame = Noise(60, 90, 1);
        var picture = model.Tokens(model.PreparePicture(Noise(90, 60, 2)));
        var video = model.Tokens(model.PrepareVideo([frame, frame, frame]), isVideo: true);
        int[] ids = [5, 813, 6, 812, 7];
        var (embeds, layout) = model.Pack(ids, [video, picture]);
        Assert.That(embeds.shape, Is.EqualTo(new long[] { 1, 3 + video.Tokens.shape[0] + picture.Tokens.shape[0], 64 }));
        Assert.That(layout.Visual, Is.EqualTo(video.Tokens.shape[0] + picture.Tokens.shape[0]));
        int behind = (int)video.Tokens.shape[0] + 1;
        Assert.That(layout.Positions!.Select(axis => axis[behind]), Is.All.EqualTo(1 + video.Positions!.Extent));
        Assert.That(layout.Positions![0][1..behind].Distinct(), Is.EqualTo((int[])[1, 2]), "three frames are two pairs");

        Assert.That(
            () => model.Pack(ids, [picture, video]),
            Throws.ArgumentException.With.Message.Contains("a video placeholder where a picture is packed"));
        Assert.That(
            () => model.Pack(ids, [video]),
            Throws.ArgumentException.With.Message.Contains("2 image and video placeholders where 1"));
        Assert.That(
            () => model.Pack([812], [picture with { Tokens = picture.Tokens.narrow(0, 0, 1) }]),
            Throws.ArgumentException.With.Message.Contains("positions"));
        Assert.That(
            () => model.Tokens(new PatchedVisual(zeros(4, 8), new VisionGrid(1, 2, 2))),
            Throws.ArgumentException.With.Message.Contains("[4, 1176]"));
    }

    [Test]
    public void Frames_do_not_see_each_other_in_the_tower()
    {
        using var scope = NewDisposeScope();
        using var model = Qwen2Vl.Load(Fixture.PathOf("models", Tiny));
        RgbImage[] frames = [Noise(60, 90, 1), Noise(60, 90, 2), Noise(60, 90, 3), Noise(60, 90, 4)];
        var together = model.Features(model.PrepareVideo(frames));
        var apart = cat(
            new[] { model.Features(model.PrepareVideo(frames[..2])), model.Features(model.PrepareVideo(frames[2..])) }, 0);
        Assert.That(together.data<float>().ToArray(), Is.EqualTo(apart.data<float>().ToArray()).Within(1e-5f));
        var grid = model.TokenGrid(model.PrepareVideo(frames).Grid);
        Assert.That(together.shape, Is.EqualTo(new long[] { 2, grid.PerFrame, 64 }));
    }

    [Test]
    public void Gradients_reach_every_weight()
    {
        using var scope = NewDisposeScope();
        var config = Qwen2VlConfig.Load(Fixture.PathOf("models", Tiny));
        using var model = Qwen2Vl.Create(config, 3, trainable: true);
        var (embeds, layout) = model.Pack([5, 812, 7], [model.Tokens(model.PreparePicture(Noise(60, 60, 1)))]);
        var positions = tensor(layout.Positions!.SelectMany(axis => axis).Select(p => (long)p).ToArray(), [3, layout.Length]);
        model.Language.Logits(model.Language.Forward(embeds, positions)).square().sum().backward();
        foreach (string name in model.Weights.Names)
            Assert.That(model.Weights[name].Tensor.grad?.abs().sum().item<float>() ?? 0, Is.Positive, name);
    }

    private static float[] Values(MultimodalModel model, string name)
    {
        using var scope = NewDisposeScope();
        return model.Weights[name].Widen().data<float>().ToArray();
    }

    private static RgbImage Noise(int height, int width, int seed)
    {
        var rgb = new byte[height * width * 3];
        new Random(seed).NextBytes(rgb);
        return new RgbImage(height, width, rgb);
    }
}
