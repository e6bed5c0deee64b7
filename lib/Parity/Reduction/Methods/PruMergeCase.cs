using Aim.Reduction;

namespace Aim.Parity;

/// <summary>
/// PruMerge and PruMerge+, adaptive and with the fixed ratio, by the class token's query or by the mean of all queries.
/// </summary>
internal sealed class PruMergeCase(string name, CaseFile file) : MethodCase(name, file)
{
    protected override void CompareCase(Comparison c)
    {
        var args = Fixture.Args;
        bool classToken = Fixture.Inputs.Has("query_cls");
        var query = classToken ? Fixture.Tensor("in.query_cls") : Matrix("in.queries").mean([0L]);
        var keys = Matrix("in.keys");
        float[] attention = VisualAttention.OfOneQuery(query, keys, classToken);
        c.Close("cls_attention", attention, Fixture.Floats("out.cls_attention"), ToleranceOf());
        var settings = new PruMergeSettings
        {
            Plus = args.TryField("plus", out _) && args.NeedBool("plus"),
            Ratio = args.NeedBool("adaptive") ? null : PruMerge.FixedRatio,
            Neighbours = args.NeedInt("k_neighbours"),
            SampleStop = args.TryField("sample_stop_exclusive", out _) ? args.NeedInt("sample_stop_exclusive") : null,
        };
        var patches = classToken ? keys.slice(0, 1, keys.shape[0], 1) : keys;
        var result = PruMerge.Reduce(attention, patches, settings);
        if (Fixture.Expects("upper_bound"))
        {
            double[] bound = [Fixture.Expected.NeedNumber("upper_bound")];
            c.Close("upper_bound", [result.UpperBound], bound, ToleranceOf());
        }

        Indices(c, "top_indices", result.Top);
        Count(c, "n_top", result.Top.Length);
        Count(c, "count", result.Mixture.Rows.Count);
        if (PruMerge.Count(attention.Length, settings) is { } count)
            c.Holds(result.Mixture.Rows.Count == count, "the count foretold is another one");
        long[] chosen = Fixture.Integers("out.indices");
        if (chosen.Distinct().Count() < chosen.Length)
        {
            c.LeaveOut("indices and features (upstream takes some patches twice, ours takes the next free ones)");
            return;
        }

        c.Exact("indices", Longs(result.Chosen), chosen);
        Close(c, "features", result.Mixture.Apply(Fixture.Tensor("in.features")));
    }
}
