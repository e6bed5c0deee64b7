namespace Aim.Datasets;

/// <summary>
/// The lab's three splits. A scene belongs to exactly one of them, by its hash (<see cref="LabClip.SceneHash"/> modulo 16:
/// 0 is test, 1 is validation, the rest train); the generator draws again until the scene is of the split that was asked for.
/// So the splits are disjoint by construction, whatever the seeds.
/// </summary>
public enum LabSplit
{
    /// <summary>What the model is trained on.</summary>
    Train,

    /// <summary>What schedules and settings are chosen on.</summary>
    Validation,

    /// <summary>What results are reported on.</summary>
    Test,
}
