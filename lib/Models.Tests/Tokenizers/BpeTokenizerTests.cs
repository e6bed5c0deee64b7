using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Aim.Models.Tests.Tokenizers;

/// <summary>
/// Byte-level BPE with Qwen2.5's genuine vocabulary: streams, any text, long pieces, files that are refused. Recorded texts are compared in
/// <see cref="FixtureTests"/>.
/// </summary>
public sealed class BpeTokenizerTests
{
    private string _directory = "";
    private BpeTokenizer _qwen = null!;

    [OneTimeSetUp]
    public void Load()
    {
        _directory = Fixture.NewDirectory();
        string path = Path.Combine(_directory, "tokenizer.json");
        using (var source = new GZipStream(File.OpenRead(Fixture.PathOf("tokenizers", "qwen2_5", "tokenizer.json.gz")), CompressionMode.Decompress))
        using (var target = File.Create(path))
            source.CopyTo(target);
        _qwen = BpeTokenizer.Load(path);
    }

    [OneTimeTearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void A_stream_never_shows_half_a_character()
    {
        var stream = _qwen.Stream();
        string shown = "";
        foreach (int id in _qwen.Encode("naïve 폴 🦄🏽 end"))
        {
            string piece = stream.Append(id);
            shown += piece;
            Assert.That(piece, Does.Not.Contain("\uFFFD"));
        }

        Assert.That(shown + stream.Finish(), Is.EqualTo("naïve 폴 🦄🏽 end"));
    }

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public void Text_survives_up_to_normalisation(string? text)
    {
        // Lone surrogates cannot be spelled in UTF-8 at all.
        string clean = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));
        Assert.That(_qwen.Decode(_qwen.Encode(clean), skipSpecial: false), Is.EqualTo(UnicodeNfc.Normalize(clean)));
    }

    [Test]
    public void Long_pieces_take_no_quadratic_time()
    {
        string text = new('a', 200_000);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.That(_qwen.Decode(_qwen.Encode(text)), Is.EqualTo(text));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public void Reduced_tokenizer_gives_the_recorded_prompts()
    {
        var tokenizer = BpeTokenizer.Load(Fixture.PathOf("models", "tiny-llava-onevision", "tokenizer.json"));
        Assert.That(tokenizer.TokenId("<video>"), Is.EqualTo(1004));
        Assert.That(tokenizer.VocabularySize, Is.EqualTo(1005));
        Assert.That(tokenizer.IsSpecial(1004), Is.True);
        Assert.That(() => tokenizer.TokenId("<none>"), Throws.TypeOf<CheckpointException>().With.Message.Contains("<none>"));
    }

    private static IEnumerable<TestCaseData> BadFiles()
    {
        string good = """{"added_tokens":[],"normalizer":null,"pre_tokenizer":{},"model":{"type":"BPE","vocab":{},"merges":[]}}""";
        string pre = JsonSerializer.Serialize(new
        {
            type = "Sequence",
            pretokenizers = new object[]
            {
                new { type = "Split", pattern = new { Regex = QwenPreTokenizer.Pattern }, behavior = "Isolated", invert = false },
                new { type = "ByteLevel", add_prefix_space = false, use_regex = false },
            },
        });
        string vocabulary = JsonSerializer.Serialize(Enumerable.Range(0, 256).ToDictionary(b => ByteLevel.ToChar((byte)b).ToString(), b => b));
        string qwen = good.Replace("\"pre_tokenizer\":{}", "\"pre_tokenizer\":" + pre).Replace("\"vocab\":{}", "\"vocab\":" + vocabulary);
        yield return new TestCaseData(qwen, "").SetArgDisplayNames("good");
        yield return new TestCaseData(good, "pre_tokenizer").SetArgDisplayNames("other pre-tokenizer");
        yield return new TestCaseData(qwen.Replace("\"normalizer\":null", "\"normalizer\":{\"type\":\"NFKC\"}"), "normalizer.type").SetArgDisplayNames("NFKC");
        yield return new TestCaseData(qwen.Replace("\"BPE\"", "\"Unigram\""), "model.type").SetArgDisplayNames("Unigram");
        yield return new TestCaseData(qwen.Replace("\"a\":97", "\"aa\":97"), "byte 97").SetArgDisplayNames("byte missing");
        yield return new TestCaseData(qwen.Replace("\"a\":97", "\"a\":98"), "twice").SetArgDisplayNames("id twice");
        yield return new TestCaseData(qwen.Replace("\"a\":97", "\"a\":-1"), "model.vocab").SetArgDisplayNames("negative id");
        yield return new TestCaseData(qwen.Replace("\"merges\":[]", "\"merges\":[\"a b\"]"), "entry 0").SetArgDisplayNames("merge of unknown");
        yield return new TestCaseData(qwen.Replace("\"merges\":[]", "\"merges\":[\"ab\"]"), "entry 0").SetArgDisplayNames("merge of one");
        yield return new TestCaseData(qwen.Replace("\"merges\":[]", "\"merges\":3"), "merges").SetArgDisplayNames("merges a number");
        yield return new TestCaseData(qwen.Replace("\"type\":\"BPE\"", "\"type\":\"BPE\",\"byte_fallback\":true"), "byte_fallback").SetArgDisplayNames("byte fallback");
        yield return new TestCaseData(qwen.Replace("\"added_tokens\":[]", "\"added_tokens\":[{\"id\":300}]"), "added_tokens").SetArgDisplayNames("added token without content");
        yield return new TestCaseData(qwen.Replace("\"added_tokens\":[]", "\"added_tokens\":[{\"id\":300,\"content\":\"x\",\"lstrip\":true}]"), "lstrip").SetArgDisplayNames("lstrip");
    }

    [TestCaseSource(nameof(BadFiles))]
    public void Files_that_ask_for_something_else_are_refused(string json, string expected)
    {
        string path = Path.Combine(_directory, "other.json");
        File.WriteAllText(path, json);
        if (expected.Length == 0)
        {
            Assert.That(BpeTokenizer.Load(path).Encode("hé"), Is.EqualTo(new[] { 'h', 0xC3, 0xA9 }));
            return;
        }

        var e = Assert.Throws<CheckpointException>(() => BpeTokenizer.Load(path))!;
        Assert.That(e.Message, Does.StartWith(path).And.Contain(expected).And.Not.Contain("\n"));
    }

    private static string Show(string text) => JsonSerializer.Serialize(text);
}
