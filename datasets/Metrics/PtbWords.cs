namespace Aim.Datasets;

/// <summary>How far a word or number goes, and where the Treebank splits it.</summary>
/// <remarks>
/// The splits are those of the Treebank's own notes: <c>n't</c>, <c>'s</c>, <c>'m</c>, <c>'d</c>, <c>'re</c>, <c>'ve</c>,
/// <c>'ll</c>; <c>can not</c>, <c>d' ye</c>, <c>gim me</c>, <c>gon na</c>, <c>got ta</c>, <c>lem me</c>, <c>more 'n</c>,
/// <c>'t is</c>, <c>'t was</c>, <c>wan na</c>; <c>y' all</c> is recorded.
/// </remarks>
internal static class PtbWords
{
    private static readonly string[] _clitics = ["n't", "'s", "'m", "'d", "'re", "'ve", "'ll"];

    // Where each is cut: characters of its first part.
    private static readonly Dictionary<string, int> _contracted = new(StringComparer.OrdinalIgnoreCase)
    {
        ["cannot"] = 3,
        ["d'ye"] = 2,
        ["gimme"] = 3,
        ["gonna"] = 3,
        ["gotta"] = 3,
        ["lemme"] = 3,
        ["more'n"] = 4,
        ["wanna"] = 3,
        ["y'all"] = 2,
        ["'tis"] = 2,
        ["'twas"] = 2,
    };

    // Written with a period whatever follows. Those that are words of their own as well (sun, no) are not here.
    private static readonly HashSet<string> _abbreviations = new(
        ("mr mrs ms messrs dr drs prof sr jr gen col maj capt cmdr lt sgt cpl rep sen gov rev hon pres supt esq st ste mt ft ave "
            + "blvd rd hwy sq vs etc inc corp co ltd bros dept assn univ est al approx cf jan feb apr aug sept oct nov dec tues "
            + "thurs ph.d ed.d").Split(' '),
        StringComparer.OrdinalIgnoreCase);

    // Written with a period before a number alone.
    private static readonly HashSet<string> _beforeNumbers = new(
        "no nos fig figs p pp vol vols ch sec art mar jun jul sep".Split(' '), StringComparer.OrdinalIgnoreCase);

    /// <summary>The end of the word that begins at a place; that place where none begins.</summary>
    /// <param name="line">The line.</param>
    /// <param name="start">The place.</param>
    /// <param name="isFresh">Whether a word may begin with a sign there.</param>
    public static int End(string line, int start, bool isFresh)
    {
        bool Digit(int i) => i >= 0 && i < line.Length && char.IsAsciiDigit(line[i]);
        int at = start;
        if ((isFresh && line[at] is '-' or '+' && Digit(at + 1)) || (isFresh && line[at] == '.' && Digit(at + 1)))
            at++;
        if (!IsPart(line, at, out int length) || (!char.IsLetterOrDigit(line, at) && line[at] != '_'))
            return start;
        if (Acronym(line, at) is > 0 and var letters)
            return at + letters;
        if (Dollars(line, at) is > 0 and var currency)
            return at + currency;
        for (at += length; at < line.Length; at += length)
        {
            if (IsPart(line, at, out length))
                continue;
            length = Joins(line, start, at);
            if (length == 0)
                break;
        }

        return at + Period(line, start, at);
    }

    /// <summary>A word's tokens: its clitics are cut off, from the last to the first; the rest may be two in one.</summary>
    public static IReadOnlyList<string> Split(string word)
    {
        var tokens = new List<string>();
        bool Ends(string clitic) => word.Length > clitic.Length && word.EndsWith(clitic, StringComparison.OrdinalIgnoreCase);
        while (_clitics.FirstOrDefault(Ends) is { } clitic)
        {
            tokens.Insert(0, word[^clitic.Length..]);
            word = word[..^clitic.Length];
        }

        tokens.InsertRange(0, _contracted.TryGetValue(word, out int cut) ? [word[..cut], word[cut..]] : [word]);
        return tokens;
    }

