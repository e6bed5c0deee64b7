namespace Aim.Datasets;

/// <summary>How video benchmarks of multiple choice add up their answers (as lmms-eval has them); in per cent.</summary>
public static class VideoChoiceScores
{
    /// <summary>The task types of MLVU's development set.</summary>
    public static IReadOnlyList<string> MlvuDev { get; } =
        ["anomaly_reco", "count", "ego", "needle", "order", "plotQA", "topic_reasoning"];

    /// <summary>The task types of MLVU's test set.</summary>
    public static IReadOnlyList<string> MlvuTest { get; } =
        ["anomaly_reco", "count", "ego", "needleQA", "order", "plotQA", "sportsQA", "topic_reasoning", "tutorialQA"];

    /// <summary>MLVU: the unweighted mean of the task types' accuracies; a type without questions counts 0.</summary>
    /// <param name="results">The type of each question, and whether it was answered right.</param>
    /// <param name="types">The set's task types.</param>
    /// <exception cref="ArgumentException">A question has another type.</exception>
    public static double Mlvu(IEnumerable<(string Type, bool Right)> results, IReadOnlyList<string> types)
    {
        var byType = results.ToLookup(r => r.Type, r => r.Right, StringComparer.Ordinal);
        if (byType.FirstOrDefault(t => !types.Contains(t.Key)) is { } unknown)
            throw new ArgumentException($"MLVU has no task type {unknown.Key}; its types are {string.Join(", ", types)}");
        return types.Average(t => Accuracy(byType[t]));
    }

    /// <summary>MVBench: accuracy over the questions that got an answer at all; empty answers are left out.</summary>
    public static double MvBench(IEnumerable<(string Answer, bool Right)> results)
        => Accuracy(results.Where(r => r.Answer.Length > 0).Select(r => r.Right));

    /// <summary>VideoMME: plain accuracy; 0 of no questions.</summary>
    public static double Accuracy(IEnumerable<bool> right)
        => right.Select(r => r ? 100.0 : 0).DefaultIfEmpty().Average();
}
