using Aim.Datasets;
using Aim.Fusion;
using Aim.Models;

namespace Aim.Experiments.InContext;

/// <summary>The lab's pictures, stories and shots as fusion takes them.</summary>
internal static class StoryDocuments
{
    /// <summary>A scene's picture.</summary>
    public static RgbImage Picture(LabClip clip) => new(LabWorld.Canvas, LabWorld.Canvas, clip.Frames(0));

    /// <summary>A shot with its own picture, or with another.</summary>
    public static Demonstration Demonstration(LabShot shot, RgbImage? picture = null)
        => new(picture ?? Picture(shot.Picture), shot.Instruction, shot.Answer + shot.Closing);

    /// <summary>A story as a document to train on: the loss is on the answers.</summary>
    public static FusionDocument Document(LabStory story) => new(
        [.. story.Shots.Select(s => Demonstration(s))],
        [.. story.Queries.Select(q => new FusionQuery(
            q.Shots, q.Picture is { } clip ? Picture(clip) : null, [new(q.Instruction, false), new(q.Answer, true)]))]);
}
