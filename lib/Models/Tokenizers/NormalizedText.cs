using System.Text;

namespace Aim.Models;

/// <summary>A range of the original text, in Unicode code points, the end excluded.</summary>
internal readonly record struct TextRange(int Start, int End);

/// <summary>
/// A text on its way through the pipeline and, where offsets are asked for, the place in the original that each of its UTF-16
/// units comes from. What changes a text changes both; the places follow <c>NormalizedString</c> of Hugging Face's
/// <c>tokenizers</c>.
/// </summary>
/// <param name="Text">The text; no lone surrogates.</param>
/// <param name="Origins">A range for each UTF-16 unit; null where offsets are not wanted.</param>
internal readonly record struct NormalizedText(string Text, TextRange[]? Origins)
{
    /// <summary>An original text, each of whose characters comes from itself.</summary>
    public static NormalizedText Track(string text)
    {
        var origins = new TextRange[text.Length];
        for (int i = 0, code = -1; i < text.Length; i++)
        {
            if (!char.IsLowSurrogate(text[i]))
                code++;
            origins[i] = new TextRange(code, code + 1);
        }

        return new NormalizedText(text, origins);
    }

    /// <summary>Whether any text is left.</summary>
    public bool IsEmpty => Text.Length == 0;

    /// <summary>A part, by UTF-16 units.</summary>
    public NormalizedText Slice(int start, int end)
        => start == 0 && end == Text.Length ? this : new NormalizedText(Text[start..end], Origins?[start..end]);

    /// <summary>The original range of a part that is not empty.</summary>
    public TextRange OriginOf(int start, int end) => new(Origins![start].Start, Origins[end - 1].End);

    /// <summary>The text behind a prefix that comes from the first character; an empty text stays empty.</summary>
    public NormalizedText Prepend(string prefix)
    {
        if (IsEmpty)
            return this;
        TextRange[]? origins = Origins is { } old ? [.. Enumerable.Repeat(old[0], prefix.Length), .. old] : null;
        return new NormalizedText(prefix + Text, origins);
    }

    /// <summary>
    /// The text with every occurrence of <paramref name="old"/> replaced; the new characters come from the last old one.
    /// </summary>
    public NormalizedText Replace(string old, string content)
    {
        if (Origins is null || old.Length == 0)
            return this with { Text = old.Length == 0 ? Text : Text.Replace(old, content, StringComparison.Ordinal) };
        var text = new StringBuilder(Text.Length);
        var origins = new List<TextRange>(Text.Length);
        for (int at = 0; at < Text.Length;)
        {
            bool match = Text.AsSpan(at).StartsWith(old, StringComparison.Ordinal);
            int width = match ? old.Length : 1;
            text.Append(match ? content : Text.AsSpan(at, 1));
            origins.AddRange(Enumerable.Repeat(Origins[at + width - 1], match ? content.Length : 1));
            at += width;
        }

        return new NormalizedText(text.ToString(), [.. origins]);
    }

    /// <summary>Replaces lone surrogates, which UTF-8 cannot spell, by U+FFFD.</summary>
    public static string WellFormed(string text)
        => text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
}
