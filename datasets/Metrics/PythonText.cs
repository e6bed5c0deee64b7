using System.Text;

namespace Aim.Datasets;

/// <summary>What Python's <c>str</c> methods do where .NET's differ: upstream's scorers are written with them.</summary>
internal static class PythonText
{
    /// <summary>The characters of <c>string.punctuation</c>: ASCII's.</summary>
    public const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <summary><c>str.isspace</c>: Unicode's white space and the four ASCII separators.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    /// <summary><c>str.strip()</c>.</summary>
    public static string Strip(string text)
    {
        int from = 0, to = text.Length;
        while (from < to && IsSpace(text[from]))
            from++;
        while (to > from && IsSpace(text[to - 1]))
            to--;
        return text[from..to];
    }

    /// <summary><c>str.split()</c>: the words between white space.</summary>
    public static string[] Split(string text)
    {
        var words = new List<string>();
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool inside = i < text.Length && !IsSpace(text[i]);
            if (inside && start < 0)
                start = i;
            if (inside || start < 0)
                continue;
            words.Add(text[start..i]);
            start = -1;
        }

        return [.. words];
    }

    /// <summary>
    /// <c>str.lower()</c>: .NET's invariant mapping, the dotted capital I (which becomes two characters) and the sigma that ends
    /// a word.
    /// </summary>
    public static string Lower(string text)
    {
        string lower = text.ToLowerInvariant();
        if (text.AsSpan().IndexOfAny('\u0130', '\u03A3') < 0)
            return lower;
        var result = new StringBuilder(text.Length + 1);
        for (int i = 0; i < text.Length; i++)
        {
            bool ends = i > 0 && char.IsLetter(text[i - 1]) && !(i + 1 < text.Length && char.IsLetter(text[i + 1]));
            result.Append(text[i] switch
            {
                '\u0130' => "i\u0307",
                '\u03A3' when ends => "\u03C2",
                _ => lower[i].ToString(),
            });
        }

        return result.ToString();
    }
}
