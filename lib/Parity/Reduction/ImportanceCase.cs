using Aim.Reduction;

namespace Aim.Parity;

/// <summary>Page Rank importance of given attention logits, and which tokens it keeps at given rates.</summary>
internal sealed class ImportanceCase(string name, CaseFile file) : ReductionCase("importance", name, file)
{
    protected override void CompareCase(Comparison c)
    {
        var args = Fixture.Args;
        int n = args.NeedInt("n"), heads = args.NeedInt("n_heads");
        Limits.Check("iterations", args.NeedInt("iterations"), Limits.Iterations);
        int[] boundaries = args.NeedInts("boundaries");
        bool[] alive = [.. Fixture.Integers("in.alive").Select(a => a != 0)];

        // The case gives logits; queries that are their rows and keys that are the unit vectors have them as scaled products.
        var query = Fixture.Tensor("in.logits");
        if (!query.shape.SequenceEqual([1, heads, n, n]) || alive.Length != n || boundaries.Length != 3)
            throw new BadFixtureException("logits, alive and boundaries do not fit n and n_heads");
        var key = eye(n).expand(1, heads, n, n).contiguous();
        var mask = new AttentionMask(Fixture.Inputs.NeedBool("causal"), null, tensor(alive, [1, n]));
        float[] importance = FusedOps.importance(
            query, key, mask, 1.0, args.NeedNumber("tau"), args.NeedInt("iterations"), args.NeedNumber("damping")).Values();
        c.Close("importance", importance, Fixture.Floats($"out.{Sane("importance")}importance"), ToleranceOf());

        int first = boundaries[0], end = boundaries[1], text = first + n - end;
        int[] live = [.. Enumerable.Range(first, end - first).Where(i => alive[i])];
        foreach (var rate in args.NeedArray("rates").EnumerateArray())
        {
            int keep = Math.Min(PruneSchedule.KeptAt(rate.GetDouble(), end - first, text), live.Length);
            var kept = PageRankPruner.Top([.. live.Select(i => importance[i])], keep).Select(i => live[i]).ToHashSet();
            string entry = $"keep.{rate.GetRawText()}";
            bool[] actual = [.. Enumerable.Range(0, n).Select(i => i >= first && i < end ? kept.Contains(i) : alive[i])];
            bool[] expected = [.. Fixture.Integers($"out.{Sane(entry)}{entry}").Select(k => k != 0)];
            if (Ties && !actual.SequenceEqual(expected) && SameScores(actual, expected, importance))
            {
                // Upstream's vector sort is not stable; ours keeps index order among equals, on every machine.
                c.Note($"{entry}: of exactly equal scores the first are kept, upstream kept others");
                continue;
            }

            c.Exact(entry, actual.Select(k => k ? 1 : 0), expected.Select(k => k ? 1 : 0));
        }
    }

    private static bool SameScores(bool[] actual, bool[] expected, float[] scores)
        => actual.Length == expected.Length
            && scores.Where((_, i) => actual[i]).Order().SequenceEqual(scores.Where((_, i) => expected[i]).Order());
}
