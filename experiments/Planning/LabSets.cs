using Aim.Datasets;

namespace Aim.Experiments.Planning;

/// <summary>The lab's samples by test set.</summary>
internal static class LabSets
{
    /// <summary>The kinds of question that a source has.</summary>
    public static IReadOnlyList<string> Kinds(string source) => source == TestSetName.Video ? LabKinds.Clip : LabKinds.Picture;

    /// <summary>The kinds that go round in a set.</summary>
    public static IReadOnlyList<string> KindsOf(TestSetName set) =>
        set.Kinds.Length > 0 ? set.KindList : set.IsPicture ? LabKinds.Picture : LabKinds.Test;

    /// <summary>
    /// The samples of a set: its first ones, in which the kinds go round, and behind them the next ones of kinds that count,
    /// until there are enough of those. A sample is the same at whatever place it comes to stand, so sets of different lengths
    /// share what they have in common.
    /// </summary>
    /// <param name="set">The set.</param>
    /// <param name="split">Its split.</param>
    /// <param name="first">How many first samples.</param>
    /// <param name="counting">
    /// How many samples of kinds that count, those among the first included; 0: no others than the first.
    /// </param>
    /// <param name="counts">Whether a kind counts; where none of the set's does, there are no others than the first.</param>
    public static IReadOnlyList<LabSample> Samples(TestSetName set, LabSplit split, int first, int counting, Func<string,
        bool> counts)
    {
        var round = KindsOf(set);
        bool Counts(int i) => counts(round[i % round.Count]);
        int count = first;
        if (round.Any(counts))
            for (int have = Enumerable.Range(0, first).Count(Counts); have < counting; count++)
                have += Counts(count) ? 1 : 0;
        var kinds = set.Kinds.Length == 0 ? null : set.KindList;
        var style = set.Style == TestSetName.Twemoji ? LabStyle.Twemoji : LabStyle.Noto;
        var all = set.IsPicture ? LabData.Pictures(split, count, kinds, style)
            : LabData.Test(split, count, set.Frames, kinds, style);
        return [.. all.Where((_, i) => i < first || Counts(i))];
    }
}
