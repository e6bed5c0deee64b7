namespace Aim.Datasets;

/// <summary>
/// Made-up labels of the in-context models: a first and a second syllable, two tokens. Training draws from
/// <see cref="Training"/>, the in-context tests from <see cref="LabReserved.Labels"/>; every syllable occurs in both, no label
/// does.
/// </summary>
/// <remarks>
/// Why syllables: a single token that training never used as a label would have an embedding that is either untrained or trained
/// for another role (a place, a number), and pieces of BPE never occur where every word is one token. Spelled from syllables that
/// training uses in the very role of labels, a new label is new as a whole and familiar in its parts.
/// </remarks>
public static class LabLabels
{
    /// <summary>All that two syllables spell.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. LabWorld.Syllables.First.SelectMany(first => LabWorld.Syllables.Second.Select(second => first + second))];

    /// <summary>The labels of training: the code words, and what syllables spell but for the reserved labels.</summary>
    public static IReadOnlyList<string> Training { get; } = [.. LabWorld.Codes, .. All.Except(LabReserved.Current.Labels)];

    /// <summary>There are far fewer code words than spelled labels: drawn evenly they would hardly occur.</summary>
    private const double CodeWords = 0.4;

    /// <summary>Different labels of training.</summary>
    internal static string[] Draw(LabRandom random, int count)
    {
        var labels = new List<string>();
        while (labels.Count < count)
        {
            string label = random.Chance(CodeWords)
                ? random.Pick(LabWorld.Codes)
                : Training[random.Between(LabWorld.Codes.Count, Training.Count - 1)];
            if (!labels.Contains(label))
                labels.Add(label);
        }
        return [.. labels];
    }
}
