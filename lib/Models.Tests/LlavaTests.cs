namespace Aim.Models.Tests;

/// <summary>
/// LLaVA-1.5's form in the shapes that the fixtures do not have: a SigLIP tower, one projector layer, a Qwen2 decoder; saving and
/// loading; gradients. What the common shape computes is compared with transformers in <see cref="FixtureTests"/>.
/// </summary>
public sealed class LlavaTests
{
    private const string Siglip =
        """{"model_type":"siglip_vision_model","image_size":8,"patch_size":4,"hidden_size":8,"intermediate_size":16,"num_hidden_layers":3,"num_attention_heads":2}""";

    private const string Clip =
        """{"model_type":"clip_vision_model","image_size":8,"patch_size":4,"hidden_size":8,"intermediate_size":16,"num_hidden_layers":3,"num_attention_heads":2}""";

    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Fixture.NewDirectory();

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    private static string Json(string vision, string rest, string decoder = "qwen2") =>
        $$"""{"model_type":"llava","image_token_index":9,"vision_config":{{vision}},{{rest}},"text_config":{"model_type":"{{decoder}}","""
        + """ "vocab_size":16,"hidden_size":12,"intermediate_size":16,"num_hidden_layers":2,"num_attention_heads":2,"num_key_value_heads":1}}""";

    private static LlavaConfig Read(string json) => LlavaConfig.Read(ConfigSection.Parse(json, "config.json"));

    // Tower, what is selected, tokens of a picture, layers of the projector.
    private static IEnumerable<TestCaseData> Shapes()
    {
        static TestCaseData Shape(string name, string json, int tokens, int layers)
            => new TestCaseData(json, tokens, layers).SetArgDisplayNames(name);
        const string Full = """ "vision_feature_select_strategy":"full" """, Last = """ "vision_feature_layer":-1, """;
        yield return Shape("SigLIP, Qwen2", Json(Siglip, Last + Full), 4, 2);
        yield return Shape(
            "SigLIP, one layer, Llama", Json(Siglip, $"""{Last}{Full},"mm_projector_type":"linear" """, "llama"), 4, 1);
        yield return Shape("CLIP, Llama", Json(Clip, """ "vision_feature_select_strategy":"default" """, "llama"), 4, 2);
        yield return Shape("CLIP with its class token, Qwen2", Json(Clip, Full), 5, 2);
    }

    [TestCaseSource(nameof(Shapes))]
    public void Any_shape_is_made_saved_and_loaded_again(string json, int tokens, int layers)
    {
        using var scope = NewDisposeScope();
        var config = Read(json);
        using var model = Llava.Create(config, 3, trainable: true);
        Assert.That(
            model.Weights.Names.Count(n => n.StartsWith("multi_modal_projector.", StringComparison.Ordinal)),
            Is.EqualTo(2 * layers));
        Assert.That(model.Weights.Names, Does.Not.Contain("image_newline"));
        model.Save(_directory, ScalarType.Float32);
        using var loaded = (LlavaFamily)MultimodalModel.Load(_directory);
        Assert.That(loaded, Is.TypeOf<Llava>());
        Assert.That(loaded.Hash, Is.EqualTo(model.Hash));
        Assert.That(loaded.Weights.Names, Is.EqualTo(model.Weights.Names));
        Assert.That(loaded.Config.ToJson("float32"), Is.EqualTo(File.ReadAllText(Path.Combine(_directory, "config.json"))));

        using var noGrad = no_grad();
        var pixels = Noise([2, 3, 8, 8], 1);
        Tensor Tokens(LlavaFamily m) => m.Project(m.VisionFeatures(pixels));
        Assert.That(Tokens(loaded).shape, Is.EqualTo(new long[] { 2, tokens, 12 }));
        Assert.That(Values(Tokens(loaded)), Is.EqualTo(Values(Tokens(model))).Within(1e-6f));

        var layout = config.LayoutOf(100, 30, 2);
        Assert.That((layout.Tokens, layout.Tiles), Is.EqualTo((tokens, 1)));
        var pictures = loaded.PictureTokens(Tokens(loaded), [layout, layout]);
        var (embeds, prompt) = loaded.PackPictures([1, 9, 9, 2, 3], pictures);
        Assert.That(embeds.shape, Is.EqualTo(new long[] { 1, 3 + (2 * tokens), 12 }));
        Assert.That(prompt.VisualSlots, Is.EqualTo(Enumerable.Range(1, 2 * tokens)));
        using var prefill = loaded.Language.Prefill(embeds, [prompt]);
        Assert.That(prefill.Logits.shape, Is.EqualTo(new long[] { 1, 16 }));
    }

