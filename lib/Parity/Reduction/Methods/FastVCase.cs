using Aim.Models;
using Aim.Reduction;

namespace Aim.Parity;

/// <summary>FastV inside a tiny decoder.</summary>
internal sealed class FastVCase(string name, CaseFile file) : InsideCase(name, file)
{
    protected override ITokenPruner Pruner
    {
        get
        {
            int k = Fixture.Args.NeedInt("K"), keep = Fixture.Args.NeedInt("keep");
            return k >= 1
                ? new FastVPruner(k, visual => Math.Min(keep, visual))
                : throw new BadFixtureException("K must be 1 or more");
        }
    }

    protected override void CompareChoice(Comparison c, PrefillResult prefill, PromptLayout layout, IReadOnlyList<float[]> looked)
    {
        int[] alive = prefill.Alive[Fixture.Args.NeedInt("K") - 1][0];
        c.Exact("keep_positions", alive.Select(s => (long)s), Fixture.Integers("out.keep_positions"));
        c.Exact("n_after", [alive.Length], [Fixture.Expected.NeedInt("n_after")]);
        if (looked.Count == 1)
            c.Close("score", looked[0], Fixture.Floats("out.score"), ToleranceOf("hidden"));
    }
}
