namespace Aim.Models.Tests;

/// <summary>
/// The whole model: making, saving, loading, packing. What it computes is compared with transformers in
/// <see cref="FixtureTests"/>.
/// </summary>
public sealed class LlavaOnevisionTests
{
    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Fixture.NewDirectory();

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [TestCase(ScalarType.Float32)]
    [TestCase(ScalarType.BFloat16)]
    public void Saving_and_loading_is_exact_up_to_the_types_rounding(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var model = LlavaOnevision.Load(Fixture.PathOf("models", "tiny-llava-onevision"));
        string first = Path.Combine(_directory, "first"), second = Path.Combine(_directory, "second");
        model.Save(first, dtype);
        string hash = model.Hash;
        using var loaded = LlavaOnevision.Load(first);
        Assert.That(loaded.Hash, Is.EqualTo(hash));
        Assert.That(loaded.Weights.Names, Is.EqualTo(model.Weights.Names));
        foreach (string name in model.Weights.Names)
        {
            var expected = Values(model, name)
                .Select(v => dtype == ScalarType.Float32 ? v : SafetensorsTypes.FromBFloat16(SafetensorsTypes.ToBFloat16(v)));
            Assert.That(Values(loaded, name), Is.EqualTo(expected), name);
        }

        loaded.Save(second, dtype);
        Assert.That(loaded.Hash, Is.EqualTo(hash));
        foreach (string file in Directory.GetFiles(first))
        {
            Assert.That(
                File.ReadAllBytes(Path.Combine(second, Path.GetFileName(file))), Is.EqualTo(File.ReadAllBytes(file)), file);
        }

        Assert.That(
            Directory.GetFiles(first).Select(Path.GetFileName),
            Does.Contain("tokenizer.json").And.Contain("preprocessor_config.json"));
    }

    [Test]
    public void Both_generations_of_names_give_the_same_model()
    {
        string source = Fixture.PathOf("models", "tiny-llava-onevision-odd");
        using var scope = NewDisposeScope();
        using var model = LlavaOnevision.Load(source);
        foreach (bool keepsInnerModel in (bool[])[false, true])
        {
            Rename(source, name => name switch
            {
                "language_model.lm_head.weight" => "lm_head.weight",
                _ when name.StartsWith("language_model.model.", StringComparison.Ordinal)
                    => "model.language_model." + name["language_model.model.".Length..],
                _ when !keepsInnerModel => "model." + name.Replace("vision_tower.vision_model.", "vision_tower."),
                _ => "model." + name,
            });
            using var renamed = LlavaOnevision.Load(_directory);
            foreach (string name in model.Weights.Names)
                Assert.That(Values(renamed, name), Is.EqualTo(Values(model, name)), name);
        }
    }

    [Test]
    public void All_that_does_not_fit_is_listed_at_once()
    {
        string source = Fixture.PathOf("models", "tiny-llava-onevision");
        Rename(source, name => name switch
        {
            "image_newline" => null,
            "language_model.model.norm.weight" => "language_model.model.norm.wait",
            _ => name,
        });
        string config = File.ReadAllText(Path.Combine(source, "config.json"))
            .Replace("\"intermediate_size\": 112", "\"intermediate_size\": 113");
        File.WriteAllText(Path.Combine(_directory, "config.json"), config);
        var e = Assert.Throws<CheckpointException>(() => LlavaOnevision.Load(_directory))!;
        Assert.That(e.Message, Does.Contain("2 missing: image_newline, language_model.model.norm.weight"));
        Assert.That(e.Message, Does.Contain("1 unexpected: language_model.model.norm.wait"));
        Assert.That(e.Message, Does.Contain("12 of the wrong shape: "));
        Assert.That(
            e.Message, Does.Contain("vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight is [112, 64], must be [113, 64]"));
        Assert.That(e.Message, Does.Not.Contain("\n"));
    }

    [Test]
    public void Missing_directory_weights_and_shards_are_named()
    {
        Assert.That(
            () => LlavaOnevision.Load("/none"),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("/none: no such directory"));
        File.Copy(Fixture.PathOf("models", "tiny-llava-onevision", "config.json"), Path.Combine(_directory, "config.json"));
        Assert.That(
            () => LlavaOnevision.Load(_directory),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("model.safetensors: no such file"));
        File.WriteAllText(Path.Combine(_directory, "model.safetensors.index.json"), "{}");
        Assert.That(
            () => LlavaOnevision.Load(_directory),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("weight_map: is missing"));
    }

