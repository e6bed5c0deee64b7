using Aim.Reduction;

namespace Aim.Parity;

/// <summary>VisPruner, odd lists included.</summary>
internal sealed class VisPrunerCase(string name, CaseFile file) : MethodCase(name, file)
{
    protected override void CompareCase(Comparison c)
    {
        var features = Matrix("in.features");
        float[] attention = VisualAttention.MeanOverHeads(Matrix("in.cls_attention"));
        var args = Fixture.Args;
        int[] kept = VisPruner.Select(
            features,
            attention,
            args.NeedInt("keep"),
            args.NeedNumber("important_ratio"),
            args.NeedInt("duplicates_removed_per_round"));
        Kept(c, kept, attention.Length);
    }
}
