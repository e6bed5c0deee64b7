using Aim.Reduction;

namespace Aim.Parity;

/// <summary>FasterVLM.</summary>
internal sealed class FasterVlmCase(string name, CaseFile file) : MethodCase(name, file)
{
    protected override void CompareCase(Comparison c)
    {
        float[] score = VisualAttention.MeanOverHeads(Matrix("in.cls_attention"));
        c.Close("score", score, Fixture.Floats("out.score"), ToleranceOf());
        Kept(c, FasterVlm.Select(score, Fixture.Args.NeedInt("keep")), score.Length);
    }
}
