using Aim.Models.Tests;

namespace Aim.Reduction.Tests;

/// <summary>AIM's merging against what the reference program computed (fixtures/reduction/merge).</summary>
public class MergeFixtureTests
{
    private static IEnumerable<string> Cases => FixtureCase.Names("merge");

    [TestCaseSource(nameof(Cases))]
    public void MatchesTheReference(string name)
    {
        using var scope = NewDisposeScope();
        using var fixture = new FixtureCase("merge", name);
        int[] steps = FixtureCase.Ints(fixture.Args.GetProperty("r"));
        bool byKeys = fixture.Args.GetProperty("metric").GetString() == "keys";
        var merger = new AimMerger(tokens => RetentionPlan.FromSteps(tokens, steps));
        Tensor tokens = fixture.Inputs.TryGetProperty("features", out _) ? Pool(fixture) : fixture.Tensor("in.tokens");
        int frames = (int)tokens.shape[0], count = (int)tokens.shape[1];
        var result = merger.Merge(tokens, byKeys ? fixture.Tensor("in.keys") : null);

        // Where upstream misbehaves (nothing to merge, zero vectors), sane.* says what is right instead.
        string sane = fixture.Has("sane.final") ? "sane." : "";
        Close.To(result.Tokens.Values(), fixture.Floats($"out.{sane}final"), fixture.Tolerance(), "final");
        int[] counts = [.. fixture.Ints("counts").SkipWhile(c => c != count)];
        Assert.That(merger.Kept(count), Is.EqualTo(counts[^1]));
        if (byKeys)
            Close.To(result.Metric!.Values(), fixture.Floats("out.keys.final"), fixture.Tolerance(), "keys");
        if (name != "aim-pool-27") // which lists the ends only
            Assert.That(result.Steps.Select(s => s.Kept), Is.EqualTo(counts[1..]));
        for (int i = 1; i <= result.Steps.Count; i++)
        {
            if (!fixture.Has($"{sane}assign.{i}"))
                continue;
            var step = result.Steps[i - 1];
            Assert.That(PerFrame(frames, step.Assign), Is.EqualTo(fixture.Integers($"out.{sane}assign.{i}")), $"assign.{i}");
            Assert.That(PerFrame(frames, step.Sizes), Is.EqualTo(fixture.Integers($"out.{sane}size.{i}")), $"size.{i}");
        }

        if (!fixture.Has("composite.assign"))
            return;
        var composite = Enumerable.Range(0, frames).Select(f => result.Composite(f, count)).ToArray();
        Assert.That(composite.SelectMany(c => c.Assign), Is.EqualTo(fixture.Integers("out.composite.assign")));
        Close.To(composite.SelectMany(c => c.Weight).ToArray(), fixture.Floats("out.composite.weight"), fixture.Tolerance(), "weight");
    }

    [TestCaseSource(nameof(Cases))]
    public void IterationsMatchOneByOne(string name)
    {
        using var scope = NewDisposeScope();
        using var fixture = new FixtureCase("merge", name);
        if (!fixture.Has("tokens.1"))
            Assert.Pass("the case gives no intermediate tokens");
        int[] steps = FixtureCase.Ints(fixture.Args.GetProperty("r"));
        var x = fixture.Tensor("in.tokens");
        var metric = fixture.Args.GetProperty("metric").GetString() == "keys" ? fixture.Tensor("in.keys") : null;
        for (int i = 1; i <= steps.Length; i++)
        {
            var step = MergeStep.Match(metric ?? x, steps[i - 1]);
            (x, metric) = (step.Apply(x), metric is null ? null : step.Apply(metric));
            Close.To(x.Values(), fixture.Floats($"out.tokens.{i}"), fixture.Tolerance(), $"tokens.{i}");
        }
    }

    private static Tensor Pool(FixtureCase fixture)
    {
        var pooled = Pooling.Bilinear(fixture.Tensor("in.features"));
        Close.To(pooled.Values(), fixture.Floats("out.pooled"), fixture.Tolerance(), "pooled");
        return pooled;
    }

    private static IEnumerable<long> PerFrame(int frames, Func<int, int[]> values)
        => Enumerable.Range(0, frames).SelectMany(f => values(f)).Select(v => (long)v);
}
