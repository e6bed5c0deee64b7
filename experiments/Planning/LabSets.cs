using Aim.Datasets;
using Aim.Experiments.Running;
using Aim.Models;

namespace Aim.Experiments.Planning;

/// <summary>The lab's samples by test set.</summary>
internal static class LabSets
{
    /// <summary>The kinds of question that a source has.</summary>
    public static IReadOnlyList<string> Kinds(string source) => source == TestSetName.Video ? LabKinds.Clip : LabKinds.Picture;

    /// <summary>The kinds that go round in a set.</summary>
    public static IReadOnlyList<string> KindsOf(TestSetName set) =>
        set.Kinds.Length > 0 ? set.KindList : set.IsPicture ? LabKinds.Picture : LabKinds.Test;

    /// <summary>The first samples of a set.</summary>
    public static IReadOnlyList<LabSample> Samples(TestSetName set, LabSplit split, int count)
    {
        var kinds = set.Kinds.Length == 0 ? null : set.KindList;
        var style = set.Style == TestSetName.Twemoji ? LabStyle.Twemoji : LabStyle.Noto;
        return set.IsPicture ? LabData.Pictures(split, count, kinds, style) : LabData.Test(split, count, set.Frames, kinds, style);
    }

    /// <summary>The sizes of a set's prompts.</summary>
    /// <exception cref="DefinitionException">The model would cut the lab's pictures into tiles.</exception>
    public static Geometry Geometry(TestSetName set, PlannedModel model)
    {
        var shape = Shapes.Of(model.Config, Path.GetFileName(model.Directory));
        if (!set.IsPicture)
            return new Geometry(shape, set.Frames, model.Config.TokensPerFrame);
        var layout = model.Config.LayoutOf(LabWorld.Canvas, LabWorld.Canvas, pictures: 1);
        return layout.SharesTile
            ? new Geometry(shape, PictureViews.Count, layout.Patches, layout.Rows.Count(r => r == ImageLayout.Newline))
            : throw new DefinitionException(
                $"{model.Directory}: its image_grid_pinpoints cut a picture of {LabWorld.Canvas}x{LabWorld.Canvas} into tiles; source 'picture' needs a model that takes it whole");
    }
}
