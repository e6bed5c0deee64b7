using System.Globalization;
using System.Text;

namespace Aim.Datasets;

/// <summary>The Treebank's names of symbols: brackets, quotes, dashes, ellipses, currencies, fractions.</summary>
internal static class PtbSymbols
{
    private static readonly Dictionary<char, string> _brackets = new()
    {
        ['('] = "-LRB-",
        [')'] = "-RRB-",
        ['['] = "-LSB-",
        [']'] = "-RSB-",
        ['{'] = "-LCB-",
        ['}'] = "-RCB-",
    };

    private static readonly Dictionary<char, string> _fractions = new()
    {
        ['¼'] = "1/4",
        ['½'] = "1/2",
        ['¾'] = "3/4",
        ['⅐'] = "1/7",
        ['⅑'] = "1/9",
        ['⅒'] = "1/10",
        ['⅓'] = "1/3",
        ['⅔'] = "2/3",
        ['⅕'] = "1/5",
        ['⅖'] = "2/5",
        ['⅗'] = "3/5",
        ['⅘'] = "4/5",
        ['⅙'] = "1/6",
        ['⅚'] = "5/6",
        ['⅛'] = "1/8",
        ['⅜'] = "3/8",
        ['⅝'] = "5/8",
        ['⅞'] = "7/8",
    };

    /// <summary>What stands at a place, under its name; null where it is left out (emoji, strays).</summary>
    /// <param name="line">The line.</param>
    /// <param name="at">The place.</param>
    /// <param name="opens">Whether a straight quote there opens.</param>
    public static (string? Token, int Length) At(string line, int at, bool opens)
    {
        char c = line[at];
        int same = Run(line, at, x => x == c);
        switch (c)
        {
            case '"':
                return (opens ? "``" : "''", 1);
            case '\'':
                return same >= 2 ? ("''", 2) : (opens ? "`" : "'", 1);
            case '`':
                return same >= 2 ? ("``", 2) : ("`", 1);
            case '\u201C' or '\u201E' or '\u00AB':
                return ("``", 1);
            case '\u201D' or '\u00BB':
                return ("''", 1);
            case '\u2018' or '\u201A':
                return ("`", 1);
            case '\u2019':
                return ("'", 1);
            case '.':
                return same >= 3 ? ("...", same) : (".", 1);
            case '\u2026':
                return ("...", 1);
            case '-':
                return same >= 2 ? ("--", same) : ("-", 1);
            case >= '\u2012' and <= '\u2015':
                return ("--", 1);
            case '!' or '?':
                int shouted = Run(line, at, x => x is '!' or '?');
                return (line.Substring(at, shouted), shouted);
            case '\u20AC':
                return ("$", 1);
            case '\u00A3':
                return ("#", 1);
            case '\u00A2':
                return ("cents", 1);
        }

        if (_brackets.TryGetValue(c, out string? bracket))
            return (bracket, 1);
        if (_fractions.TryGetValue(c, out string? fraction))
            return (fraction, 1);
        return Rune.TryGetRuneAt(line, at, out var rune)
            ? (IsKept(rune) ? rune.ToString() : null, rune.Utf16SequenceLength) : (null, 1);
    }

    /// <summary>A text with its brackets named.</summary>
    public static string NameBrackets(string text)
        => string.Concat(text.Select(c => _brackets.GetValueOrDefault(c, c.ToString())));

    /// <summary>Whether a character is a fraction of its own.</summary>
    public static bool IsFraction(char c) => _fractions.ContainsKey(c);

    // Symbols that texts are written with; pictures (emoji) are not.
    private static bool IsKept(Rune rune) => rune.Value < 0x100 || rune.Value == 0x2122 || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.CurrencySymbol or UnicodeCategory.MathSymbol or UnicodeCategory.OtherPunctuation
            or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation
            or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation
            or UnicodeCategory.ConnectorPunctuation;

    private static int Run(string line, int at, Func<char, bool> same)
    {
        int end = at;
        while (end < line.Length && same(line[end]))
            end++;
        return end - at;
    }
}
