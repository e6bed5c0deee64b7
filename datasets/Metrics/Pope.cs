namespace Aim.Datasets;

/// <summary>Scores of POPE: 'is there an X in the picture?', which measures objects that a model makes up.</summary>
public static class Pope
{
    /// <summary>
    /// Whether the official evaluate.py (AoiDragon/POPE) reads an answer as yes: its first sentence has no word No, not or no.
    /// Anything else, an empty answer included, is a yes.
    /// </summary>
    public static bool SaysYes(string prediction)
    {
        string sentence = prediction.Split('.')[0].Replace(",", "", StringComparison.Ordinal);
        return !sentence.Split(' ').Any(word => word is "No" or "not" or "no");
    }

    /// <summary>The official scores.</summary>
    /// <param name="items">The true answer, yes or no, and the model's.</param>
    /// <exception cref="ArgumentException">A true answer is neither yes nor no.</exception>
    public static BinaryScores Official(IEnumerable<(string Answer, string Prediction)> items)
        => BinaryScores.Of(items.Select(i => (Truth(i.Answer), SaysYes(i.Prediction))));

    /// <summary>
    /// The scores of lmms-eval: an answer must be yes or no, but for case and white space at its ends.
    /// </summary>
    /// <inheritdoc cref="Official" path="/param"/>
    /// <exception cref="ArgumentException">There are no items, or a true answer is neither yes nor no.</exception>
    public static PopeStrictScores Strict(IReadOnlyCollection<(string Answer, string Prediction)> items)
    {
        if (items.Count == 0)
            throw new ArgumentException("no items: POPE's scores need at least one");
        var read = items.Select(i => (Truth: Truth(i.Answer), Said: Plain(i.Prediction))).ToArray();
        var decided = BinaryScores.Of(read.Where(r => r.Said is "yes" or "no").Select(r => (r.Truth, r.Said == "yes")));
        int right = decided.TruePositives + decided.TrueNegatives;
        return new PopeStrictScores((double)right / read.Length, decided, (double)read.Count(r => r.Truth) / read.Length);
    }

    private static bool Truth(string answer) => Plain(answer) switch
    {
        "yes" => true,
        "no" => false,
        _ => throw new ArgumentException($"POPE's answer '{answer}' should be yes or no"),
    };

    private static string Plain(string text) => PythonText.Strip(PythonText.Lower(text));
}

/// <summary>POPE as lmms-eval scores it.</summary>
/// <param name="Accuracy">Over all items; an answer that is neither yes nor no is wrong.</param>
/// <param name="Decided">Counts of the answers that are yes or no: precision, recall and F1 are these items' alone.</param>
/// <param name="TrueYesRatio">
/// Share of items whose true answer is yes. Upstream reports it as yes_ratio, a slip; the model's is
/// <see cref="BinaryScores.YesRatio"/> of <see cref="Pope.Official"/>.
/// </param>
public sealed record PopeStrictScores(double Accuracy, BinaryScores Decided, double TrueYesRatio);
