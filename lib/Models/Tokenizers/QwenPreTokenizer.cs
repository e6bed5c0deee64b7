using System.Buffers;
using System.Globalization;
using System.Text;

namespace Aim.Models;

/// <summary>
/// Qwen2's pre-tokenizer: cuts text where its regular expression matches. Written by hand, because .NET's regular expressions see
/// UTF-16 surrogates where upstream's see whole letters and digits, and fold case by other rules.
/// </summary>
internal static class QwenPreTokenizer
{
    /// <summary>The expression, as tokenizer.json spells it; its alternatives are tried in this order at every place.</summary>
    public const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private enum Kind
    {
        Letter,
        Number,
        Space,
        Other,
    }

    /// <summary>The end offsets (UTF-16) of the pieces, which cover the text.</summary>
    public static List<int> Ends(ReadOnlySpan<char> text)
    {
        var ends = new List<int>((text.Length / 4) + 1);
        for (int start = 0; start < text.Length;)
        {
            start = Match(text, start);
            ends.Add(start);
        }

        return ends;
    }

    private static int Match(ReadOnlySpan<char> text, int start)
    {
        char c = text[start];
        if (c == '\'' && Contraction(text[(start + 1)..]) is var length and > 0)
            return start + 1 + length;

        var kind = KindAt(text, start, out int width);
        int next = start + width;
        if (kind == Kind.Letter)
            return Run(text, next, Kind.Letter);
        if (kind == Kind.Number)
            return next;

        // One character that is no line break takes the letters after it along.
        if (c is not ('\r' or '\n') && next < text.Length && KindAt(text, next, out _) == Kind.Letter)
            return Run(text, next, Kind.Letter);

        bool spaceFirst = c == ' ' && next < text.Length && KindAt(text, next, out _) == Kind.Other;
        if (kind == Kind.Other || spaceFirst)
        {
            int end = Run(text, next, Kind.Other);
            while (end < text.Length && text[end] is '\r' or '\n')
                end++;
            return end;
        }

        // White space: up to its last line break if it has one, else all but the last character before a word.
        int stop = Run(text, next, Kind.Space);
        int lineBreak = text[start..stop].LastIndexOfAny('\r', '\n');
        if (lineBreak >= 0)
            return start + lineBreak + 1;
        return stop < text.Length && stop - start > 1 ? stop - 1 : stop;
    }

    // 's, 't, 'm, 'd (s also as the long s U+017F, which folds to s), 're, 've, 'll; the length behind the apostrophe, or 0.
    private static int Contraction(ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty)
            return 0;
        if (rest[0] is 's' or 'S' or '\u017F' or 't' or 'T' or 'm' or 'M' or 'd' or 'D')
            return 1;
        if (rest.Length < 2)
            return 0;
        return (char.ToLowerInvariant(rest[0]), char.ToLowerInvariant(rest[1])) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 2 : 0;
    }

    private static int Run(ReadOnlySpan<char> text, int start, Kind kind)
    {
        while (start < text.Length && KindAt(text, start, out int width) == kind)
            start += width;
        return start;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, int index, out int width)
    {
        char c = text[index];
        if (c < 128)
        {
            width = 1;
            return char.IsAsciiLetter(c) ? Kind.Letter
                : char.IsAsciiDigit(c) ? Kind.Number
                : c == ' ' || c is >= '\t' and <= '\r' ? Kind.Space
                : Kind.Other;
        }

        if (Rune.DecodeFromUtf16(text[index..], out var rune, out width) != OperationStatus.Done)
            return Kind.Other;
        if (Rune.IsWhiteSpace(rune))
            return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }
}
