using Aim.Reduction;

namespace Aim.Parity;

/// <summary>CDPruner: relevance, order of choice, and what is kept.</summary>
internal sealed class CdPrunerCase(string name, CaseFile file) : MethodCase(name, file)
{
    protected override void CompareCase(Comparison c)
    {
        var features = Matrix("in.features");
        float[] relevance = CdPruner.Relevance(Matrix("in.image_embeds"), Matrix("in.text_embeds"));
        c.Close("relevance", relevance, Fixture.Floats("out.relevance"), ToleranceOf());
        int keep = Fixture.Args.NeedInt("keep");
        Indices(c, "selected_in_order", CdPruner.SelectInOrder(features, relevance, keep));
        Kept(c, CdPruner.Select(features, relevance, keep), relevance.Length);
    }
}
