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
        int[] ids = bpe.Encode(text);

        // The pipeline adds nothing before or after, so both lists are the same thing; a case gives the second where it differs.
        if (item.Has("ids"))
            c.Exact("ids", ids, item.NeedInts("ids"));
        if (item.Has("ids_with_special_tokens"))
            c.Exact("ids_with_special_tokens", ids, item.NeedInts("ids_with_special_tokens"));
        if (item.Has("pretoken_ends"))
            c.Exact("pretoken_ends", Ends(UnicodeNfc.Normalize(text)), item.NeedInts("pretoken_ends"));
        string decoded = item.TextOrNull("decoded") ?? text;
        c.Same("decoded", bpe.Decode(ids, skipSpecial: false), decoded);
        c.Same("decoded_skip_special", bpe.Decode(ids), item.TextOrNull("decoded_skip_special") ?? decoded);
        foreach (string entry in (string[])["offsets", "decoded_skip_special_cleaned"])
        {
            if (item.Has(entry))
                c.LeaveOut(entry);
        }
    }

    // In code points, as the file counts.
    private static IEnumerable<int> Ends(string text)
    {
        int from = 0, count = 0;
        foreach (int end in QwenPreTokenizer.Ends(text))
        {
            count += text.AsSpan(from, end - from).ToString().EnumerateRunes().Count();
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
