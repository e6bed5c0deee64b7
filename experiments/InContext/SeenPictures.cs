using Aim.Datasets;
using Aim.Fusion;
using Aim.Models;

namespace Aim.Experiments.InContext;

/// <summary>
/// Pictures that several prompts show, drawn once and seen once by each model's vision tower: the same query stands behind every
/// number of demonstrations of every condition, and the same raw demonstrations in most of them.
/// </summary>
internal sealed class SeenPictures : IDisposable
{
    private readonly Dictionary<LabClip, RgbImage> _drawn = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(MultimodalFusionHost Host, RgbImage Picture), FusionPart.Visual> _seen = [];

    /// <summary>A scene's picture.</summary>
    public RgbImage Draw(LabClip clip)
    {
        if (!_drawn.TryGetValue(clip, out var picture))
            _drawn.Add(clip, picture = StoryDocuments.Picture(clip));
        return picture;
    }

    /// <summary>A picture's visual tokens, which stay this object's.</summary>
    public FusionPart See(MultimodalFusionHost host, RgbImage picture)
    {
        if (!_seen.TryGetValue((host, picture), out var part))
        {
            part = host.See(picture);
            part.Tokens.DetachFromDisposeScope();
            _seen.Add((host, picture), part);
        }

        return part;
    }

    /// <summary>Frees the tokens.</summary>
    public void Dispose()
    {
        foreach (var part in _seen.Values)
            part.Tokens.Dispose();
    }
}
