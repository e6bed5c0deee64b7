using System.Text.Json;
using Aim.Reduction;

namespace Aim.Parity;

/// <summary>
/// DyCoke's second stage: which cached tokens the upper layers see in each decoding step, of given attention rows.
/// </summary>
internal sealed class DyCokeDecodeCase(string name, CaseFile file) : ReductionCase("method", name, file)
{
    protected override void CompareCase(Comparison c)
    {
        var args = Fixture.Args;
        int first = args.NeedInt("b0"), visual = args.NeedInt("n_visual"), prompt = args.NeedInt("prompt");
        var rows = Fixture.Tensor("in.attention_last_row");
        if (first < 0 || visual < 0 || first + visual > prompt || rows.shape is not [var steps, _, var width]
            || width < first + visual)
        {
            throw new BadFixtureException("attention_last_row does not fit b0, n_visual and prompt");
        }

        Limits.Check("the number of steps", steps, Limits.Steps);
        var pruner = new DyCokeDecoding(args.NeedInt("layer"), args.NeedNumber("p"), args.NeedNumber("similarity_threshold"));
        c.Exact("kept_visual", [pruner.Kept(visual)], [args.NeedInt("kept_visual")]);
        var expected = Fixture.Expected.NeedArray("keep_per_step").EnumerateArray().ToArray();
        if (expected.Length != steps)
            throw new BadFixtureException("keep_per_step must have one entry a step");
        var similarity = new List<double>();
        for (int t = 0; t < steps; t++)
        {
            float[] attention = rows.select(0, t).mean([0L]).narrow(0, first, visual).Values();
            int[]? visible = pruner.Visible([attention])[0];
            similarity.Add(pruner.Similarity[0]);
            bool all = expected[t].ValueKind == JsonValueKind.Null;
            c.Holds(all == visible is null, $"step {t}: {(all ? "nothing" : "something")} is hidden upstream");
            if (all || visible is null)
                continue;
            var seen = Enumerable.Range(0, first).Concat(visible.Select(i => first + i))
                .Concat(Enumerable.Range(first + visual, prompt + t + 1 - first - visual));
            c.Exact($"keep_per_step.{t}", seen, expected[t].EnumerateArray().Select(e => e.GetInt32()));
        }

        c.Close("similarity", [.. similarity], Fixture.Expected.NeedNumbers("similarity"), ToleranceOf());
    }
}
