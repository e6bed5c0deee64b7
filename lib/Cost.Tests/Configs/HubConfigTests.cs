using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Aim.Cost.Tests;

public class HubConfigTests
{
    private const string Flat =
        """{"model_type": "qwen2", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 6"""
        + """, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 1000}""";

    // h, i, layers, H, Hk, V
    [TestCase("Qwen2-7B", 3584, 18944, 28, 28, 4, 152064, "qwen2")]
    [TestCase("LLaVA-OV-7B", 3584, 18944, 28, 28, 4, 152064, "qwen2")]
    [TestCase("Qwen2-0.5B", 896, 4864, 24, 14, 2, 151936, "qwen2")]
    [TestCase("llava-onevision-0.5b", 896, 4864, 24, 14, 2, 151936, "qwen2")]
    [TestCase("vicuna-7b", 4096, 11008, 32, 32, 32, 32000, "llama")]
    [TestCase("LLaVA-1.5-7B", 4096, 11008, 32, 32, 32, 32000, "llama")]
    [TestCase("Qwen-VL-Chat", 4096, 11008, 32, 32, 32, 151936, "qwen")]
    [TestCase("Qwen2-VL-7B", 3584, 18944, 28, 28, 4, 152064, "qwen2_vl")]
    [TestCase("LongVA-7B", 3584, 18944, 28, 28, 4, 152064, "qwen2")]
    public void Published_models(
        string name, int h, int i, int layers, int heads, int keyValueHeads, int vocabulary, string family)
    {
        var m = PublishedModels.Find(name)!;

        Assert.That((m.Hidden, m.Intermediate, m.Layers, m.Heads, m.KeyValueHeads, m.Vocabulary, m.Family),
            Is.EqualTo((h, i, layers, heads, keyValueHeads, vocabulary, family)));
        Assert.That(m.QueryWidth, Is.EqualTo(h));
    }

    [Test]
    public void Unhalved_qwen_vl_is_what_the_script_prices() =>
        Assert.That(Quirks.Apply(Quirk.UnhalvedIntermediate, ModelShape.QwenVLChat_7B).Intermediate, Is.EqualTo(22016));

    [Test]
    public void Unknown_models_are_null() => Assert.That(PublishedModels.Find("gpt-9"), Is.Null);

    [Test]
    public void A_flat_file()
    {
        var config = Read(Flat);

        Assert.That(config.Shape, Is.EqualTo(new ModelShape
        {
            Name = "m",
            Family = "qwen2",
            Hidden = 64,
            Layers = 6,
            Heads = 4,
            KeyValueHeads = 2,
            Intermediate = 128,
            Vocabulary = 1000,
            HeadDim = 0,
        }));
        Assert.That(config.Assumed, Is.Empty);
    }

    [Test]
    public void The_text_model_of_a_multimodal_file_and_not_its_tower()
    {
        var config = Read(
            $$$"""{"model_type": "llava_onevision", "vision_config": {"hidden_size": 7}, "text_config": {{{Flat}}}}""");

        Assert.That((config.Shape.Hidden, config.Shape.Family), Is.EqualTo((64, "qwen2")));
    }

    [Test]
    public void A_nested_section_leaves_out_defaults_and_they_are_named()
    {
        // the sections of two converted checkpoints, by their keys that matter here
        var vicuna = Read("""{"model_type": "llava", "text_config": {"model_type": "llama", "vocab_size": 32064}}""");
        var mistral = Read(
            """{"model_type": "llava_next", "text_config": {"model_type": "mistral", "intermediate_size": 14336, "vocab_size": 32064}}""");

        Assert.That(vicuna.Shape with { Name = "Vicuna-7B", Vocabulary = 32000 }, Is.EqualTo(ModelShape.Vicuna_7B));
        Assert.That(vicuna.Assumed, Is.EqualTo((string[])
            [
                "hidden_size 4096", "intermediate_size 11008", "num_hidden_layers 32", "num_attention_heads 32",
                "num_key_value_heads 32",
            ]));
        var shape = mistral.Shape;
        Assert.That((shape.KeyValueHeads, shape.Intermediate, shape.Family), Is.EqualTo((8, 14336, "mistral")));
    }

    [TestCase("""{"model_type": "llava_onevision", "text_config": {}}""", "qwen2", 22016)]
    [TestCase("""{"model_type": "llava", "text_config": {}}""", "llama", 11008)]
    [TestCase("""{"model_type": "qwen2_vl", "text_config": {}}""", "qwen2_vl_text", 29568)]
    public void An_empty_section_is_its_kinds_default(string json, string family, int intermediate)
    {
        var shape = Read(json).Shape;
        Assert.That((shape.Family, shape.Intermediate), Is.EqualTo((family, intermediate)));
    }

    [TestCase("LlavaQwenForCausalLM", "qwen2")]
    [TestCase("LlavaMistralForCausalLM", "mistral")]
    [TestCase("LlavaLlamaForCausalLM", "llama")]
    public void A_flat_multimodal_file_tells_its_decoder_by_its_class(string architecture, string family)
    {
        var type = $"\"model_type\": \"llava\", \"architectures\": [\"{architecture}\"]";
        Assert.That(Read(Flat.Replace("\"model_type\": \"qwen2\"", type)).Shape.Family, Is.EqualTo(family));
    }