    /// <summary>The tokens of a word that begins with an apostrophe.</summary>
    public static IReadOnlyList<string> SplitElided(string word)
        => _contracted.TryGetValue(word, out int cut) ? [word[..cut], word[cut..]] : [word];

    // A letter, its marks, a digit, an underscore. Fractions are symbols: they have other names.
    private static bool IsPart(string line, int at, out int length)
    {
        length = 1;
        if (at >= line.Length || PtbSymbols.IsFraction(line[at]))
            return false;
        length = at + 1 < line.Length && char.IsSurrogatePair(line, at) ? 2 : 1;
        return line[at] == '_' || char.IsLetter(line, at) || char.IsNumber(line, at)
            || char.GetUnicodeCategory(line, at) is System.Globalization.UnicodeCategory.NonSpacingMark
                or System.Globalization.UnicodeCategory.SpacingCombiningMark;
    }

    // How many characters join what stands before them to what follows; 0: they do not.
    private static int Joins(string line, int start, int at)
    {
        char next = at + 1 < line.Length ? line[at + 1] : ' ', before = line[at - 1];
        bool word = char.IsLetterOrDigit(next) || (char.IsHighSurrogate(next) && char.IsLetterOrDigit(line, at + 1));
        bool digits = char.IsAsciiDigit(before) && char.IsAsciiDigit(next);
        switch (line[at])
        {
            case '-' or '\u2010' or '\u2011':
                return next == '-' || before == '-' ? 0 : 1;
            case '/':
                return word ? 1 : 0;
            case '.' or ',' or ':':
                return digits ? 1 : 0;
            case '\'' or '\u2019':
                return char.IsLetter(next) ? 1 : 0;
            case '&':
                int entity = string.CompareOrdinal(line, at, "&amp;", 0, 5) == 0 ? 5 : 1;
                return char.IsUpper(before) && at + entity < line.Length && char.IsUpper(line[at + entity]) ? entity : 0;
            case '+' when at - start == 1 && char.IsLetter(before) && next == '+':
                return at + 2 < line.Length && char.IsLetterOrDigit(line[at + 2]) ? 0 : 2;
            case '#' when at - start == 1 && char.IsLetter(before):
                return word ? 0 : 1;
            default:
                return 0;
        }
    }

    // Single letters with periods between: U.S., e.g., p.m., A.B.C.
    private static int Acronym(string line, int start)
    {
        int at = start;
        while (at + 1 < line.Length && char.IsLetter(line[at]) && line[at + 1] == '.')
            at += 2;
        if (at == start || (at == start + 2 && !(at < line.Length && char.IsLetter(line[at]))))
            return 0;
        int tail = at;
        while (tail < line.Length && char.IsLetterOrDigit(line[tail]))
            tail++;
        return tail - at <= 1 ? tail - start : at - start > 2 ? at - start : 0;
    }

    // The Treebank's US$, C$, HK$.
    private static int Dollars(string line, int start)
    {
        int at = start;
        while (at < line.Length && at - start < 3 && char.IsAsciiLetterUpper(line[at]))
            at++;
        return at > start && at + 1 < line.Length && line[at] == '$' && char.IsAsciiDigit(line[at + 1]) ? at + 1 - start : 0;
    }

    // 1 where the period behind a word is the word's own.
    private static int Period(string line, int start, int end)
    {
        if (end >= line.Length || line[end] != '.' || (end + 1 < line.Length && line[end + 1] == '.'))
            return 0;
        string word = line[start..end];
        if (_abbreviations.Contains(word))
            return 1;
        string rest = line[(end + 1)..].TrimStart();
        if (rest.Length == 0 || line[end + 1] != ' ')
            return 0;
        bool initial = word.Length == 1 && char.IsUpper(word[0]) && word != "I" && char.IsUpper(rest[0]);
        return initial || (_beforeNumbers.Contains(word) && char.IsAsciiDigit(rest[0])) ? 1 : 0;
    }
}
