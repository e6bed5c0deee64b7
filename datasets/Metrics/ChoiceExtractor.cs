namespace Aim.Datasets;

/// <summary>
/// Which option a free answer names, by the rules of lmms-eval's general extractor (mcq_extract.py; VideoMME, MLVU and MMBench's
/// last resort): every place where a letter could be meant is a candidate, and the most trustworthy form wins; of equal forms,
/// the last place, since an answer that argues ends with its choice.
/// </summary>
public static class ChoiceExtractor
{
    private static readonly char[] _edges = [',', '.', '!', '?', ';', ':', '\'', '"'];

    /// <summary>Words before a choice, in lower case. Longer forms ('the best answer is') hold one of them.</summary>
    private static readonly string[] _phrases =
    [
        "the answer is", "answer is", "the correct answer is", "correct answer is", "the best answer is", "best answer is",
        "the correct option is", "correct option is", "the best option is", "best option is", "the choice is", "choice is",
        "the correct choice is", "correct choice is", "i choose", "i select", "i pick", "my answer is", "my choice is",
        "옵션", "정답은", "답은", "답:", "答案是", "答案为", "选", "答えは",
    ];

    /// <summary>How a letter can stand in an answer, from the least trustworthy form to the most.</summary>
    private enum Form
    {
        Anywhere,
        BeforeSpace,
        BeforeParenthesis,
        BeforeColon,
        BeforePeriod,
        InParentheses,
        AfterPhrase,
        AtEnd,
        AtStart,
    }

    /// <summary>The option that an answer names; null where no letter occurs in it.</summary>
    /// <param name="answer">The model's answer.</param>
    /// <param name="letters">The options' letters, such as ABCD.</param>
    public static char? Extract(string answer, string letters = "ABCDEFGH")
    {
        string bare = PythonText.Strip(answer);
        foreach (char edge in _edges)
            bare = bare.Trim(edge);
        string text = $" {bare} ";
        var candidates = Candidates(text, PythonText.Strip(text), letters).ToList();
        if (candidates.Count == 0)
            candidates.AddRange(Last(text, letters, "", "", Form.Anywhere));
        return candidates.Count == 0 ? null : candidates.MaxBy(c => (c.Form, c.Position)).Letter;
    }

    private static IEnumerable<(char Letter, int Position, Form Form)> Candidates(string text, string bare, string letters)
        => Last(text, letters, "(", ")", Form.InParentheses)
            .Concat(Last(text, letters, "", ".", Form.BeforePeriod))
            .Concat(Last(text, letters, "", ":", Form.BeforeColon))
            .Concat(Last(text, letters, "", ")", Form.BeforeParenthesis))
            .Concat(Last(text, letters, "", " ", Form.BeforeSpace))
            .Concat(AfterPhrases(text, letters))
            .Concat(letters.Where(c => bare.StartsWith(c) && (bare.Length == 1 || !char.IsLetter(bare[1])))
                .Select(c => (c, 0, Form.AtStart)))
            .Concat(letters.Where(c => bare.EndsWith(c) && (bare.Length == 1 || !char.IsLetter(bare[^2])))
                .Select(c => (c, 0, Form.AtEnd)));

    /// <summary>The last place of each letter between these two texts.</summary>
    private static IEnumerable<(char Letter, int Position, Form Form)> Last(
        string text, string letters, string before, string after, Form form)
        => letters.Select(c => (c, text.LastIndexOf($"{before}{c}{after}", StringComparison.Ordinal), form))
            .Where(c => c.Item2 >= 0);

    /// <summary>The first place of each letter after the first occurrence of each phrase.</summary>
    private static IEnumerable<(char Letter, int Position, Form Form)> AfterPhrases(string text, string letters)
    {
        string lower = PythonText.Lower(text);
        foreach (string phrase in _phrases)
        {
            int at = lower.IndexOf(phrase, StringComparison.Ordinal);
            int after = at + phrase.Length;
            if (at < 0 || after > text.Length)
                continue;
            foreach (char letter in letters)
                if (text.IndexOf(letter, after) is >= 0 and int position)
                    yield return (letter, position, Form.AfterPhrase);
        }
    }
}