    // Through packing, projector, tower; against differences along a random direction of all trainable weights at once.
    [TestCaseSource(nameof(Shapes))]
    public void Gradients_agree_with_differences(string json, int tokens, int layers)
    {
        using var scope = NewDisposeScope();
        using var model = Llava.Create(Read(json), 3, trainable: true);
        var layout = model.Config.LayoutOf(8, 8, 1);
        var pixels = Noise([2, 3, 8, 8], 1);
        var wanted = Noise([1, 3 + (2 * tokens), 16], 2);
        Tensor Loss()
        {
            var pictures = model.PictureTokens(model.Project(model.VisionFeatures(pixels)), [layout, layout]);
            var hidden = model.Language.Forward(model.PackPictures([1, 9, 9, 2, 3], pictures).Embeds);
            return (model.Language.Logits(hidden) * wanted).sum();
        }

        Loss().backward();
        var weights = model.Weights.Names.Where(n => model.Weights[n].Trainable).Select(n => model.Weights[n].Tensor).ToList();
        Assert.That(layers, Is.EqualTo(model.Config.ProjectorLayers));
        var directions = weights.Select((w, i) => Noise(w.shape, 100 + i)).ToList();
        using var noGrad = no_grad();
        Assert.That(weights.All(w => w.grad is not null), Is.True);
        double slope = weights.Zip(directions, (w, d) => (w.grad! * d).sum().to(ScalarType.Float64).item<double>()).Sum();
        const double Step = 2e-4;
        double At(double step)
        {
            foreach (var (weight, direction) in weights.Zip(directions))
                weight.add_(direction * step);
            return Loss().to(ScalarType.Float64).item<double>();
        }

        double up = At(Step), down = At(-2 * Step);
        Assert.That((up - down) / (2 * Step), Is.EqualTo(slope).Within((0.01 * Math.Abs(slope)) + 0.05));
    }

    [TestCase("""{"model_type":"llava_onevision"}""", "model_type is \"llava_onevision\", but must be \"llava\"")]
    [TestCase("""{"model_type":"llava","vision_feature_layer":-26}""",
        "vision_feature_layer: -26 does not exist in a tower of 24 layers")]
    [TestCase("""{"model_type":"llava","vision_feature_layer":[-2,-5]}""", "vision_feature_layer is [-2,-5]")]
    [TestCase("""{"model_type":"llava","vision_feature_select_strategy":"cls_patch"}""",
        "vision_feature_select_strategy is \"cls_patch\"")]
    [TestCase("""{"model_type":"llava","vision_config":{"model_type":"siglip_vision_model"}}""",
        "vision_feature_select_strategy: \"default\" leaves the class token out")]
    [TestCase("""{"model_type":"llava","vision_config":{"model_type":"clip_vision_model","hidden_act":"gelu"}}""",
        "vision_config.hidden_act")]
    [TestCase("""{"model_type":"llava","mm_projector_type":"mlp3x_gelu"}""", "mm_projector_type is \"mlp3x_gelu\"")]
    public void Misfits_are_named(string json, string expected)
        => Assert.That(
            () => Read(json),
            Throws.TypeOf<CheckpointException>().With.Message.Contains(expected).And.Message.StartsWith("config.json: "));

