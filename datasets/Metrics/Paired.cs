namespace Aim.Datasets;

/// <summary>Checks of labels and scores that come in two lists.</summary>
internal static class Paired
{
    /// <exception cref="ArgumentException">The lists differ in length or are empty, or a score is not finite.</exception>
    public static void Check(IReadOnlyList<bool> labels, IReadOnlyList<double> scores)
    {
        if (labels.Count != scores.Count || labels.Count == 0)
            throw new ArgumentException($"{labels.Count} labels and {scores.Count} scores cannot be paired");
        for (int i = 0; i < scores.Count; i++)
            if (!double.IsFinite(scores[i]))
                throw new ArgumentException(FormattableString.Invariant($"score {i} is {scores[i]}; scores must be finite"));
    }
}
