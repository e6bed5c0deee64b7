namespace Aim.Datasets;

/// <summary>A row of MMBench: a question with its options in one rotation.</summary>
/// <param name="Index">The question's index plus a million for each rotation after the first.</param>
/// <param name="Category">The ability that it asks for.</param>
/// <param name="GroupCategory">The group of abilities (upstream's l2-category).</param>
/// <param name="Answer">The right letter.</param>
/// <param name="Prediction">The model's answer.</param>
/// <param name="Options">The options' texts by letter, of A to D those that the row has.</param>
public sealed record MmBenchRow(
    long Index, string Category, string GroupCategory, char Answer, string Prediction, IReadOnlyDictionary<char, string> Options);

/// <summary>
/// MMBench (Liu et al., 2023) as lmms-eval scores it without a judge: which option an answer names, and the circular evaluation,
/// which counts a question only when it is right in every rotation of its options.
/// </summary>
public static class MmBench
{
    private const int Rotation = 1_000_000;

    /// <summary>What may stand around a letter that is a word, in the order in which the forms are tried.</summary>
    private static readonly (string Before, string After)[] _forms =
    [
        ("", "."), ("", ","), ("", ":"), ("", ")"), ("", ")."), ("(", ")"), ("(", ")."),
        (":", ""), (":", ","), (":", "."), (":", ")"), (":", ")."),
    ];

    /// <summary>
    /// The letter A to E that an answer names by itself: the only one that stands as a word, else the only one in one of the
    /// forms 'B.', 'B)', '(B)', ':B' and their like; null where there is none. An 'A' in an answer of more than three words may
    /// be an article and does not count as a word.
    /// </summary>
    public static char? NamedLetter(string answer)
    {
        string[] words = PythonText.Split(answer);
        char[] Found(string before, string after) => [.. "ABCDE".Where(c => words.Contains($"{before}{c}{after}"))];
        char[] alone = Found("", "");
        if (alone.Length == 1 && !(alone[0] == 'A' && words.Length > 3))
            return alone[0];
        foreach (var (before, after) in _forms)
            if (Found(before, after) is [var letter])
                return letter;
        return null;
    }

    /// <summary>
    /// The letter that an answer names, else the only option whose text occurs in it, without regard to case; null where there is
    /// none.
    /// </summary>
    public static char? NamedOption(string answer, IReadOnlyDictionary<char, string> options)
    {
        if (NamedLetter(answer) is { } named)
            return named;
        string lower = PythonText.Lower(answer);
        return options.Where(o => lower.Contains(PythonText.Lower(o.Value), StringComparison.Ordinal)).ToArray() is [var only]
            ? only.Key
            : null;
    }

    /// <summary>
    /// Whether a row is right: by <see cref="NamedOption"/>, else by <see cref="ChoiceExtractor"/> among the row's letters.
    /// </summary>
    public static bool IsRight(MmBenchRow row)
    {
        string letters = string.Concat(row.Options.Keys.Order());
        return (NamedOption(row.Prediction, row.Options) ?? ChoiceExtractor.Extract(row.Prediction, letters)) == row.Answer;
    }

    /// <summary>The circular evaluation.</summary>
    /// <returns>For each question (its first row), whether all its rotations are right.</returns>
    /// <exception cref="ArgumentException">A rotation's question has no first row.</exception>
    public static IReadOnlyList<(MmBenchRow Question, bool Right)> Circular(IEnumerable<MmBenchRow> rows)
        => [.. rows.GroupBy(r => r.Index % Rotation).OrderBy(q => q.Key).Select(question => (
            question.FirstOrDefault(r => r.Index == question.Key)
                ?? throw new ArgumentException($"question {question.Key} of MMBench has rotations but no first row"),
            question.All(IsRight)))];
}
