using Aim.Models;
using Aim.Reduction;

namespace Aim.Parity;

/// <summary>VTW inside a tiny decoder, positions kept or counted anew.</summary>
internal sealed class VtwCase(string name, CaseFile file) : InsideCase(name, file)
{
    private bool Reset => Fixture.Args.NeedText("positions") switch
    {
        "keep" => false,
        "reset" => true,
        var other => throw new UnsupportedCaseException($"no way to number positions called {other}"),
    };

    protected override ITokenPruner Pruner => new VtwPruner(Fixture.Args.NeedInt("K"), Reset);

    protected override void CompareChoice(Comparison c, PrefillResult prefill, PromptLayout layout, IReadOnlyList<float[]> looked)
    {
        int k = Fixture.Args.NeedInt("K");
        if (k < 1 || k >= prefill.Alive.Length)
            throw new BadFixtureException("K must be a layer behind the first");
        int[] alive = prefill.Alive[k - 1][0];
        var positions = Reset ? Enumerable.Range(0, alive.Length) : alive;
        c.Exact("positions_from_K", positions.Select(p => (long)p), Fixture.Integers("out.positions_from_K"));
    }
}
