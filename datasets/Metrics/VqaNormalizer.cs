using System.Text.RegularExpressions;

namespace Aim.Datasets;

/// <summary>
/// How answers to open questions are made comparable: the rules of the VQA evaluation code (GT-Vision-Lab/VQA, vqaEval.py) and of
/// the EvalAI processor that TextVQA's challenge, M4C and lmms-eval (vqa_eval_metric.py) share. Punctuation goes first, then
/// lower case, number words, articles and contractions.
/// </summary>
/// <remarks>
/// Kept from upstream, because scores are compared with published ones: the list of contractions has holes ("ive" stays, and
/// "somebody'd" loses its apostrophe), its capitalised entries never meet a lower-cased word, and at most 32 periods of a text
/// are removed.
/// </remarks>
public static partial class VqaNormalizer
{
    /// <summary>Upstream passes the flag re.UNICODE where the count of replacements belongs.</summary>
    private const int MostPeriods = 32;

    private const string Marks = ";/[]\"{}()=+\\_-><@`,?!";

    private static readonly Dictionary<string, string> _numbers = new(StringComparer.Ordinal)
    {
        ["none"] = "0",
        ["zero"] = "0",
        ["one"] = "1",
        ["two"] = "2",
        ["three"] = "3",
        ["four"] = "4",
        ["five"] = "5",
        ["six"] = "6",
        ["seven"] = "7",
        ["eight"] = "8",
        ["nine"] = "9",
        ["ten"] = "10",
    };

    /// <summary>The VQA evaluation code's form of a text: <see cref="Punctuation"/>, then <see cref="Words"/>.</summary>
    public static string Official(string text) => Words(Punctuation(text));

    /// <summary>
    /// The EvalAI processor's form of a text: it is lower-cased, commas and question marks are dropped and <c>'s</c> becomes a
    /// word of its own, then as <see cref="Official"/>.
    /// </summary>
    public static string EvalAi(string text)
    {
        string word = PythonText.Lower(text).Replace(",", "", StringComparison.Ordinal)
            .Replace("?", "", StringComparison.Ordinal).Replace("'s", " 's", StringComparison.Ordinal);
        return Official(OneLine(PythonText.Strip(word)));
    }

    /// <summary>Newlines and tabs as spaces, none at the ends: done before answers are compared at all.</summary>
    public static string OneLine(string text) => PythonText.Strip(text.Replace('\n', ' ').Replace('\t', ' '));

    /// <summary>
    /// A mark that stands beside a space anywhere in the text is deleted, and so are all marks of a text with digit-comma-digit;
    /// otherwise it becomes a space. Periods are deleted unless a digit follows.
    /// </summary>
    public static string Punctuation(string text)
    {
        bool thousands = DigitCommaDigit().IsMatch(text);
        string result = text;
        foreach (char mark in Marks)
        {
            bool besideSpace = text.Contains($"{mark} ", StringComparison.Ordinal)
                || text.Contains($" {mark}", StringComparison.Ordinal);
            result = result.Replace(mark.ToString(), besideSpace || thousands ? "" : " ", StringComparison.Ordinal);
        }

        return PeriodBeforeNoDigit().Replace(result, "", MostPeriods);
    }

    /// <summary>Lower-cased words, number words as digits, without articles, contractions with their apostrophe.</summary>
    public static string Words(string text)
        => string.Join(' ', PythonText.Split(PythonText.Lower(text))
            .Select(w => _numbers.GetValueOrDefault(w, w))
            .Where(w => w is not ("a" or "an" or "the"))
            .Select(w => VqaContractions.Corrected.GetValueOrDefault(w, w)));

    [GeneratedRegex(@"\d,\d", RegexOptions.CultureInvariant)]
    private static partial Regex DigitCommaDigit();

    [GeneratedRegex(@"\.(?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex PeriodBeforeNoDigit();
}
