using System.Buffers;
using System.Globalization;
using System.Text;

namespace Aim.Models;

/// <summary>What the expressions of pre-tokenizers tell apart: <c>\p{L}</c>, <c>\p{N}</c>, <c>\s</c>, the rest.</summary>
internal enum CharacterKind : byte
{
    Letter,
    Number,
    Space,
    Other,
}

/// <summary>
/// Kinds of characters. Regular expressions of .NET see UTF-16 surrogates where upstream's see whole letters and digits, and fold
/// case by other rules, so that pre-tokenizers are written by hand on top of these.
/// </summary>
internal static class CharacterKinds
{
    private static readonly CharacterKind[] s_table = [.. Enumerable.Range(0, 0x10000).Select(Classify)];

    /// <summary>The kind of the character at a place and its width in UTF-16 units.</summary>
    public static CharacterKind At(ReadOnlySpan<char> text, int index, out int width)
    {
        width = 1;
        char c = text[index];
        if (!char.IsHighSurrogate(c))
            return s_table[c];
        return Rune.DecodeFromUtf16(text[index..], out var rune, out width) == OperationStatus.Done
            ? Classify(rune.Value)
            : CharacterKind.Other;
    }

    /// <summary>The end of the characters of one kind that begin at a place.</summary>
    public static int Run(ReadOnlySpan<char> text, int start, CharacterKind kind)
    {
        while (start < text.Length && At(text, start, out int width) == kind)
            start += width;
        return start;
    }

    /// <summary>Whether <c>\w</c> matches: letters, marks, digits, connectors and joiners.</summary>
    public static bool IsWord(Rune rune) => rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        _ => Classify(rune.Value) == CharacterKind.Letter,
    };

    private static CharacterKind Classify(int code)
    {
        if (!Rune.TryCreate(code, out var rune))
            return CharacterKind.Other;
        if (Rune.IsWhiteSpace(rune))
            return CharacterKind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterKind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
                => CharacterKind.Number,
            _ => CharacterKind.Other,
        };
    }
}
