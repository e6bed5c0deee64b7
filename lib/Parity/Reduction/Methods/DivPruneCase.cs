using Aim.Reduction;

namespace Aim.Parity;

/// <summary>DivPrune; of equal tokens and zero vectors the sane choice.</summary>
internal sealed class DivPruneCase(string name, CaseFile file) : MethodCase(name, file)
{
    protected override void CompareCase(Comparison c)
    {
        var tokens = Matrix("in.tokens");
        int n = (int)tokens.shape[0], keep = DivPrune.Count(n, Fixture.Args.NeedNumber("ratio"));
        int[] order = DivPrune.SelectInOrder(tokens, keep);
        Indices(c, "selected_in_order", order);

        // Beside a sane order the case's indices are upstream's misbehaviour.
        if (Fixture.Expects("sane.selected_in_order"))
            Count(c, "count", order.Length);
        else
            Kept(c, DivPrune.Select(tokens, keep), n);
    }
}
