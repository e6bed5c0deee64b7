namespace Aim.Models.Tests.Configs;

/// <summary>Qwen2-VL's configuration in both forms, upstream's defaults, and errors that name the field.</summary>
public sealed class Qwen2VlConfigTests
{
    private const string Rope = """ "rope_scaling":{"type":"mrope","mrope_section":[16,24,24]} """;

    private static Qwen2VlConfig Read(string json) => Qwen2VlConfig.Read(ConfigSection.Parse(json, "config.json"));

    private static string With(string fields) => $$"""{"model_type":"qwen2_vl","hidden_size":3584,"num_attention_heads":28,"num_key_value_heads":4,{{Rope}}{{fields}}}""";

    [Test]
    public void Reads_a_hub_configuration()
    {
        var config = (Qwen2VlConfig)MultimodalConfig.Load(Fixture.PathOf("models", "tiny-qwen2-vl"));
        Assert.Multiple(() =>
        {
            Assert.That((config.ImageTokenId, config.VideoTokenId), Is.EqualTo((812, 813)));
            Assert.That(
                (config.Vision.Depth, config.Vision.EmbedDim, config.Vision.NumHeads, config.Vision.MlpDim),
                Is.EqualTo((4, 32, 2, 128)));
            Assert.That((config.Vision.PatchValues, config.Vision.Factor), Is.EqualTo((1176, 28)));
            Assert.That(config.Text.MRopeSection, Is.EqualTo(new[] { 2, 3, 3 }));
            Assert.That(
                (config.Text.ModelType, config.Text.RopeTheta, config.Text.TieWordEmbeddings),
                Is.EqualTo(("qwen2_vl_text", 1e6, true)));
        });
    }

    [Test]
    public void The_nested_form_means_the_same()
    {
        var flat = Read(With(""" ,"vision_config":{"embed_dim":64,"depth":2} """));
        var nested = Read(
            """
            {"model_type":"qwen2_vl","hidden_size":1,"vision_config":{"embed_dim":64,"depth":2},"text_config":{"model_type":"qwen2_vl_text",
            "hidden_size":3584,"num_attention_heads":28,"num_key_value_heads":4,"rope_parameters":{"rope_type":"default","mrope_section":[16,24,24]}}}
            """);
        Assert.That(nested.Vision, Is.EqualTo(flat.Vision));
        Assert.That(nested.Text with { MRopeSection = null }, Is.EqualTo(flat.Text with { MRopeSection = null }));
        foreach (var config in (Qwen2VlConfig[])[flat, nested])
        {
            var again = Read(config.ToJson("float32"));
            Assert.That(again.Vision, Is.EqualTo(config.Vision));
            Assert.That(again.Text with { MRopeSection = null }, Is.EqualTo(config.Text with { MRopeSection = null }));
            Assert.That(again.Text.MRopeSection, Is.EqualTo(config.Text.MRopeSection));
            Assert.That(again.ToJson("float32"), Is.EqualTo(config.ToJson("float32")));
            Assert.That(
                config.ToJson("float32").Contains("text_config", StringComparison.Ordinal),
                Is.EqualTo(ReferenceEquals(config, nested)));
        }
    }

    [Test]
    public void Missing_fields_take_upstreams_defaults()
    {
        var config = Read("""{"model_type":"qwen2_vl","vision_config":{"hidden_size":8192},"rope_scaling":{"type":"mrope","mrope_section":[16,24,24]}}""");
        Assert.Multiple(() =>
        {
            Assert.That((config.ImageTokenId, config.VideoTokenId), Is.EqualTo((151655, 151656)));
            Assert.That(
                (config.Vision.Depth, config.Vision.EmbedDim, config.Vision.NumHeads, config.Vision.MlpDim),
                Is.EqualTo((32, 1280, 16, 5120)));
            Assert.That(
                (config.Vision.PatchSize, config.Vision.TemporalPatchSize, config.Vision.SpatialMergeSize),
                Is.EqualTo((14, 2, 2)));
            Assert.That(
                (config.Text.HiddenSize, config.Text.NumHiddenLayers, config.Text.RmsNormEps), Is.EqualTo((8192, 80, 1e-5)));
        });
    }

    [TestCase("""{"model_type":"qwen2_5_vl"}""", "model_type is \"qwen2_5_vl\"")]
    [TestCase("""{"model_type":"qwen2_vl"}""", "rope_scaling.mrope_section: is missing")]
    [TestCase("""{"model_type":"qwen2_vl","rope_scaling":{"mrope_section":[16,24]}}""",
        "rope_scaling.mrope_section: three numbers")]
    [TestCase("""{"model_type":"qwen2_vl","rope_scaling":{"mrope_section":[16,24,25]}}""",
        "mrope_section: sections [16, 24, 25] must add up to head_dim / 2 = 64")]
    [TestCase("""{"model_type":"qwen2_vl","rope_scaling":{"mrope_section":[2147483647,1,1]}}""",
        "must add up to head_dim / 2 = 64")]
    [TestCase("""{"model_type":"qwen2_vl","rope_scaling":{"mrope_section":[16,24,24]}}""",
        "hidden_size: 3584 is not the decoder's hidden_size 8192")]
    public void Errors_name_file_and_field(string json, string expected)
        => Assert.That(
            () => Read(json),
            Throws.TypeOf<CheckpointException>().With.Message.StartsWith("config.json: ").And.Message.Contains(expected));

    [TestCase(""" ,"vision_config":{"hidden_act":"gelu"} """, "vision_config.hidden_act is \"gelu\"")]
    [TestCase(""" ,"vision_config":{"in_chans":1} """, "vision_config.in_channels")]
    [TestCase(""" ,"vision_config":{"num_heads":3} """, "vision_config.num_heads: 3 heads do not divide embed_dim 1280")]
    [TestCase(""" ,"vision_config":{"embed_dim":32} """, "vision_config.num_heads: 16 heads")]
    [TestCase(""" ,"vision_config":{"mlp_ratio":1e30} """, "vision_config.mlp_ratio")]
    [TestCase(""" ,"vision_config":{"patch_size":100000} """,
        "vision_config.patch_size: 100000 makes patches of too many numbers")]
    [TestCase(""" ,"vision_config":{"spatial_merge_size":67108866} """,
        "vision_config.spatial_merge_size: 67108866 makes tokens")]
    [TestCase(""" ,"vision_config":{"patch_size":0} """, "vision_config.patch_size is 0")]
    [TestCase(""" ,"use_sliding_window":true """, "use_sliding_window")]
    [TestCase(""" ,"video_token_id":151655 """, "video_token_id: 151655 is image_token_id, too")]
    public void Errors_of_single_fields_are_named(string fields, string expected)
        => Assert.That(
            () => Read(With(fields)),
            Throws.TypeOf<CheckpointException>().With.Message.StartsWith("config.json: ").And.Message.Contains(expected));
}
