namespace Aim.Models.Tests.Configs;

/// <summary>Configurations: what a file says, what upstream's defaults fill in, and errors that name the field.</summary>
public sealed class ConfigTests
{
    private static LlavaOnevisionConfig Read(string json) => LlavaOnevisionConfig.Read(ConfigSection.Parse(json, "config.json"));

    [Test]
    public void Reads_a_hub_configuration()
    {
        var config = LlavaOnevisionConfig.Load(Fixture.PathOf("models", "tiny-llava-onevision-odd"));
        Assert.Multiple(() =>
        {
            Assert.That(config.Vision.GridSide, Is.EqualTo(5));
            Assert.That(config.Vision.HiddenSize, Is.EqualTo(40));
            Assert.That(config.Vision.LayerNormEps, Is.EqualTo(1e-6));
            Assert.That(config.PooledSide, Is.EqualTo(3));
            Assert.That(config.TokensPerFrame, Is.EqualTo(9));
            Assert.That(config.VideoTokenId, Is.EqualTo(804));
            Assert.That(config.VisionLayersUsed, Is.EqualTo(4));
            Assert.That(config.Text.HeadDim, Is.EqualTo(8));
            Assert.That(config.Text.NumKeyValueHeads, Is.EqualTo(2));
            Assert.That(config.Text.RopeTheta, Is.EqualTo(1e6));
            Assert.That(config.Text.AttentionBias, Is.True);
            Assert.That(config.Text.TieWordEmbeddings, Is.False);
        });
    }

    [Test]
    public void The_text_section_decides_about_tied_embeddings()
    {
        Assert.That(LlavaOnevisionConfig.Load(Fixture.PathOf("models", "tiny-llava-onevision")).Text.TieWordEmbeddings, Is.True);
        Assert.That(Read("""{"model_type":"llava_onevision","tie_word_embeddings":true}""").Text.TieWordEmbeddings, Is.True);
    }

    [Test]
    public void Missing_fields_take_upstreams_defaults()
    {
        var config = Read("""{"model_type":"llava_onevision","unknown":{"a":[1]},"text_config":{"model_type":"llama","num_attention_heads":16}}""");
        Assert.Multiple(() =>
        {
            Assert.That(config.Vision.Patches, Is.EqualTo(27 * 27));
            Assert.That(config.Vision.NumHiddenLayers, Is.EqualTo(26));
            Assert.That(config.Text.HiddenSize, Is.EqualTo(4096));
            Assert.That(config.Text.IntermediateSize, Is.EqualTo(11008));
            Assert.That(config.Text.NumKeyValueHeads, Is.EqualTo(16));
            Assert.That(config.Text.HeadDim, Is.EqualTo(256));
            Assert.That(config.Text.AttentionBias, Is.False);
            Assert.That(config.ImageTokenId, Is.EqualTo(151646));
        });
    }

    [TestCase("""{"rope_theta":5000,"rope_scaling":{"type":"mrope","mrope_section":[2,3,3]}}""", 5000)]
    [TestCase("""{"rope_parameters":{"rope_type":"default","rope_theta":7000,"mrope_section":[2,3,3]}}""", 7000)]
    public void Both_spellings_of_rotary_parameters(string extra, double theta)
    {
        string json = """{"model_type":"qwen2_vl_text","hidden_size":64,"num_attention_heads":4,"num_key_value_heads":2,"""
            + extra[1..];
        var config = TextConfig.Read(ConfigSection.Parse(json, "config.json"));
        Assert.That(config.RopeTheta, Is.EqualTo(theta));
        Assert.That(config.MRopeSection, Is.EqualTo(new[] { 2, 3, 3 }));
    }

