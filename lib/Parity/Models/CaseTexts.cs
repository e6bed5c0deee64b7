using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>
/// A case's prompt and answer as text, by the checkpoint's tokenizer, where there is one that this build can read.
/// </summary>
internal sealed class CaseTexts
{
    private readonly CaseFile _file;
    private readonly Comparison _comparison;
    private readonly BpeTokenizer? _tokenizer;

    public CaseTexts(CaseFile file, Comparison comparison, string checkpoint)
    {
        (_file, _comparison) = (file, comparison);
        string path = Path.Combine(checkpoint, "tokenizer.json");
        if (Path.Exists(path))
            _tokenizer = new TokenizerPipeline(path).Tokenizer;
    }

    /// <summary>The prompt's text must give the ids.</summary>
    public void CheckPrompt(List<int[]> ids)
    {
        if (_tokenizer is null || !_file.Root.TryField("prompt", out var text))
            return;
        string[] texts = text.ValueKind == JsonValueKind.Array
            ? [.. text.EnumerateArray().Select(t => t.GetString() ?? "")]
            : [text.GetString() ?? ""];
        _comparison.Exact(
            "prompt ids", texts.SelectMany(t => _tokenizer.Encode(t, addSpecialTokens: true)), ids.SelectMany(row => row));
    }

    /// <summary>What the recorded ids spell; that ours are the same is compared by itself.</summary>
    public void CheckAnswer()
    {
        if (_tokenizer is null || !_file.Expected.TryField("generated_text", out var texts))
            return;
        long[] ids = _file.Integers("generated_ids");
        int steps = ids.Length / texts.GetArrayLength();
        for (int b = 0; b < texts.GetArrayLength(); b++)
        {
            string spelled = _tokenizer.Decode(ids.Skip(b * steps).Take(steps).Select(i => (int)i), skipSpecial: false);
            _comparison.Same("generated_text", spelled, texts[b].GetString() ?? "");
        }
    }
}
