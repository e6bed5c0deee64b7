using Aim.Reduction;

namespace Aim.Parity;

/// <summary>HiPrune on given attentions.</summary>
internal sealed class HiPruneCase(string name, CaseFile file) : MethodCase(name, file)
{
    protected override void CompareCase(Comparison c)
    {
        if (Fixture.Args.NeedInts("grid") is not [_, var width])
            throw new BadFixtureException("grid must be [rows, columns]");
        float[] shallow = Fixture.Floats("in.shallow_attention"), deep = Fixture.Floats("in.deep_attention");
        int[] kept = HiPrune.Select(shallow, deep, Fixture.Args.NeedInt("keep"), width, Fixture.Args.NeedNumber("alpha"));
        Kept(c, kept, deep.Length);
    }
}