    [Test]
    public void A_new_model_follows_its_seed_and_nothing_else()
    {
        using var scope = NewDisposeScope();
        var config = LlavaOnevisionConfig.Load(Fixture.PathOf("models", "tiny-llava-onevision-odd"));
        using var a = LlavaOnevision.Create(config, 1, trainable: true);
        using var b = LlavaOnevision.Create(config, 1, trainable: false);
        using var c = LlavaOnevision.Create(config, 2, trainable: true);
        Assert.That(() => a.Hash, Throws.InvalidOperationException);
        a.Save(Path.Combine(_directory, "a"), ScalarType.Float32);
        b.Save(Path.Combine(_directory, "b"), ScalarType.Float32);
        c.Save(Path.Combine(_directory, "c"), ScalarType.Float32);
        Assert.That(b.Hash, Is.EqualTo(a.Hash));
        Assert.That(c.Hash, Is.Not.EqualTo(a.Hash));
        Assert.That(a.Weights["language_model.lm_head.weight"].Trainable, Is.True);
        Assert.That(b.Weights.Parameters(), Is.Empty);

        float[] fc1 = Values(a, "vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight"),
            fc2 = Values(a, "vision_tower.vision_model.encoder.layers.0.mlp.fc2.weight");
        Assert.That(Math.Sqrt(fc1.Average(v => (double)v * v)), Is.EqualTo(1 / Math.Sqrt(3 * 40)).Within(0.003));
        Assert.That(Math.Sqrt(fc2.Average(v => (double)v * v)), Is.EqualTo(1 / Math.Sqrt(3 * 70)).Within(0.003));
        Assert.That(fc1.Average(), Is.EqualTo(0).Within(0.006));
        Assert.That(Values(a, "multi_modal_projector.linear_1.bias"), Is.All.Zero);
        Assert.That(Values(a, "language_model.model.norm.weight"), Is.All.EqualTo(1f));
    }

    [Test]
    public void Packing_takes_exactly_one_video_or_none()
    {
        using var scope = NewDisposeScope();
        using var model = LlavaOnevision.Load(Fixture.PathOf("models", "tiny-llava-onevision"));
        int video = model.Config.VideoTokenId, image = model.Config.ImageTokenId;
        var visual = zeros(5, 64);
        var (embeds, layout) = model.Pack([1, 2, video, 3], visual);
        Assert.That(embeds.shape, Is.EqualTo(new long[] { 1, 9, 64 }));
        Assert.That(layout.VisualSlots, Is.EqualTo(new[] { 2, 3, 4, 5, 6, 7 }));
        Assert.That(model.Pack([video], visual).Layout.Text, Is.Zero);
        Assert.That(model.Pack([1, 2], null).Layout.Visual, Is.Zero);
        Assert.That(() => model.Pack([1, 2], visual), Throws.ArgumentException);
        Assert.That(() => model.Pack([video, video], visual), Throws.ArgumentException);
        Assert.That(() => model.Pack([video], null), Throws.ArgumentException);
        Assert.That(() => model.Pack([image, video], visual), Throws.ArgumentException);
        Assert.That(() => model.Pack([video], zeros(5, 63)), Throws.ArgumentException);
    }

    [Test]
    public void A_video_prompt_follows_the_checkpoints_template()
    {
        using var model = LlavaOnevision.Load(Fixture.PathOf("models", "tiny-llava-onevision"));
        int[] ids = model.BuildVideoPrompt([("system", "Be brief."), ("user", "Hi"), ("assistant", "Yes"), ("user", "Why")]);
        Assert.That(model.Tokenizer.Decode(ids, skipSpecial: false), Is.EqualTo(
            "<|im_start|>system \nBe brief.<|im_end|><|im_start|>user <video>\nHi<|im_end|>" +
            "<|im_start|>assistant \nYes<|im_end|>" +
            "<|im_start|>user \nWhy<|im_end|><|im_start|>assistant\n"));
        Assert.That(ids.Count(id => id == model.Config.VideoTokenId), Is.EqualTo(1));
        Assert.That(() => model.BuildVideoPrompt([("system", "x")]), Throws.ArgumentException);
    }

    private static float[] Values(LlavaOnevision model, string name)
    {
        using var scope = NewDisposeScope();
        return model.Weights[name].Widen().data<float>().ToArray();
    }

    // Copies a checkpoint into the test's directory with other tensor names; null drops a tensor.
    private void Rename(string source, Func<string, string?> rename)
    {
        using var file = SafetensorsFile.Open(Path.Combine(source, "model.safetensors"));
        SafetensorsWriter.Write(
            Path.Combine(_directory, "model.safetensors"),
            file.Names.Where(n => rename(n) is not null)
                .Select(n => SafetensorsEntry.Float(rename(n)!, SafetensorsType.F32, file.Info(n).Shape, file.ReadFloat32(n))));
        File.Copy(Path.Combine(source, "config.json"), Path.Combine(_directory, "config.json"), overwrite: true);
    }
}