    [Test]
    public void Heads_have_their_own_width_and_their_own_keys_where_the_file_says_so()
    {
        var wide = Read(Flat.Replace("\"vocab_size\"", "\"head_dim\": 32, \"vocab_size\"")).Shape;
        var old = Read(Flat.Replace("\"num_key_value_heads\": 2, ", ""));

        Assert.That((wide.QueryWidth, wide.KeyValueWidth), Is.EqualTo((128, 64)));
        Assert.That((old.Shape.KeyValueHeads, old.Assumed.Single()), Is.EqualTo((4, "num_key_value_heads 4")));
    }

    [TestCase("hidden_size")]
    [TestCase("intermediate_size")]
    [TestCase("num_hidden_layers")]
    [TestCase("num_attention_heads")]
    [TestCase("vocab_size")]
    public void A_missing_size_is_named(string key)
    {
        Refuses(Flat.Replace($"\"{key}\"", "\"other\""), $"m.json: {key} is missing");
        Refuses($$"""{"model_type": "x", "text_config": {{Flat.Replace($"\"{key}\"", "\"other\"").Replace("qwen2", "newer")}}}""",
            $"m.json: text_config.{key} is missing", "'newer'");
    }

    [TestCase("hidden_size", "\"64\"")]
    [TestCase("hidden_size", "0")]
    [TestCase("hidden_size", "-64")]
    [TestCase("hidden_size", "64.5")]
    [TestCase("hidden_size", "1e400")]
    [TestCase("num_hidden_layers", "2000000000")]
    [TestCase("vocab_size", "[1]")]
    public void A_wrong_size_is_named_with_what_it_should_be(string key, string value) => Refuses(
        System.Text.RegularExpressions.Regex.Replace(Flat, $"\"{key}\": [0-9]+", $"\"{key}\": {value}"),
        $"m.json: {key} is {value}, but must be a whole number from 1 to");

    [TestCase("[]", "a JSON object is expected")]
    [TestCase("{", "not valid JSON at line 1")]
    [TestCase("", "not valid JSON")]
    [TestCase("""{"hidden_size": 1, "hidden_size": 2}""", "not valid JSON")]
    [TestCase("""{"text_config": 7}""", "text_config is 7, but must be an object")]
    [TestCase("""{"model_type": 7}""", "model_type is 7")]
    [TestCase("""{"architectures": [7]}""", "architectures is [7]")]
    [TestCase("""{"model_type": "\ud800"}""", "not valid Unicode")]
    [TestCase("""{"model_type": "opt"}""", "'opt' has no gated MLP")]
    [TestCase("""{"model_type": "mixtral", "num_local_experts": 8}""", "mixture of experts")]
    public void A_file_of_another_kind_is_refused(string json, string message) => Refuses(json, "m.json", message);

    [Test]
    public void Heads_that_do_not_fit_are_refused()
    {
        Refuses(Flat.Replace("n_heads\": 4", "n_heads\": 5"), "num_attention_heads", "5 heads do not divide hidden_size 64");
        Refuses(Flat.Replace("e_heads\": 2", "e_heads\": 3"), "num_key_value_heads", "3 does not divide");
        Refuses(Flat.Replace("\"vocab_size\"", "\"head_dim\": 16000000, \"vocab_size\""), "head_dim", "wider");
        Refuses(Flat.Replace("\"qwen2\"", "\"qwen\"").Replace("128", "127"), "intermediate_size", "odd");
    }

    [Test]
    public void A_file_that_is_too_large_or_too_deep_is_refused()
    {
        Refuses("{\"a\": \"" + new string('x', HubConfig.MaxBytes) + "\"}", "larger than 4 MiB");
        Refuses("{\"a\": " + new string('[', 100_000) + new string(']', 100_000) + "}", "not valid JSON");
    }

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property Damaged_files_are_refused_or_read_but_nothing_else_happens() => Prop.ForAll(
        (from cut in Gen.Choose(0, Flat.Length)
         from at in Gen.Choose(0, Flat.Length - 1)
         from value in Gen.Choose(0, 255)
         select (cut, at, value)).ToArbitrary(),
        damage =>
        {
            var bytes = Encoding.UTF8.GetBytes(Flat);
            bytes[damage.at] = (byte)damage.value;
            try
            {
                var shape = HubConfig.Read(new MemoryStream(bytes, 0, damage.cut), "m.json", "m").Shape;
                CostModel.Prefill(shape, TokenSchedule.Flat(shape.Layers, 10), Hardware.L4);
            }
            catch (InvalidDataException e)
            {
                return e.Message.StartsWith("m.json: ", StringComparison.Ordinal);
            }
            return true;
        });

    [Test]
    public void Files_and_directories_are_found_or_named()
    {
        var folder = Path.Combine(TestContext.CurrentContext.WorkDirectory, "hub-config", "my-model");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), "\uFEFF" + Flat, new UTF8Encoding(false));

        Assert.That(HubConfig.Load(folder).Shape.Name, Is.EqualTo("my-model"));
        Assert.That(HubConfig.Load(Path.Combine(folder, "config.json")).Shape.Name, Is.EqualTo("my-model"));
        Assert.That(
            () => HubConfig.Load(Path.Combine(folder, "..")),
            Throws.InstanceOf<IOException>().With.Message.Contains("config.json: no such file"));
    }

    private static HubConfig Read(string json) => HubConfig.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)), "m.json", "m");

    private static void Refuses(string json, params string[] words)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(json))!;
        foreach (var word in words)
            Assert.That(error.Message, Does.Contain(word));
    }
}
