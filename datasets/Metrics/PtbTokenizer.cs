using System.Text;

namespace Aim.Datasets;

/// <summary>
/// Tokens of the Penn Treebank's kind, as caption scores expect them: what pycocoevalcap gets from Stanford's PTBTokenizer 3.4.1
/// with -preserveLines and -lowerCase. Clitics are words of their own (<c>is n't</c>), quotes become <c>``</c> and <c>''</c>,
/// brackets <c>-lrb-</c> and their like; abbreviations, numbers, addresses and tags stay whole.
/// </summary>
/// <remarks>
/// The rules are in <see cref="PtbRules"/>. What is a letter follows this runtime's Unicode, where upstream has tables of its own
/// for Hebrew, Arabic and the Indian scripts.
/// </remarks>
public static class PtbTokenizer
{
    /// <summary>
    /// The most characters of a line: some rules look far ahead, so that time grows with the square of a line's length.
    /// </summary>
    public const int MaxCharacters = 1 << 14;

    /// <summary>
    /// What pycocoevalcap takes out afterwards. It compares the lower-cased tokens with these, so that brackets, which are
    /// written in capitals here, stay; and so do -lsb-, -rsb- and runs such as <c>!!!</c>.
    /// </summary>
    private static readonly string[] _removed =
        ["''", "'", "``", "`", "-LRB-", "-RRB-", "-LCB-", "-RCB-", ".", "?", "!", ",", ":", "-", "--", "...", ";"];

    /// <summary>The tokens of a caption by itself, lower-cased, a space between two.</summary>
    /// <remarks>
    /// As if it were the last of a file of captions: an abbreviation at its end gets a second period, the sentence's.
    /// </remarks>
    /// <exception cref="ArgumentException">It has more than <see cref="MaxCharacters"/> characters.</exception>
    public static string Tokenize(string caption) => Tokenize([caption, ""])[0];

    /// <summary>
    /// The tokens of captions that are in one file, one a line, as pycocoevalcap passes them: the next line's first characters
    /// say whether an abbreviation ends a sentence.
    /// </summary>
    /// <exception cref="ArgumentException">One has more than <see cref="MaxCharacters"/> characters.</exception>
    public static IReadOnlyList<string> Tokenize(IReadOnlyList<string> captions)
    {
        for (int i = 0; i < captions.Count; i++)
            if (captions[i].Length > MaxCharacters)
                throw new ArgumentException($"caption {i} has {captions[i].Length} characters; at most {MaxCharacters} are read");
        var lines = new List<string>(captions.Count);
        var line = new StringBuilder();
        foreach (string token in PtbLexer.Tokens(string.Join('\n', captions.Select(OneLine))))
        {
            if (token == PtbLexer.NewLine)
            {
                lines.Add(line.ToString());
                line.Clear();
                continue;
            }

            if (line.Length > 0)
                line.Append(' ');
            line.Append(PythonText.Lower(token));
        }

        lines.Add(line.ToString());
        return lines;
    }

    /// <summary>Tokens without punctuation: what is scored.</summary>
    public static string WithoutPunctuation(string tokens)
        => string.Join(' ', tokens.TrimEnd().Split(' ').Where(t => !_removed.Contains(t)));

    // Upstream replaces the first only; the others would shift all captions that follow.
    private static string OneLine(string caption)
        => string.Create(caption.Length, caption, (to, from) =>
        {
            for (int i = 0; i < to.Length; i++)
                to[i] = from[i] is '\n' or '\r' or '\v' or '\f' or '\u2028' or '\u2029' ? ' ' : from[i];
        });
}
