using Aim.Models;
using Aim.Reduction;

namespace Aim.Parity;

/// <summary>PyramidDrop inside a tiny decoder.</summary>
internal sealed class PDropCase(string name, CaseFile file) : InsideCase(name, file)
{
    private int[] Stages => Fixture.Args.NeedInts("layer_list");

    protected override ITokenPruner Pruner
    {
        get
        {
            double[] ratios = Fixture.Args.NeedNumbers("ratios");
            return ratios.Length == Stages.Length && Stages.All(s => s >= 1)
                ? new PDropPruner(Stages, ratios)
                : throw new BadFixtureException("layer_list and ratios must be of one length, layers counted from 1");
        }
    }

    protected override void CompareChoice(Comparison c, PrefillResult prefill, PromptLayout layout, IReadOnlyList<float[]> looked)
    {
        int first = layout.VisualSlots.DefaultIfEmpty(0).First();
        for (int i = 1; i <= Stages.Length; i++)
        {
            var visual = prefill.Alive[Stages[i - 1] - 1][0].Where(s => layout.IsVisual[s]).Select(s => (long)(s - first));
            c.Exact($"keep_visual.{i}", visual, Fixture.Integers($"out.keep_visual.{i}"));
            if (looked.Count == Stages.Length && Fixture.Expects($"score.{i}"))
                c.Close($"score.{i}", looked[i - 1], Fixture.Floats($"out.score.{i}"), ToleranceOf("hidden"));
        }
    }
}
