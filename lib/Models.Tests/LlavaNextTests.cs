namespace Aim.Models.Tests;

/// <summary>
/// LLaVA-NeXT where the fixtures do not reach: several pictures, saving, gradients of the packing, configurations that do not
/// fit. What it computes is compared with transformers in <see cref="FixtureTests"/>.
/// </summary>
public sealed class LlavaNextTests
{
    private const string Clip =
        """{"model_type":"clip_vision_model","image_size":8,"patch_size":4,"hidden_size":8,"intermediate_size":16,"num_hidden_layers":3,"num_attention_heads":2}""";

    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Fixture.NewDirectory();

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    private static LlavaNextConfig Read(string json) => LlavaNextConfig.Read(ConfigSection.Parse(json, "config.json"));

    private static LlavaNextConfig Tiny(string decoder) => Read(
        $$"""{"model_type":"llava_next","image_token_index":9,"vision_config":{{Clip}},"image_grid_pinpoints":[[8,16],[16,8],[16,16]],"text_config":{"model_type":"{{decoder}}","""
        + """ "vocab_size":16,"hidden_size":12,"intermediate_size":16,"num_hidden_layers":2,"num_attention_heads":2,"num_key_value_heads":1}}""");

    [TestCase("llama")]
    [TestCase("mistral")]
    [TestCase("qwen2")]
    public void Every_picture_of_a_prompt_is_tiled(string decoder)
    {
        using var scope = NewDisposeScope();
        var config = Tiny(decoder);
        using var model = LlavaNext.Create(config, 3, trainable: false);
        model.Save(_directory, ScalarType.Float32);
        File.WriteAllText(Path.Combine(_directory, "preprocessor_config.json"),
            """{"size":{"shortest_edge":8},"crop_size":{"height":8,"width":8}}""");
        using var loaded = LlavaNext.Load(_directory);
        Assert.That(loaded.Config.ToJson("float32"), Is.EqualTo(File.ReadAllText(Path.Combine(_directory, "config.json"))));
        Assert.That(loaded.Config.Text.SlidingWindow, Is.EqualTo(decoder == "mistral" ? 4096 : (int?)null));

        var pictures = loaded.Prepare([Picture(10, 20), Picture(30, 30)]);
        Assert.That(pictures.Select(p => p.PixelValues.shape), Is.EqualTo(new long[][] { [3, 3, 8, 8], [5, 3, 8, 8] }));

        // The base tile's 4; 2 rows of 4 and a newline; then 4 and 4 rows of 4 and a newline: one picture's tiling is that of
        // two.
        Assert.That(pictures.Select(p => p.Layout.Tokens), Is.EqualTo(new[] { 4 + 10, 4 + 20 }));
        Assert.That(loaded.Prepare([Picture(10, 20)])[0].Layout.Rows, Is.EqualTo(pictures[0].Layout.Rows));
        var tokens = loaded.PictureTokens(pictures);
        var (embeds, layout) = loaded.PackPictures([1, 9, 2, 9, 3], tokens);
        Assert.That(layout.VisualSlots, Is.EqualTo(Enumerable.Range(1, 14).Concat(Enumerable.Range(16, 24))));
        using var prefill = loaded.Language.Prefill(embeds, [layout]);
        Assert.That(prefill.Logits.shape, Is.EqualTo(new long[] { 1, 16 }));
    }

