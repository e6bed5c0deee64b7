using Aim.Datasets;

namespace Aim.Experiments.Planning;

/// <summary>The lab's samples by test set.</summary>
internal static class LabSets
{
    /// <summary>The kinds of question that a source has.</summary>
    public static IReadOnlyList<string> Kinds(string source) => source == TestSetName.Video ? LabKinds.Clip : [];

    /// <summary>The first samples of a set.</summary>
    public static IReadOnlyList<LabSample> Samples(TestSetName set, LabSplit split, int count) =>
        LabData.Test(split, count, set.Frames, set.Kinds.Length == 0 ? null : set.KindList,
            set.Style == TestSetName.Twemoji ? LabStyle.Twemoji : LabStyle.Noto);
}
