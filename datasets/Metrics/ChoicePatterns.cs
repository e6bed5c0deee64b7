using System.Text.RegularExpressions;

namespace Aim.Datasets;

/// <summary>Which option an answer names, by the patterns of single benchmarks (as lmms-eval has them).</summary>
public static partial class ChoicePatterns
{
    /// <summary>
    /// MVBench (mcq_acc): a line that starts with a letter A to E of either case and a period, else the first such letter that
    /// stands alone once punctuation is gone; null where there is none. The pattern takes the article 'a' for option A.
    /// </summary>
    public static char? MvBench(string answer)
    {
        if (LetterAndPeriod().Match(PythonText.Strip(answer)) is { Success: true } start)
            return char.ToUpperInvariant(start.Groups[1].ValueSpan[0]);
        string bare = VqaNormalizer.Punctuation(VqaNormalizer.OneLine(answer)).Trim('\'').Trim('"');
        return LoneLetterOfEitherCase().Match(PythonText.Lower(bare)) is { Success: true } lone
            ? char.ToUpperInvariant(lone.ValueSpan[0])
            : null;
    }

    /// <summary>PerceptionTest: the first capital A to D that stands alone; null where there is none.</summary>
    public static char? PerceptionTest(string answer)
        => LoneCapital().Match(answer) is { Success: true } lone ? lone.ValueSpan[0] : null;

    [GeneratedRegex(@"^([A-E])\.\s*(.+)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LetterAndPeriod();

    [GeneratedRegex(@"\b[A-E]\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LoneLetterOfEitherCase();

    [GeneratedRegex(@"\b[A-D]\b", RegexOptions.CultureInvariant)]
    private static partial Regex LoneCapital();
}