    [Test]
    public void What_a_file_leaves_out_is_llava_1_5()
    {
        var config = Read("""{"model_type":"llava"}""");
        Assert.That(
            (config.Vision.HasClass, config.Vision.Patches, config.VisionLayersUsed, config.FeaturesPerTile),
            Is.EqualTo((true, 576, 23, 576)));
        Assert.That(
            (config.Text.ModelType, config.Text.AttentionBias, config.ImageTokenId, config.DropsClass),
            Is.EqualTo(("llama", false, 32000, true)));
    }

    [Test]
    public void The_family_is_found_in_the_file()
    {
        using var onevision = MultimodalModel.Load(Fixture.PathOf("models", "tiny-llava-onevision"));
        Assert.That(onevision, Is.TypeOf<LlavaOnevision>());
        File.WriteAllText(Path.Combine(_directory, "config.json"), """{"model_type":"bert"}""");
        Assert.That(
            () => MultimodalModel.Load(_directory),
            Throws.TypeOf<CheckpointException>().With.Message.Contains(
                "model_type is \"bert\", but must be \"llava\" or \"llava_next\" or \"llava_onevision\""));
        File.WriteAllText(Path.Combine(_directory, "config.json"), "{}");
        Assert.That(
            () => MultimodalModel.Load(_directory),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("model_type: is missing"));
    }

    [TestCase("""{"image_processor_type":"BlipImageProcessor"}""", "image_processor_type")]
    [TestCase("""{"crop_size":{"height":70,"width":60}}""", "crop_size: 70 x 60 differs from the tower's image_size 70")]
    [TestCase("""{"size":{"shortest_edge":60}}""", "size: a shortest edge of 60")]
    [TestCase("""{"do_center_crop":false}""", "do_center_crop")]
    [TestCase("""{"do_pad":true}""", "do_pad")]
    [TestCase("""{"resample":2}""", "resample")]
    [TestCase("""{"image_processor_type":"SiglipImageProcessor","size":{"height":60,"width":70}}""", "size: 60 x 70 differs")]
    public void Processors_that_do_not_fit_are_named(string json, string expected)
    {
        File.WriteAllText(Path.Combine(_directory, "preprocessor_config.json"), json);
        var config = LlavaConfig.Load(Fixture.PathOf("models", "tiny-llava-1.5"));
        Assert.That(
            () => LlavaImageProcessor.Load(_directory, config),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("preprocessor_config.json: ")
                .And.Message.Contains(expected));
    }

    // OpenAI's own files give sizes as numbers.
    [Test]
    public void Both_spellings_of_sizes_give_the_same()
    {
        using var scope = NewDisposeScope();
        var config = LlavaConfig.Load(Fixture.PathOf("models", "tiny-llava-1.5"));
        var picture = new RgbImage(90, 130, [.. Enumerable.Range(0, 90 * 130 * 3).Select(i => (byte)(i * 7 % 251))]);
        float[] Pixels(string json)
        {
            File.WriteAllText(Path.Combine(_directory, "preprocessor_config.json"), json);
            return Values(LlavaImageProcessor.Load(_directory, config).Prepare([picture])[0].PixelValues);
        }

        float[] expected = Pixels("""{"size":{"shortest_edge":72},"crop_size":{"height":70,"width":70}}""");
        Assert.That(Pixels("""{"size":72,"crop_size":70}"""), Is.EqualTo(expected));
        Assert.That(Pixels("""{"size":70,"crop_size":70}"""), Is.Not.EqualTo(expected));
    }

    private static float[] Values(Tensor x) => x.detach().contiguous().data<float>().ToArray();

    private static Tensor Noise(long[] shape, int seed)
    {
        var random = new Random(seed);
        return tensor(
            Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b))
                .Select(_ => (float)((2 * random.NextDouble()) - 1)).ToArray(),
            shape);
    }
}
