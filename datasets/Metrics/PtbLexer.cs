using System.Text.RegularExpressions;

namespace Aim.Datasets;

/// <summary>
/// A rule of <see cref="PtbLexer"/>: the token's form, what must follow it, and what is written for it.
/// </summary>
/// <param name="token">A regular expression that prefers its longest match.</param>
/// <param name="after">What must follow; it counts towards the match's length and is read again for the next token.</param>
/// <param name="write">What is written; null: the token as it stands. A null result writes nothing.</param>
/// <param name="split">Characters at the token's end that are left for the next one.</param>
/// <param name="repeat">
/// Whether the token's last character is read again though it is written: a period that also ends the sentence.
/// </param>
internal sealed class PtbRule(
    string token, string after = "", Func<string, string?>? write = null, int split = 0, bool repeat = false)
{
    private readonly Regex _pattern = new(
        $@"\G(?<token>{token}){after}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);

    /// <summary>The lengths of match and token here; none where the rule does not match.</summary>
    public (int Match, int Token) At(string text, int position)
        => _pattern.Match(text, position) is { Success: true } match ? (match.Length, match.Groups["token"].Length) : default;

    /// <summary>What is written for a token, and how far it takes the reader.</summary>
    public (string? Written, int Taken) Take(string token)
    {
        string kept = token[..^split];
        return (write is null ? kept : write(kept), repeat ? kept.Length - 1 : kept.Length);
    }
}

/// <summary>
/// Cuts a text by the longest match: at each place all rules are tried, the one whose match (with what must follow) is longest
/// wins, and of equally long ones the first.
/// </summary>
internal static class PtbLexer
{
    /// <summary>The token between two lines.</summary>
    public const string NewLine = "\n";

    /// <summary>The tokens of a text, in its case. Characters that no rule knows (emoji among them) are dropped.</summary>
    public static IEnumerable<string> Tokens(string text)
    {
        int position = 0;
        while (position < text.Length)
        {
            PtbRule? best = null;
            var (longest, length) = (0, 0);
            foreach (var rule in PtbRules.All)
            {
                var (match, token) = rule.At(text, position);
                if (match > longest && token > 0)
                    (best, longest, length) = (rule, match, token);
            }

            if (best is null)
            {
                position++;
                continue;
            }

            var (written, taken) = best.Take(text.Substring(position, length));
            position += taken;
            if (written is not null)
                yield return written;
        }
    }
}