    [TestCase("""{"model_type":"llava"}""", "model_type is \"llava\", but must be \"llava_next\"")]
    [TestCase("""{"model_type":"llava_next","vision_feature_select_strategy":"full"}""",
        "vision_feature_select_strategy: must be \"default\" with a clip_vision_model tower")]
    [TestCase("""{"model_type":"llava_next","vision_config":{"model_type":"siglip_vision_model","image_size":336}}""",
        "vision_feature_select_strategy: must be \"full\" with a siglip_vision_model tower")]
    [TestCase("""{"model_type":"llava_next","vision_config":{"image_size":300}}""",
        "image_grid_pinpoints: 336 x 672 cannot be cut into tiles")]
    [TestCase("""{"model_type":"llava_next","image_grid_pinpoints":[[336,2147483520]]}""",
        "image_grid_pinpoints: 336 x 2147483520 gives more than")]
    [TestCase("""{"model_type":"llava_next","image_grid_pinpoints":[[336]]}""", "image_grid_pinpoints is [[336]]")]
    [TestCase("""{"model_type":"llava_next","text_config":{"model_type":"mistral","attention_bias":true}}""",
        "text_config.attention_bias: attention biases are not supported")]
    [TestCase("""{"model_type":"llava_next","text_config":{"model_type":"mistral","sliding_window":0}}""",
        "text_config.sliding_window is 0")]
    public void Misfits_are_named(string json, string expected)
        => Assert.That(
            () => Read(json),
            Throws.TypeOf<CheckpointException>().With.Message.Contains(expected).And.Message.StartsWith("config.json: "));

    [Test]
    public void What_a_file_leaves_out_is_llava_next_vicuna()
    {
        var config = Read("""{"model_type":"llava_next"}""");
        Assert.That((config.Vision.HasClass, config.VisionLayersUsed, config.FeaturesPerTile), Is.EqualTo((true, 23, 576)));
        Assert.That((config.Text.ModelType, config.ImageTokenId, config.HasNewline), Is.EqualTo(("llama", 32000, true)));

        // The known count of a 672 x 672 picture: 576 + 48 rows of 48 and a newline.
        Assert.That(config.LayoutOf(672, 672, 1).Tokens, Is.EqualTo(576 + (48 * 49)));
        var mistral = Read("""{"model_type":"llava_next","text_config":{"model_type":"mistral"}}""").Text;
        Assert.That(
            (mistral.NumKeyValueHeads, mistral.IntermediateSize, mistral.SlidingWindow), Is.EqualTo((8, 14336, (int?)4096)));
        var unlimited = Read("""{"model_type":"llava_next","text_config":{"model_type":"mistral","sliding_window":null}}""");
        Assert.That(unlimited.Text.SlidingWindow, Is.Null);
    }

    // The window is not computed, so nothing may reach beyond it.
    [Test]
    public void A_prompt_longer_than_the_sliding_window_is_refused()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Llama(2) with { ModelType = "mistral", SlidingWindow = 6 });
        Assert.That(
            () => decoder.Model.Forward(decoder.Embeddings(7)),
            Throws.ArgumentException.With.Message.Contains("sliding_window is 6"));
        using var prefill = decoder.Model.Prefill(decoder.Embeddings(5), [PromptLayout.AllText(5)]);
        decoder.Model.Decode(tensor((long[])[1]), prefill.Cache);
        Assert.That(
            () => decoder.Model.Decode(tensor((long[])[1]), prefill.Cache),
            Throws.ArgumentException.With.Message.Contains("sliding_window is 6"));
    }

    [TestCase("""{"size":{"shortest_edge":60},"crop_size":56}""",
        "size: a shortest edge of 60 differs from the tower's image_size 56")]
    [TestCase("""{"image_grid_pinpoints":[[56,56]]}""", "image_grid_pinpoints: differs from config.json's")]
    public void Processors_that_do_not_fit_are_named(string json, string expected)
    {
        File.WriteAllText(Path.Combine(_directory, "preprocessor_config.json"), json);
        var config = LlavaNextConfig.Load(Fixture.PathOf("models", "tiny-llava-next-mistral"));
        Assert.That(
            () => LlavaNextImageProcessor.Load(_directory, config),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("preprocessor_config.json: ")
                .And.Message.Contains(expected));
    }

    private static RgbImage Picture(int height, int width)
        => new(height, width, [.. Enumerable.Range(0, height * width * 3).Select(i => (byte)(i * 7 % 251))]);
}
