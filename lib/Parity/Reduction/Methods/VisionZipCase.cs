using Aim.Reduction;

namespace Aim.Parity;

/// <summary>VisionZip: dominant and contextual tokens, and what goes where.</summary>
internal sealed class VisionZipCase(string name, CaseFile file) : MethodCase(name, file)
{
    protected override void CompareCase(Comparison c)
    {
        var hidden = Matrix("in.hidden");
        float[] scores = Matrix("in.cls_attention").sum(0L).Values();
        int dominant = Fixture.Args.NeedInt("dominant"), contextual = Fixture.Args.NeedInt("contextual");
        var result = VisionZip.Reduce(scores, Matrix("in.metric"), dominant, contextual);
        Indices(c, "dominant_in_score_order", result.ByScore);
        Indices(c, "dominant_indices_with_cls", result.Kept);
        Indices(c, "target_indices", result.Targets);
        Indices(c, "assign_source", result.Sources);
        Indices(c, "assign_target", result.Assign);
        Count(c, "count", result.Mixture.Rows.Count);
        c.Holds(
            result.Mixture.Rows.Count == VisionZip.Count((int)hidden.shape[0], dominant, contextual),
            "the count foretold is another one");
        Close(c, "features", result.Mixture.Apply(hidden));
    }
}
