using System.Text;
using System.Text.Json.Nodes;

namespace Aim.Models.Tests;

/// <summary>
/// The text files of a checkpoint with seeded damage: each is read, or refused with the documented exception; nothing else
/// escapes, and no size that a file names decides how much memory or time is taken. With as many damaged pictures
/// (<c>datasets/Tests</c>) they are 100,000 files. More of them, each other ones:
/// <c>dotnet test lib/Models.Tests -- 'TestRunParameters.Parameter(name="fuzz", value="20")'</c> takes 20 times as many.
/// </summary>
public sealed class FuzzTests
{
    private const int DataLength = 40;

    private static readonly string[] s_headers =
    [
        """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"BF16","shape":[8],"data_offsets":[24,40]}}""",
        """{"w":{"dtype":"I64","shape":[5,1],"data_offsets":[0,40]},"é\u00e9":{"dtype":"U8","shape":[0],"data_offsets":[40,40]}}""",
    ];

    private static readonly string[] s_indices =
        ["""{"metadata":{"total_size":40},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"""];

    private static readonly string[] s_families =
        ["tiny-llava-1.5", "tiny-llava-next-mistral", "tiny-llava-next-vicuna", "tiny-llava-onevision", "tiny-qwen2-vl"];

    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Fixture.NewDirectory();

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Safetensors_headers() => Run(1, 10_000, s_headers, b => SafetensorsHeader.Parse("file", b, DataLength));

    [Test]
    public void Shard_indices() => Run(2, 5_000, s_indices, b => ShardIndex.Parse(b, "file"));

    [Test]
    public void Configurations() => Run(3, 12_000, Files("config.json"), ReadConfig);

    [Test]
    public void Generation_configurations()
        => Run(4, 5_000, Files("generation_config.json"), b => GenerationConfig.Read(ConfigSection.Parse(b, "file")));

    [Test]
    public void Tokenizers() => Run(5, 10_000, [.. s_families.Select(SmallTokenizer)], b =>
    {
        var tokenizer = BpeTokenizer.Read(ConfigSection.Parse(b, "file"));
        tokenizer.Decode(tokenizer.Encode("Hello <image> wörld 123\n<|im_end|>", addSpecialTokens: true), skipSpecial: false);
    });

    [Test]
    public void Tokenizer_configurations_and_their_templates() => Run(6, 4_000, Files("tokenizer_config.json", true), b =>
    {
        File.WriteAllBytes(Path.Combine(_directory, "tokenizer_config.json"), b);
        ChatTemplate.Load(_directory).Render(
            [new("system", "Be brief."), new("user", "Hi", Images: 1), new("assistant", "Yes"), new("user", "Why?", Videos: 1)],
            addGenerationPrompt: true);
    });

    [TestCaseSource(nameof(Processors))]
    public void Processor_settings(string family, Action<string> load) => Run(
        7, 1_000, [File.ReadAllText(Fixture.PathOf("models", family, "preprocessor_config.json"))], b =>
        {
            File.WriteAllBytes(Path.Combine(_directory, "preprocessor_config.json"), b);
            load(_directory);
        });

    private static IEnumerable<TestCaseData> Processors()
    {
        static TestCaseData Case<T>(string family, Action<string, T> load) where T : MultimodalConfig
        {
            var config = (T)MultimodalConfig.Load(Fixture.PathOf("models", family));
            return new TestCaseData(family, (Action<string>)(d => load(d, config))).SetArgDisplayNames(family);
        }

        yield return Case<LlavaConfig>("tiny-llava-1.5", (d, c) => LlavaImageProcessor.Load(d, c));
        yield return Case<LlavaNextConfig>("tiny-llava-next-vicuna", (d, c) => LlavaNextImageProcessor.Load(d, c));
        yield return Case<LlavaOnevisionConfig>("tiny-llava-onevision", (d, c) => OnevisionImageProcessor.Load(d, c));
        yield return Case<LlavaOnevisionConfig>("tiny-llava-onevision-odd", (d, c) => VideoProcessor.Load(d, c.Vision));
        yield return Case<Qwen2VlConfig>("tiny-qwen2-vl", (d, c) => Qwen2VlProcessor.Load(d, c.Vision, video: true));
    }

    private static string[] Files(string name, bool withTemplate = false) => [.. s_families.Select(family =>
    {
        var json = JsonNode.Parse(File.ReadAllText(Fixture.PathOf("models", family, name)))!;
        string template = Fixture.PathOf("models", family, "chat_template.json");
        if (withTemplate)
            json["chat_template"] = JsonNode.Parse(File.ReadAllText(template))!["chat_template"]!.GetValue<string>();
        return json.ToJsonString();
    })];

    // A checkpoint's tokenizer with bytes, special tokens and a few merges: small, so that damage meets every part.
    private static string SmallTokenizer(string family)
    {
        var json = JsonNode.Parse(File.ReadAllText(Fixture.PathOf("models", family, "tokenizer.json")))!;
        var model = json["model"]!.AsObject();
        model["merges"] = new JsonArray([.. model["merges"]!.AsArray().Take(12).Select(m => m!.DeepClone())]);
        var joined = model["merges"]!.AsArray()
            .SelectMany(m => m is JsonArray pair ? pair.Select(p => p!.GetValue<string>()) : m!.GetValue<string>().Split(' '))
            .Chunk(2).SelectMany(p => (string[])[p[0], p[1], p[0] + p[1]]).ToHashSet();
        var vocabulary = model["vocab"]!.AsObject();
        bool Leaves(string token) => token.Length > 1 && token[0] != '<' && !joined.Contains(token);
        foreach (string token in vocabulary.Select(t => t.Key).Where(Leaves).ToList())
            vocabulary.Remove(token);
        return json.ToJsonString();
    }

    private static void Run(int seed, int count, string[] texts, Action<byte[]> read)
    {
        count *= TestContext.Parameters.Get("fuzz", 1);
        var random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = Damage.Of(texts[random.Next(texts.Length)], random);
            try
            {
                read(bytes);
            }
            catch (CheckpointException e)
            {
                refused++;
                Assert.That(e.Message, Does.Not.Contain("\n"));
                Assert.That(e.Message, Does.StartWith("file").Or.Contain("config.json"));
            }
            catch (Exception e)
            {
                Assert.Fail($"case {i} of seed {seed}: {e.GetType().Name} for {Encoding.UTF8.GetString(bytes)}\n{e}");
            }
        }

        Assert.That(refused, Is.InRange(count / 8, count - 1), "damage that is noticed, but not always");
    }

    // Whatever is accepted can be listed and laid out without any product of sizes overflowing.
    private static void ReadConfig(byte[] json)
    {
        var file = ConfigSection.Parse(json, "file");
        MultimodalConfig config = file.Text("model_type", "", "llava", "llava_next", "llava_onevision", "qwen2_vl") switch
        {
            "llava" => LlavaConfig.Read(file),
            "llava_next" => LlavaNextConfig.Read(file),
            "qwen2_vl" => Qwen2VlConfig.Read(file),
            _ => LlavaOnevisionConfig.Read(file),
        };
        foreach (var weight in MultimodalWeights.Of(config))
            Assert.That(weight.Shape.Aggregate(1L, (product, side) => checked(product * side)), Is.Positive);
        config.ToJson("float32");
        if (config is LlavaFamilyConfig llava)
        {
            Assert.That(llava.FeaturesPerTile, Is.Positive);
            if (llava.FeaturesPerTile < 1 << 16)
                Assert.That(llava.LayoutOf(480, 640, 1).Tokens, Is.Positive);
        }
    }
}
