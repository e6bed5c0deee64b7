using Aim.Reduction;

namespace Aim.Parity;

/// <summary>One stage of SparseVLM, on given hidden states and attention probabilities.</summary>
internal sealed class SparseVlmCase(string name, CaseFile file) : ReductionCase("method", name, file)
{
    protected override void CompareCase(Comparison c)
    {
        var args = Fixture.Args;
        int first = args.NeedInt("b0"), visual = args.NeedInt("n_visual"), text = args.NeedInt("n_text");
        int n = first + visual + text;
        Limits.Check("the number of similarities", (long)n * n, Limits.Similarities);
        if (args.NeedNumber("recycle_fraction") != 0.3)
            throw new UnsupportedCaseException("another share of dropped tokens is recycled than the official code's");
        var (hidden, attention) = (Fixture.Tensor("in.hidden"), Fixture.Tensor("in.attention"));
        bool fits = hidden.shape is [var rows, _] && rows == n && attention.shape is [_, var r, var k] && r == n && k == n;
        if (first < 0 || visual < 2 || text < 1 || !fits)
            throw new BadFixtureException("hidden and attention do not fit b0, n_visual and n_text");
        int[] raters = SparseVlmStage.Raters(hidden.narrow(0, first, visual), hidden.narrow(0, first + visual, text));
        c.Exact("text_raters", raters.Select(i => (long)i), Fixture.Integers("out.text_raters"));

        var looking = tensor(raters.Select(i => (long)(first + visual + i)).ToArray());
        float[] relevance = attention.mean([0L]).index_select(0, looking).mean([0L]).narrow(0, first, visual).Values();
        c.Close("relevance", relevance, Fixture.Floats("out.relevance"), ToleranceOf());
        int[] kept = PageRankPruner.Top(relevance, Math.Min(args.NeedInt("keep"), visual - 1));
        c.Exact("indices", kept.Select(i => (long)i), Fixture.Integers("out.indices"));
        c.Exact(
            "keep_mask", Enumerable.Range(0, visual).Select(i => kept.Contains(i) ? 1L : 0), Fixture.Integers("out.keep_mask"));

        int[] recycled = SparseVlmStage.Recycled(relevance, kept);
        c.Exact("recycled_indices", recycled.Select(i => (long)i), Fixture.Integers("out.recycled_indices"));
        int clusters = SparseVlmStage.Clusters(visual - kept.Length);
        c.Exact("clusters", [clusters], [args.NeedInt("clusters")]);
        Tensor Rows(IEnumerable<int> at) => hidden.index_select(0, tensor(at.Select(i => (long)(first + i)).ToArray()));
        var merged = SparseVlmStage.Means(Rows(recycled), clusters);
        c.Close("merged", merged.Values(), Fixture.Floats("out.merged"), ToleranceOf());
        c.Exact("count", [kept.Length + clusters], [Fixture.Expected.NeedInt("count")]);
        var sequence = cat([hidden.narrow(0, 0, first), Rows(kept), merged, hidden.narrow(0, first + visual, text)], 0);
        c.Close("sequence", sequence.Values(), Fixture.Floats("out.sequence"), ToleranceOf());
    }
}
