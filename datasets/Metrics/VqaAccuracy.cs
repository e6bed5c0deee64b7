namespace Aim.Datasets;

/// <summary>
/// Accuracy of an open answer against several people's (ten, as a rule): for each person, min(1, matches among the others / 3);
/// the mean of these. Three people who agree make an answer right.
/// </summary>
public static class VqaAccuracy
{
    /// <summary>
    /// The VQA evaluation code (VQAv2; OK-VQA's and VizWiz's own scorers). It normalises only where the people's answers are not
    /// all the same string; where they are, the prediction must be that string, but for white space at its ends.
    /// </summary>
    /// <param name="answers">The people's answers.</param>
    /// <param name="prediction">The model's.</param>
    /// <returns>In [0, 1].</returns>
    /// <exception cref="ArgumentException">There are no answers.</exception>
    public static double Official(IReadOnlyList<string> answers, string prediction)
    {
        string[] given = [.. answers.Select(VqaNormalizer.OneLine)];
        string answer = VqaNormalizer.OneLine(prediction);
        if (given.Distinct(StringComparer.Ordinal).Count() <= 1)
            return Agreement(given, answer);
        return Agreement([.. given.Select(VqaNormalizer.Official)], VqaNormalizer.Official(answer));
    }

    /// <summary>
    /// With the EvalAI processor on both sides, always (TextVQA; OK-VQA and VizWiz as lmms-eval scores them).
    /// </summary>
    /// <inheritdoc cref="Official" path="/*[not(self::summary)]"/>
    public static double EvalAi(IReadOnlyList<string> answers, string prediction)
        => Agreement([.. answers.Select(VqaNormalizer.EvalAi)], VqaNormalizer.EvalAi(prediction));

    private static double Agreement(string[] answers, string prediction)
    {
        if (answers.Length == 0)
            throw new ArgumentException("the question has no answers to compare the prediction with");
        int matches = answers.Count(a => a == prediction);
        return answers.Sum(a => Math.Min(1, (matches - (a == prediction ? 1 : 0)) / 3.0)) / answers.Length;
    }
}
