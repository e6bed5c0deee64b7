using Aim.Models;
using Aim.Reduction;

namespace Aim.Parity;

/// <summary>
/// AIM's merging: video, images (by keys, in lock-step), Qwen2-VL, ties and zero vectors, step by step and as a whole.
/// </summary>
internal sealed class MergeCase(string name, CaseFile file) : ReductionCase("merge", name, file)
{
    protected override void CompareCase(Comparison c)
    {
        var tolerance = ToleranceOf();
        c.Informative = Fixture.Root.Need("tolerance").TextOrNull("integers") == "informative"
            || Name.StartsWith("float16-", StringComparison.Ordinal);
        int[] steps = Fixture.Args.NeedInts("r");
        bool byKeys = Fixture.Args.NeedText("metric") == "keys";
        var merger = new AimMerger(tokens => RetentionPlan.FromSteps(tokens, steps));
        Tensor tokens;
        if (Fixture.Inputs.Has("features"))
        {
            tokens = FramePooling.Pool(Fixture.Tensor("in.features"));
            c.Close("pooled", tokens.Values(), Fixture.Floats("out.pooled"), tolerance);
        }
        else
        {
            tokens = Fixture.Tensor("in.tokens");
        }

        if (tokens.shape is not [var n, var t, _])
            throw new BadFixtureException($"tokens must be [frames, tokens, dim], not [{string.Join(", ", tokens.shape)}]");
        Limits.Check("the number of similarities", n * t * t / 4, Limits.Similarities);
        var (frames, count) = ((int)n, (int)t);
        var result = merger.Merge(tokens, byKeys ? Fixture.Tensor("in.keys") : null);
        c.Close("final", result.Tokens.Values(), Fixture.Floats($"out.{Sane("final")}final"), tolerance);
        if (byKeys)
            c.Close("keys.final", result.Metric!.Values(), Fixture.Floats("out.keys.final"), tolerance);
        Counts(c, count, merger.Kept(count), [.. result.Steps.Select(s => s.Kept)]);
        for (int i = 1; i <= result.Steps.Count; i++)
        {
            string sane = Sane($"assign.{i}");
            if (!Fixture.Expects($"{sane}assign.{i}"))
                continue;
            var step = result.Steps[i - 1];
            c.Exact($"assign.{i}", PerFrame(frames, step.Assign), Fixture.Integers($"out.{sane}assign.{i}"));
            c.Exact($"size.{i}", PerFrame(frames, step.Sizes), Fixture.Integers($"out.{sane}size.{i}"));
        }

        if (Fixture.Expects("composite.assign"))
        {
            var composite = Enumerable.Range(0, frames).Select(f => result.Composite(f, count)).ToArray();
            var assign = composite.SelectMany(x => x.Assign).Select(a => (long)a);
            c.Exact("composite.assign", assign, Fixture.Integers("out.composite.assign"));
            float[] weights = [.. composite.SelectMany(x => x.Weight)];
            c.Close("composite.weight", weights, Fixture.Floats("out.composite.weight"), tolerance);
        }

        OneByOne(c, tokens, byKeys ? Fixture.Tensor("in.keys") : null, steps, tolerance);
    }

    // A case lists the counts from its own first one on (before pooling, perhaps), after every iteration or at the ends only.
    private void Counts(Comparison c, int count, int kept, int[] after)
    {
        int[] expected = [.. Fixture.Expected.NeedInts("counts").SkipWhile(n => n != count)];
        c.Holds(expected.Length > 0, $"counts do not hold the {count} tokens that are merged");
        if (expected.Length == 0)
            return;
        int[] actual = expected.Length == after.Length + 1 ? [count, .. after] : expected.Length == 1 ? [kept] : [count, kept];
        c.Exact("counts", actual, expected);
    }

    private void OneByOne(Comparison c, Tensor x, Tensor? metric, int[] steps, Tolerance tolerance)
    {
        for (int i = 1; i <= steps.Length && Fixture.Expects($"tokens.{i}"); i++)
        {
            var step = MergeStep.Match(metric ?? x, steps[i - 1]);
            (x, metric) = (step.Apply(x), metric is null ? null : step.Apply(metric));
            c.Close($"tokens.{i}", x.Values(), Fixture.Floats($"out.tokens.{i}"), tolerance);
        }
    }

    private static IEnumerable<long> PerFrame(int frames, Func<int, int[]> values)
        => Enumerable.Range(0, frames).SelectMany(f => values(f)).Select(v => (long)v);
}
