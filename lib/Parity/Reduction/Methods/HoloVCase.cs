using Aim.Reduction;

namespace Aim.Parity;

/// <summary>HoloV, with the rows of zeros that end its output.</summary>
internal sealed class HoloVCase(string name, CaseFile file) : MethodCase(name, file)
{
    protected override void CompareCase(Comparison c)
    {
        var features = Matrix("in.features");
        var args = Fixture.Args;
        int keep = args.NeedInt("keep");
        int[] chosen = HoloV.Select(
            features, Fixture.Floats("in.attention"), keep, args.NeedInt("crops"), args.NeedNumber("alpha"));
        int padding = keep - chosen.Length;
        Indices(c, "indices_in_output_order", [.. chosen, .. Enumerable.Repeat(-1, padding)]);
        Count(c, "zero_padding", padding);
        Close(c, "features", HoloV.Apply(features, chosen, keep));
    }
}
