using System.Text;

namespace Aim.Datasets;

/// <summary>
/// Tokens of the Penn Treebank's kind, as caption scores expect them. Clitics are words of their own (<c>is n't</c>), quotes
/// become <c>``</c> and <c>''</c>, brackets <c>-lrb-</c> and their like; abbreviations, numbers, addresses and tags stay whole.
/// </summary>
/// <remarks>
/// Written from the published description of the Treebank's tokenization (R. MacIntyre's notes and sed script, 1995) and from
/// recorded results of the program that pycocoevalcap runs, of which no source was used. What neither settles is decided plainly
/// and may differ from that program: rare abbreviations, runs of odd symbols. A letter is what Unicode calls one.
/// </remarks>
public static class PtbTokenizer
{
    /// <summary>The most characters of a caption; more is a book, or not the file that was meant.</summary>
    public const int MaxCharacters = 1 << 14;

    /// <summary>
    /// What pycocoevalcap takes out afterwards. It compares the lower-cased tokens with these, so that brackets, which are
    /// written in capitals here, stay; and so do -lsb-, -rsb- and runs such as <c>!!!</c>.
    /// </summary>
    private static readonly string[] _removed =
        ["''", "'", "``", "`", "-LRB-", "-RRB-", "-LCB-", "-RCB-", ".", "?", "!", ",", ":", "-", "--", "...", ";"];

    /// <summary>The tokens of a caption by itself, lower-cased, a space between two.</summary>
    /// <remarks>An abbreviation at its end gets a second period, the sentence's.</remarks>
    /// <exception cref="ArgumentException">It has more than <see cref="MaxCharacters"/> characters.</exception>
    public static string Tokenize(string caption) => Tokenize([caption])[0];

    /// <summary>
    /// The tokens of captions that are in one file, one a line, as pycocoevalcap passes them: an abbreviation at a line's end
    /// ends a sentence too, and gets a second period, if the next line that says anything begins as a sentence does.
    /// </summary>
    /// <exception cref="ArgumentException">One has more than <see cref="MaxCharacters"/> characters.</exception>
    public static IReadOnlyList<string> Tokenize(IReadOnlyList<string> captions)
    {
        for (int i = 0; i < captions.Count; i++)
            if (captions[i].Length > MaxCharacters)
                throw new ArgumentException($"caption {i} has {captions[i].Length} characters; at most {MaxCharacters} are read");
        string[] lines = [.. captions.DefaultIfEmpty("").Select(PtbScanner.Clean)];
        var all = new string[lines.Length];
        bool next = true; // behind the last line ends whatever there was
        for (int i = lines.Length - 1; i >= 0; i--)
        {
            all[i] = Line(lines[i], next);
            if (lines[i].Trim() is { Length: > 0 } said)
                next = char.IsUpper(said[0]);
        }

        return all;
    }

    /// <summary>Tokens without punctuation: what is scored.</summary>
    public static string WithoutPunctuation(string tokens)
        => string.Join(' ', tokens.TrimEnd().Split(' ').Where(t => !_removed.Contains(t)));

    private static string Line(string line, bool sentenceFollows)
    {
        var tokens = new PtbScanner(line).Tokens();
        bool abbreviation = tokens.Count > 0 && tokens[^1] is { Length: > 1 } last && last[^1] == '.' && last[^2] != '.';
        if (abbreviation && sentenceFollows)
            tokens.Add(".");
        var text = new StringBuilder(line.Length + 16);
        foreach (string token in tokens)
            text.Append(text.Length > 0 ? " " : "").Append(PythonText.Lower(token));
        return text.ToString();
    }
}
