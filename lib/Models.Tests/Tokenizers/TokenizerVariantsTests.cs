using System.IO.Compression;
using System.Text.Json;

namespace Aim.Models.Tests.Tokenizers;

/// <summary>
/// Small tokenizers that differ in one part each, against what Hugging Face's <c>tokenizers</c> made of the same texts: Metaspace
/// in all its forms, added tokens with every flag, unknown tokens, prefix spaces, post-processors, no decoder.
/// </summary>
public sealed class TokenizerVariantsTests
{
    private static readonly Lazy<JsonElement> s_file = new(() =>
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Fixtures", "tokenizers", "variants.json.gz");
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    });

    private static IEnumerable<TestCaseData> Variants()
        => s_file.Value.GetProperty("variants").EnumerateArray()
            .Select(v => new TestCaseData(v).SetArgDisplayNames(v.GetProperty("name").GetString()!));

    [TestCaseSource(nameof(Variants))]
    public void Equals_upstream(JsonElement variant)
    {
        var tokenizer = BpeTokenizer.Read(ConfigSection.Parse(variant.GetProperty("tokenizer").GetRawText(), "tokenizer.json"));
        string[] texts = [.. s_file.Value.GetProperty("texts").EnumerateArray().Select(t => t.GetString()!)];
        Assert.That(texts, Has.Length.EqualTo(150));
        for (int i = 0; i < texts.Length; i++)
        {
            int[] expected = [.. variant.GetProperty("ids")[i].EnumerateArray().Select(id => id.GetInt32())];
            Assert.That(
                tokenizer.Encode(texts[i], addSpecialTokens: true), Is.EqualTo(expected), JsonSerializer.Serialize(texts[i]));
            Assert.That(
                tokenizer.Decode(expected), Is.EqualTo(variant.GetProperty("decoded")[i].GetString()),
                string.Join(' ', expected));
        }
    }

    // Merging a whole text at once and merging what it is cut into are the same.
    [Test]
    public void Seams_change_nothing()
    {
        var variant = s_file.Value.GetProperty("variants").EnumerateArray()
            .First(v => v.GetProperty("name").GetString() == "eos");
        var model = BpeModel.Read(
            ConfigSection.Parse(variant.GetProperty("tokenizer").GetRawText(), "tokenizer.json"), spellsBytes: false);
        foreach (var text in s_file.Value.GetProperty("texts").EnumerateArray().Select(t => t.GetString()!.Replace(' ', '▁')))
        {
            var ids = new List<int>();
            model.Encode(text, ids);
            Assert.That(ids, Is.EqualTo(model.Symbols(text).Select(s => s.Id)), text);
        }
    }
}
