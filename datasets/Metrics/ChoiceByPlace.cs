namespace Aim.Datasets;

/// <summary>
/// Which option an answer names, by MMMU's parser in the two forms that lmms-eval has: EgoSchema takes the first candidate,
/// NextQA the last. A candidate is a letter in parentheses, before a space or before a period; in an answer of more than five
/// words without any, an option whose text occurs.
/// </summary>
/// <remarks>Null where upstream draws an option at random: count it as wrong.</remarks>
public static class ChoiceByPlace
{
    private static readonly char[] _edges = [',', '.', '!', '?', ';', ':', '\''];

    /// <summary>EgoSchema: of all three forms together, the one whose last occurrence comes first.</summary>
    /// <param name="answer">The model's answer.</param>
    /// <param name="options">The options' texts; the first is A.</param>
    public static char? EgoSchema(string answer, IReadOnlyList<string> options)
    {
        string text = Padded(answer);
        string letters = Letters(options);
        var candidates = letters.Select(c => (Letter: c, At: text.LastIndexOf($"({c})", StringComparison.Ordinal)))
            .Concat(letters.Select(c => (Letter: c, At: text.LastIndexOf($"{c} ", StringComparison.Ordinal))))
            .Concat(letters.Select(c => (Letter: c, At: text.LastIndexOf($"{c}.", StringComparison.Ordinal))))
            .Where(c => c.At >= 0).ToList();
        if (candidates.Count == 0)
            candidates = ByText(text, options);
        return candidates.Count == 0 ? null : candidates.MinBy(c => c.At).Letter;
    }

    /// <summary>
    /// NextQA: of the first form that occurs, the letter whose last occurrence comes last. Letters before a space or a period
    /// are placed by where they stand between two spaces, so that of several which never do, the first option wins.
    /// </summary>
    /// <inheritdoc cref="EgoSchema" path="/param"/>
    public static char? NextQa(string answer, IReadOnlyList<string> options)
    {
        string text = Padded(answer);
        string letters = Letters(options);
        int Place(string what) => text.LastIndexOf(what, StringComparison.Ordinal);
        List<(char Letter, int At)> candidates = [.. letters.Select(c => (c, Place($"({c})"))).Where(c => c.Item2 >= 0)];
        if (candidates.Count == 0)
            candidates = [.. letters.Where(c => Place($"{c} ") >= 0).Select(c => (c, Place($" {c} ")))];
        if (candidates.Count == 0)
            candidates = [.. letters.Where(c => Place($"{c}.") >= 0).Select(c => (c, Place($" {c} ")))];
        if (candidates.Count == 0)
            candidates = ByText(text, options);
        return candidates.Count == 0 ? null : candidates.MaxBy(c => c.At).Letter;
    }

    private static List<(char Letter, int At)> ByText(string text, IReadOnlyList<string> options)
    {
        if (PythonText.Split(text).Length <= 5)
            return [];
        string lower = PythonText.Lower(text);
        return [.. options.Select((option, i) => (
                Letter: (char)('A' + i),
                At: lower.LastIndexOf(PythonText.Lower(option), StringComparison.Ordinal)))
            .Where(c => c.At >= 0)];
    }

    private static string Padded(string answer)
    {
        foreach (char edge in _edges)
            answer = answer.Trim(edge);
        return $" {answer} ";
    }

    private static string Letters(IReadOnlyList<string> options)
        => options.Count is > 0 and <= 26
            ? string.Concat(options.Select((_, i) => (char)('A' + i)))
            : throw new ArgumentException($"{options.Count} options; a question has 1 to 26");
}
