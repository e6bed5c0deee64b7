using System.Text;
using System.Text.RegularExpressions;

namespace Aim.Datasets;

/// <summary>
/// Cuts one line into tokens from left to right. At each place the first kind of unit that fits is taken: a tag, an address, a
/// face, a word or number (<see cref="PtbWords"/> tells how far it goes and where it is split), an abbreviated word after an
/// apostrophe, or a symbol under the Treebank's name for it (<see cref="PtbSymbols"/>).
/// </summary>
internal sealed partial class PtbScanner(string line)
{
    private readonly List<string> _tokens = [];
    private int _at;

    /// <summary>
    /// A line without what has no shape of its own: line breaks and entities of spaces become spaces, entities of quotes quotes;
    /// soft hyphens and other format characters vanish.
    /// </summary>
    public static string Clean(string line)
    {
        var clean = new StringBuilder(line.Length);
        foreach (char c in line)
        {
            if (char.IsControl(c) || char.IsSeparator(c))
                clean.Append(' ');
            else if (char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.Format)
                clean.Append(c);
        }

        return clean.Replace("&nbsp;", " ").Replace("&quot;", "\"").Replace("&apos;", "'").Replace("&#39;", "'").ToString();
    }

    /// <summary>The line's tokens, in their own case.</summary>
    public List<string> Tokens()
    {
        while (_at < line.Length)
        {
            if (line[_at] == ' ')
                _at++;
            else if (!Whole() && !Word() && !Elided())
                Symbol();
        }

        return _tokens;
    }

    private bool IsFresh => _at == 0 || line[_at - 1] is ' ' or '(' or '[' or '{' or '"' or '`' or '\u201C' or '\u2018';

    // What stays as it is: tags, addresses, #tags, @names; faces, whose brackets are named like others.
    private bool Whole()
    {
        if (Match(Tag()) is { } tag)
            return Take(tag.Length, tag);
        if (Match(Entity()) is { } entity)
            return Take(entity.Length, entity switch { "&amp;" => "&", "&lt;" => "<", _ => ">" });
        if (_at > 0 && !IsFresh && (char.IsLetterOrDigit(line[_at - 1]) || line[_at - 1] is '&' or '@' or '#'))
            return false;
        if (Match(Address()) is { } address)
        {
            address = address.TrimEnd('.', ',', ';', ':', '!', '?', '\'', '"', ')', ']', '>');
            return Take(address.Length, address);
        }

        if (Match(Named()) is { } named)
            return Take(named.Length, named);
        if ((_at == 0 || line[_at - 1] == ' ') && Match(Face()) is { } face)
            return Take(face.Length, PtbSymbols.NameBrackets(face));
        return false;
    }

    private bool Word()
    {
        int end = PtbWords.End(line, _at, IsFresh);
        if (end == _at)
            return false;
        string word = line[_at..end].Replace('\u2019', '\'').Replace("&amp;", "&", StringComparison.Ordinal);
        _tokens.AddRange(PtbWords.Split(word));
        _at = end;
        return true;
    }

    // 'em, 'n', '80s, and the clitics of a text that was cut before.
    private bool Elided()
    {
        if (line[_at] is not ('\'' or '\u2019') || (Match(Clitic()) ?? (IsFresh ? Match(Elision()) : null)) is not { } elided)
            return false;
        string word = elided.Replace('\u2019', '\'');
        _tokens.AddRange(PtbWords.SplitElided(word));
        _at += elided.Length;
        return true;
    }

    private void Symbol()
    {
        var (token, length) = PtbSymbols.At(line, _at, opens: IsFresh && _at + 1 < line.Length && line[_at + 1] != ' ');
        if (token is not null)
            _tokens.Add(token);
        _at += length;
    }

    private bool Take(int length, string token)
    {
        _tokens.Add(token);
        _at += length;
        return true;
    }

    private string? Match(Regex pattern) => pattern.Match(line, _at) is { Success: true, Length: > 0 } match ? match.Value : null;

    [GeneratedRegex(@"\G</?[A-Za-z!][^<>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\G&(?:amp|lt|gt);")]
    private static partial Regex Entity();

    // With a scheme or www, mail, or a bare name that ends as hosts do.
    [GeneratedRegex(
        @"\G(?:(?:https?|ftp)://[^ <>""]+|www\.[^ <>""]+|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
        + @"|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:com|org|net|edu|gov|info|io|co\.uk|de|fr)(?:/[^ <>""]*)?(?![\p{L}\p{N}]))")]
    private static partial Regex Address();

    [GeneratedRegex(@"\G[@#][\p{L}_][\p{L}\p{N}_]*")]
    private static partial Regex Named();

    [GeneratedRegex(@"\G[:;=][-o^']?[)(\]\[DPp|/\\](?![\p{L}\p{N}])")]
    private static partial Regex Face();

    [GeneratedRegex(
        @"\G['\u2019](?:s|m|d|re|ve|ll)(?![\p{L}\p{N}'\u2019])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Clitic();

    [GeneratedRegex(
        @"\G['\u2019](?:n['\u2019]|em|n|till?|bout|cause|cuz|tis|twas|t|[0-9][0-9]s?)(?![\p{L}\p{N}])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Elision();
}
