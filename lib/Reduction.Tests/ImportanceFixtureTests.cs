using Aim.Models.Tests;

namespace Aim.Reduction.Tests;

/// <summary>Page Rank importance and the selection rule against the reference (fixtures/reduction/importance).</summary>
public class ImportanceFixtureTests
{
    private static IEnumerable<string> Cases => FixtureCase.Names("importance");

    [TestCaseSource(nameof(Cases))]
    public void MatchesTheReference(string name)
    {
        using var scope = NewDisposeScope();
        using var fixture = new FixtureCase("importance", name);
        var args = fixture.Args;
        int n = args.GetProperty("n").GetInt32(), heads = args.GetProperty("n_heads").GetInt32();
        int[] boundaries = FixtureCase.Ints(args.GetProperty("boundaries"));
        bool[] alive = [.. fixture.Integers("in.alive").Select(a => a != 0)];

        // The case gives logits; queries that are their rows and keys that are the unit vectors have them as scaled products.
        var query = fixture.Tensor("in.logits");
        var key = eye(n).expand(1, heads, n, n).contiguous();
        var mask = new AttentionMask(fixture.Inputs.GetProperty("causal").GetBoolean(), null, tensor(alive, [1, n]));
        float[] importance = FusedOps.importance(
            query, key, mask, 1.0, args.GetProperty("tau").GetDouble(), args.GetProperty("iterations").GetInt32(),
            args.GetProperty("damping").GetDouble()).Values();
        string sane = fixture.Has("sane.importance") ? "sane." : "";
        Close.To(importance, fixture.Floats($"out.{sane}importance"), fixture.Tolerance(), "importance");

        int text = boundaries[0] + n - boundaries[1];
        int[] live = [.. Enumerable.Range(boundaries[0], boundaries[1] - boundaries[0]).Where(i => alive[i])];
        foreach (var rate in args.GetProperty("rates").EnumerateArray())
        {
            int keep = Math.Min(PruneSchedule.KeptAt(rate.GetDouble(), boundaries[1] - boundaries[0], text), live.Length);
            var kept = PageRankPruner.Top([.. live.Select(i => importance[i])], keep).Select(i => live[i]).ToHashSet();
            // Twelve exactly equal scores (no iteration at all): upstream's unstable vector sort drops slots 3 and 14 first. Ours keeps index
            // order among equals, on every machine.
            var expected = name == "n18-h2-param4"
                ? [.. Enumerable.Range(0, n).Select(i => i < boundaries[0] + keep || i >= boundaries[1] ? 1L : 0L)]
                : fixture.Integers($"out.{sane}keep.{rate.GetRawText()}");
            var actual = Enumerable.Range(0, n).Select(i => i >= boundaries[0] && i < boundaries[1] ? kept.Contains(i) : alive[i]);
            Assert.That(actual, Is.EqualTo(expected.Select(k => k != 0)), $"keep at {rate}");
        }
    }
}
