using System.Text;
using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>A text: its ids, where it is cut, and what its ids give back.</summary>
internal sealed class EncodeCase(string name, string path, JsonElement item, Func<BpeTokenizer> tokenizer)
    : ParityCase(TokenizerKind.KindName, name, path)
{
    protected override void Compare(Comparison c)
    {
        var bpe = tokenizer();
        string text = item.NeedText("text");
        Limits.Check("the length of the text", text.Length, Limits.Characters);
        int[] ids = bpe.Encode(text), surrounded = bpe.Encode(text, addSpecialTokens: true);
        if (item.Has("ids"))
            c.Exact("ids", ids, item.NeedInts("ids"));
        string expectedIds = item.Has("ids_with_special_tokens") ? "ids_with_special_tokens" : "ids";
        c.Exact("ids_with_special_tokens", surrounded, item.NeedInts(expectedIds));
        if (item.Has("offsets"))
        {
            var (tracked, offsets) = bpe.EncodeWithOffsets(text);
            c.Exact("ids, with offsets", tracked, ids);
            var expected = item.NeedArray("offsets").EnumerateArray().SelectMany(o => new[] { o[0].GetInt32(), o[1].GetInt32() });
            c.Exact("offsets", offsets.SelectMany(o => new[] { o.Start, o.End }), expected);
        }

        if (item.Has("pretoken_ends"))
            c.Exact("pretoken_ends", Ends(bpe, text), item.NeedInts("pretoken_ends"));
        string decoded = item.TextOrNull("decoded") ?? text, without = item.TextOrNull("decoded_skip_special") ?? decoded;
        c.Same("decoded", bpe.Decode(surrounded, skipSpecial: false), decoded);
        c.Same("decoded_skip_special", bpe.Decode(surrounded), without);
        if (item.TextOrNull("decoded_skip_special_cleaned") is { } cleaned)
            c.Same("decoded_skip_special_cleaned", bpe.Decode(surrounded, cleanUp: true), cleaned);
    }

    // In code points, as the file counts.
    private static IEnumerable<int> Ends(BpeTokenizer tokenizer, string text)
    {
        var (normalized, ends) = tokenizer.Words(text);
        int from = 0, count = 0;
        foreach (int end in ends)
        {
            count += normalized.AsSpan(from, end - from).ToString().EnumerateRunes().Count();
            from = end;
            yield return count;
        }
    }
}

/// <summary>A list of ids: its text, at once and token by token.</summary>
internal sealed class DecodeIdsCase(string name, string path, JsonElement item, Func<BpeTokenizer> tokenizer)
    : ParityCase(TokenizerKind.KindName, name, path)
{
    protected override void Compare(Comparison c)
    {
        var bpe = tokenizer();
        int[] ids = item.NeedInts("ids");
        foreach (bool skip in (bool[])[false, true])
        {
            string entry = skip ? "text_skip_special" : "text", expected = item.NeedText(entry);
            c.Same(entry, bpe.Decode(ids, skip), expected);
            var stream = bpe.Stream(skip);
            var pieces = new StringBuilder();
            foreach (int id in ids)
                pieces.Append(stream.Append(id));
            c.Same($"{entry}, streamed", pieces.Append(stream.Finish()).ToString(), expected);
        }
    }
}