    [TestCase("""{"model_type":"llava"}""", "model_type is \"llava\", but must be \"llava_onevision\"")]
    [TestCase("""{}""", "model_type: is missing")]
    [TestCase("""[]""", "a JSON object is expected")]
    [TestCase("""{"model_type":""", "not valid JSON")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"hidden_size":"64"}}""",
        "text_config.hidden_size is \"64\", but must be a whole number of at least 1")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"hidden_size":-1}}""", "text_config.hidden_size is -1")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"hidden_size":1e30}}""", "text_config.hidden_size is 1e30")]
    [TestCase("""{"model_type":"llava_onevision","text_config":[]}""", "text_config is [], but must be an object")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"model_type":"bert"}}""", "text_config.model_type is \"bert\"")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"hidden_act":"gelu"}}""", "text_config.hidden_act")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"rms_norm_eps":0}}""", "text_config.rms_norm_eps")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"num_attention_heads":3}}""",
        "text_config.num_attention_heads: 3 heads do not divide")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"num_key_value_heads":5}}""", "text_config.num_key_value_heads")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"head_dim":7}}""", "text_config.head_dim")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"rope_scaling":{"type":"yarn"}}}""",
        "text_config.rope_scaling.type is \"yarn\"")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"tie_word_embeddings":1}}""",
        "text_config.tie_word_embeddings is 1, but must be true or false")]
    [TestCase("""{"model_type":"llava_onevision","model_type":"llava_onevision"}""", "a name occurs twice")]
    [TestCase("""{"model_type":"llava_onevision","a":"\udc00"}""", "half a character")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"num_hidden_layers":2147483647}}""",
        "text_config.num_hidden_layers: 2147483647 is more than the 1024")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"num_attention_heads":65536,"head_dim":65536}}""",
        "text_config.num_attention_heads: 65536 is more than")]
    [TestCase("""{"model_type":"llava_onevision","text_config":{"rope_scaling":{"type":"mrope","mrope_section":[2147483647,2147483647,66]}}}""", "mrope_section")]
    [TestCase("""{"model_type":"llava_onevision","vision_config":{"image_size":2147483647}}""",
        "vision_config.image_size: 2147483647 is more than")]
    [TestCase("""{"model_type":"llava_onevision","vision_config":{"hidden_size":65}}""",
        "vision_config.num_attention_heads: 12 heads do not divide")]
    [TestCase("""{"model_type":"llava_onevision","vision_config":{"model_type":"clip_vision_model"}}""",
        "vision_config.model_type")]
    [TestCase("""{"model_type":"llava_onevision","vision_feature_layer":27}""", "vision_feature_layer: 27 does not exist")]
    [TestCase("""{"model_type":"llava_onevision","vision_feature_layer":[-1]}""", "vision_feature_layer is [-1]")]
    [TestCase("""{"model_type":"llava_onevision","vision_feature_select_strategy":"default"}""",
        "vision_feature_select_strategy")]
    [TestCase("""{"model_type":"llava_onevision","image_grid_pinpoints":[[384,500]]}""",
        "image_grid_pinpoints: 384 x 500 cannot be cut into tiles")]
    [TestCase("""{"model_type":"llava_onevision","image_grid_pinpoints":[]}""", "image_grid_pinpoints is []")]
    [TestCase("""{"model_type":"llava_onevision","vision_aspect_ratio":"pad"}""",
        "vision_aspect_ratio: \"pad\" is not supported")]
    [TestCase("""{"model_type":"llava_onevision","projector_hidden_act":"relu"}""", "projector_hidden_act")]
    public void Errors_name_file_and_field(string json, string expected)
    {
        var e = Assert.Throws<CheckpointException>(() => Read(json))!;
        Assert.That(e.Message, Does.StartWith("config.json: ").And.Contain(expected).And.Not.Contain("\n"));
    }

    [Test]
    public void Missing_file_is_named()
        => Assert.That(
            () => LlavaOnevisionConfig.Load("/none"),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("/none/config.json: no such file"));

    [TestCase("tiny-llava-onevision")]
    [TestCase("tiny-llava-onevision-odd")]
    public void Writing_keeps_the_meaning_and_unknown_fields(string name)
    {
        var config = LlavaOnevisionConfig.Load(Fixture.PathOf("models", name));
        string json = config.ToJson("bfloat16");
        var again = Read(json);
        Assert.That(json, Does.Contain("image_grid_pinpoints").And.Contain("\"torch_dtype\": \"bfloat16\""));
        Assert.That(again.Text, Is.EqualTo(config.Text));
        Assert.That(again.Vision, Is.EqualTo(config.Vision));
        Assert.That(again.ToJson("bfloat16"), Is.EqualTo(json));
    }
}
