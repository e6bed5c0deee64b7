using System.Text;
using System.Text.Json;

namespace Aim.Models.Tests.Tokenizers;

/// <summary>
/// Byte-level BPE with Qwen2.5's genuine vocabulary: streams, any text, long pieces, files that are refused. Recorded texts are
/// compared in
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
        Fixture.Unpack(Fixture.PathOf("tokenizers", "qwen2_5", "tokenizer.json"), path);
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

    // Anything quadratic would take minutes here.
    [TestCase("a")]
    [TestCase(" ")]
    [TestCase(" \n")]
    [TestCase("😀")]
    [TestCase("\u0315\u0300\u05AE\u0301")]
    [TestCase("e\u0323\u0302")]
    [TestCase("<|im_")]
    public void Long_runs_take_no_quadratic_time(string unit)
    {
        string text = string.Concat(Enumerable.Repeat(unit, 200_000));
        Assert.That(_qwen.Decode(_qwen.Encode(text)), Is.EqualTo(UnicodeNfc.Normalize(text)));
        var llama = BpeTokenizer.Load(Fixture.PathOf("models", "tiny-llava-1.5", "tokenizer.json"));
        Assert.That(llama.Decode(llama.Encode(text)), Is.EqualTo(text));
    }

    [Test]
    public void Special_tokens_surround_a_text_where_the_file_says_so()
    {
        var llama = BpeTokenizer.Load(Fixture.PathOf("models", "tiny-llava-1.5", "tokenizer.json"));
        Assert.That(llama.Encode("Hi", addSpecialTokens: true), Is.EqualTo((int[])[llama.TokenId("<s>"), .. llama.Encode("Hi")]));
        Assert.That(_qwen.Encode("Hi", addSpecialTokens: true), Is.EqualTo(_qwen.Encode("Hi")));
    }

    [Test]
    public void A_token_is_added_to_a_copy()
    {
        var more = _qwen.With(new AddedToken("<image>", _qwen.VocabularySize, Special: true));
        Assert.That(
            more.Encode("a<image>b"), Is.EqualTo((int[])[.. _qwen.Encode("a"), _qwen.VocabularySize, .. _qwen.Encode("b")]));
        Assert.That(more.Decode([_qwen.VocabularySize]), Is.Empty);
        Assert.That(_qwen.TryGetTokenId("<image>", out _), Is.False);
        Assert.That(
            () => more.With(new AddedToken("<image>", 1 << 20)),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("twice"));
        Assert.That(
            () => _qwen.With(new AddedToken("<image>", 5)),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("another token"));
        Assert.That(
            () => _qwen.With(new AddedToken("a", 1 << 20)),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("gives it id"));
        Assert.That(
            () => _qwen.With(new AddedToken("", 1 << 20)),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("characters"));
    }

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public void A_stream_gives_what_decoding_gives(int[] ids, bool skipSpecial)
    {
        var llama = BpeTokenizer.Load(Fixture.PathOf("models", "tiny-llava-1.5", "tokenizer.json"));
        foreach (var (tokenizer, most) in new[] { (_qwen, 151_670), (llama, 765) })
        {
            int[] some = [.. ids.Select(i => (i & int.MaxValue) % most)];
            var stream = tokenizer.Stream(skipSpecial);
            string pieces = string.Concat(some.Select(stream.Append)) + stream.Finish();
            Assert.That(pieces, Is.EqualTo(tokenizer.Decode(some, skipSpecial)));
        }
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
        string good =
            """{"added_tokens":[],"normalizer":null,"pre_tokenizer":{},"model":{"type":"BPE","vocab":{},"merges":[]}}""";
        string pre = JsonSerializer.Serialize(new
        {
            type = "Sequence",
            pretokenizers = new object[]
            {
                new
                {
                    type = "Split", pattern = new { Regex = WordPattern.Qwen2.Expression }, behavior = "Isolated", invert = false,
                },
                new { type = "ByteLevel", add_prefix_space = false, use_regex = false },
            },
        });
        string vocabulary = JsonSerializer.Serialize(
            Enumerable.Range(0, 256).ToDictionary(b => ByteLevel.ToChar((byte)b).ToString(), b => b));
        string qwen = good.Replace("\"pre_tokenizer\":{}", "\"pre_tokenizer\":" + pre)
            .Replace("\"vocab\":{}", "\"vocab\":" + vocabulary);
        yield return new TestCaseData(qwen, "").SetArgDisplayNames("good");
        yield return new TestCaseData(good, "pre_tokenizer").SetArgDisplayNames("other pre-tokenizer");
        yield return new TestCaseData(
            qwen.Replace("\"normalizer\":null", "\"normalizer\":{\"type\":\"NFKC\"}"), "normalizer.type")
            .SetArgDisplayNames("NFKC");
        yield return new TestCaseData(qwen.Replace("\"BPE\"", "\"Unigram\""), "model.type").SetArgDisplayNames("Unigram");
        yield return new TestCaseData(qwen.Replace("\"a\":97", "\"aa\":97"), "byte 97").SetArgDisplayNames("byte missing");
        yield return new TestCaseData(qwen.Replace("\"a\":97", "\"a\":98"), "twice").SetArgDisplayNames("id twice");
        yield return new TestCaseData(qwen.Replace("\"a\":97", "\"a\":-1"), "model.vocab").SetArgDisplayNames("negative id");
        yield return new TestCaseData(qwen.Replace("\"merges\":[]", "\"merges\":[\"a b\"]"), "entry 0")
            .SetArgDisplayNames("merge of unknown");
        yield return new TestCaseData(qwen.Replace("\"merges\":[]", "\"merges\":[\"ab\"]"), "entry 0")
            .SetArgDisplayNames("merge of one");
        yield return new TestCaseData(qwen.Replace("\"merges\":[]", "\"merges\":3"), "merges")
            .SetArgDisplayNames("merges a number");
        yield return new TestCaseData(
            qwen.Replace("\"type\":\"BPE\"", "\"type\":\"BPE\",\"byte_fallback\":true"), "byte_fallback")
            .SetArgDisplayNames("byte fallback");
        yield return new TestCaseData(qwen.Replace("\"added_tokens\":[]", "\"added_tokens\":[{\"id\":300}]"), "added_tokens")
            .SetArgDisplayNames("added token without content");
        static string Token(string fields) => $"\"added_tokens\":[{fields}]";
        foreach (var (what, with, expected, name) in new[]
        {
            ("\"added_tokens\":[]", Token("""{"id":300,"content":"x","lstrip":1}"""), "added_tokens[0].lstrip", "flag a number"),
            ("\"added_tokens\":[]", Token("""{"content":"x"}"""), "added_tokens[0].id", "added token without id"),
            ("\"added_tokens\":[]",
             Token("""{"id":300,"content":"xx"},{"id":300,"content":"yy"}"""), "twice", "two added tokens of one id"),
            ("\"added_tokens\":[]",
             Token("""{"id":300,"content":"a"}"""), "id 97", "added token with another id than the model's"),
            ("\"added_tokens\":[]", Token("""{"id":97,"content":"xx"}"""), "another token", "added token with a taken id"),
            ("\"added_tokens\":[]", Token("3"), "added_tokens[0]", "added token a number"),
            ("\"added_tokens\":[]", Token($$"""{"id":300,"content":"{{new string('x', 2000)}}"}"""), "1024", "long added token"),
            ("\"added_tokens\":[]", Token("""{"id":300,"content":"\ud800"}"""), "unpaired surrogate", "half a surrogate pair"),
            ("\"a\":97", "\"a\":2000000000", "model.vocab", "huge id"),
            ("\"type\":\"BPE\"", "\"type\":\"BPE\",\"ignore_merges\":1", "ignore_merges", "ignore_merges a number"),
            ("\"type\":\"BPE\"", "\"type\":\"BPE\",\"dropout\":0.1", "dropout", "dropout"),
            ("\"type\":\"BPE\"", "\"type\":\"BPE\",\"end_of_word_suffix\":\"</w>\"", "end_of_word_suffix", "suffix"),
            ("\"normalizer\":null",
             """ "normalizer":{"type":"Sequence","normalizers":[{"type":"Lowercase"}]} """,
             "normalizers[0].type", "inner normalizer"),
            ("\"normalizer\":null",
             """ "normalizer":{"type":"Replace","pattern":{"Regex":"a"},"content":"b"} """,
             "normalizer.pattern", "Replace by Regex"),
            ("\"normalizer\":null", """ "normalizer":null,"decoder":{"type":"WordPiece"} """, "decoder.type", "decoder"),
            ("\"normalizer\":null",
             """ "normalizer":null,"decoder":{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"ByteFallback"}]} """,
             "after Fuse", "decoder after Fuse"),
            ("\"normalizer\":null",
             """ "normalizer":null,"post_processor":{"type":"BertProcessing"} """, "post_processor.type", "post-processor"),
            ("\"normalizer\":null",
             """ "normalizer":null,"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}}]} """,
             "special_tokens", "template without its token"),
            ("\"normalizer\":null",
             """ "normalizer":null,"post_processor":{"type":"TemplateProcessing","single":[]} """,
             "Sequence", "template without text"),
            ("Isolated", "Removed", "behavior", "Split that removes"),
            ("\"invert\":false", "\"invert\":true", "invert", "Split that inverts"),
        })
        {
            yield return new TestCaseData(qwen.Replace(what, with), expected).SetArgDisplayNames(name);
        }

        yield return new TestCaseData(string.Concat(Enumerable.Repeat("{\"a\":[", 100_000)), "not valid JSON")
            .SetArgDisplayNames("depth");
        yield return new TestCaseData("[]", "JSON object").SetArgDisplayNames("an array");
        yield return new TestCaseData(" ", "not valid JSON").SetArgDisplayNames("blank");
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

    // Llama 3's kind: words of the vocabulary come before merges, and up to three digits are a word.
    [TestCase("ab", false, "a b", Description = "no merge leads to it")]
    [TestCase("ab", true, "ab")]
    [TestCase("abc", true, "a bc", Description = "no word of the vocabulary: merged")]
    [TestCase("ab abc", true, "ab Ġ a bc")]
    [TestCase("1234567", true, "123 4 5 6 7", Description = "words are 123, 456 and 7")]
    [TestCase("1234567", false, "1 2 3 4 5 6 7")]
    [TestCase("é", true, "Ã©", Description = "as bytes are spelled")]
    public void Words_of_the_vocabulary_come_before_merges_where_the_file_says_so(string text, bool ignoreMerges, string tokens)
    {
        var bytes = Enumerable.Range(0, 256).ToDictionary(b => ByteLevel.ToChar((byte)b).ToString(), b => b);
        foreach (string word in (string[])["ab", "bc", "123", "Ã©"])
            bytes[word] = bytes.Count;
        string json = JsonSerializer.Serialize(new
        {
            added_tokens = Array.Empty<object>(),
            pre_tokenizer = new
            {
                type = "Sequence",
                pretokenizers = new object[]
                {
                    new { type = "Split", pattern = new { Regex = WordPattern.Llama3.Expression }, behavior = "Isolated" },
                    new { type = "ByteLevel", add_prefix_space = false, use_regex = false },
                },
            },
            decoder = new { type = "ByteLevel" },
            model = new { type = "BPE", ignore_merges = ignoreMerges, vocab = bytes, merges = (string[])["b c"] },
        });
        var tokenizer = BpeTokenizer.Read(ConfigSection.Parse(json, "tokenizer.json"));
        int[] expected = [.. tokens.Split(' ').Select(t => bytes[t])];
        Assert.That(tokenizer.Encode(text), Is.EqualTo(expected));
        Assert.That(tokenizer.EncodeWithOffsets(text).Ids, Is.EqualTo(expected));
        Assert.That(tokenizer.Decode(expected), Is.EqualTo(text));
    }

    [Test]
    public void Llama_3s_expression_is_its_own()
    {
        Assert.That(WordPattern.Llama3.Expression, Is.EqualTo(
            @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
            + @"|\s*[\r\n]+|\s+(?!\S)|\s+"));
        var ends = new List<int>();
        WordPattern.Llama3.Cut("a12345,67", 0, 9, ends);
        Assert.That(ends, Is.EqualTo((int[])[1, 4, 6, 7, 9]));
    }

    [Test]
    public void An_empty_file_is_refused()
    {
        string path = Path.Combine(_directory, "empty.json");
        File.WriteAllText(path, "");
        Assert.That(() => BpeTokenizer.Load(path), Throws.TypeOf<CheckpointException>().With.Message.Contains("0 bytes"));
    }
}
