using System.Globalization;
using System.Text.Json;
using Aim.Experiments.Statistics;
using Aim.Parity;

namespace Aim.Experiments.Parity;

/// <summary>
/// statistics.json: intervals, tests and percentiles against SciPy, statsmodels and inspect_ai; one case an entry of a block.
/// </summary>
internal sealed class StatisticsKind : IParityKind
{
    private const string KindName = "metrics";

    private static readonly Dictionary<string, Action<Comparison, JsonElement>> _blocks = new(StringComparer.Ordinal)
    {
        ["proportion_intervals"] = ProportionIntervals,
        ["mcnemar"] = Mcnemar,
        ["paired"] = Paired,
        ["multiple_testing"] = MultipleTesting,
        ["percentiles"] = Percentiles,
    };

    public IEnumerable<IParityCase> Find(string directory)
    {
        string path = Path.Combine(directory, "statistics.json");
        return FileOfCases.Find(
            path, KindName,
            file => file.EnumerateObject().Where(b => b.Value.ValueKind != JsonValueKind.String)
                .SelectMany(b => Cases(path, b.Name, b.Value)),
            "statistics");
    }

    private static IEnumerable<IParityCase> Cases(string path, string block, JsonElement items)
    {
        var compare = _blocks.GetValueOrDefault(block, (_, _) => throw new UnsupportedCaseException($"no {block}"));
        return items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray().Select((item, i) => new StatisticsCase($"statistics/{block}/{i}", path, item, compare))
            : [new StatisticsCase($"statistics/{block}", path, items, compare)];
    }

    private static void ProportionIntervals(Comparison c, JsonElement item)
    {
        var (k, n, confidence) = (item.NeedInt("successes"), item.NeedInt("n"), item.NeedNumber("confidence"));
        Interval(c, "wilson", Proportion.Wilson(k, n, confidence), item.NeedNumbers("wilson"));
        Interval(c, "clopper_pearson", Proportion.ClopperPearson(k, n, confidence), item.NeedNumbers("clopper_pearson"));
        LeaveOut(c, item, "successes", "n", "confidence");
    }

    private static void Mcnemar(Comparison c, JsonElement item)
    {
        var (first, second) = (item.NeedInt("only_first_right"), item.NeedInt("only_second_right"));
        Close(c, "exact_p", McNemar.Exact(first, second), item.NeedNumber("exact_p"));
        if (item.Has("mid_p"))
            Close(c, "mid_p", McNemar.MidP(first, second), item.NeedNumber("mid_p"));
        LeaveOut(c, item, "only_first_right", "only_second_right");
    }

    private static void Paired(Comparison c, JsonElement item)
    {
        double[] first = item.NeedNumbers("first"), second = item.NeedNumbers("second");
        var t = item.Need("t_test");
        var paired = PairedComparison.Of(first, second);
        Close(c, "mean_difference", paired.Difference, item.NeedNumber("mean_difference"));
        Close(c, "t_test.se_diff", paired.StandardError, t.NeedNumber("se_diff"));
        Interval(c, "t_test.ci", paired.Interval, [t.NeedNumber("ci_lower"), t.NeedNumber("ci_upper")]);

        // SciPy's own value where it has one: the other column loses digits by computing 1 - CDF.
        bool scipy = item.TryField("scipy_ttest_rel_p", out var p) && p.ValueKind == JsonValueKind.Number;
        Close(c, "scipy_ttest_rel_p", paired.P ?? double.NaN, scipy ? p.GetDouble() : t.NeedNumber("p_value"));
        c.Exact("wins", [paired.Wins], [item.NeedInt("wins")]);
        c.Exact("losses", [paired.Losses], [item.NeedInt("losses")]);
        c.Exact("ties", [paired.Ties], [item.NeedInt("ties")]);
        Close(c, "sign_test_exact_p", paired.McNemarP, item.NeedNumber("sign_test_exact_p"));
        Close(c, "agreement_loyalty", Loyalty.Of(first, second), item.NeedNumber("agreement_loyalty"));
        LeaveOut(c, item, "first", "second", "t_test");
    }

    private static void MultipleTesting(Comparison c, JsonElement item)
    {
        double[] adjusted = Holm.Adjust(item.NeedNumbers("p"));
        double[] expected = item.NeedNumbers("holm");
        if (expected.Length != adjusted.Length)
            throw new BadFixtureException("p and holm differ in length");
        for (int i = 0; i < adjusted.Length; i++)
            Close(c, "holm", adjusted[i], expected[i]);
        LeaveOut(c, item, "p");
    }

    private static void Percentiles(Comparison c, JsonElement item)
    {
        double[] values = item.NeedNumbers("values");
        foreach (var percent in item.Need("linear").EnumerateObject())
        {
            double actual = Percentile.Of(values, double.Parse(percent.Name, CultureInfo.InvariantCulture));
            Close(c, "linear", actual, percent.Value.GetDouble());
        }

        LeaveOut(c, item, "values");
    }

    private static void Interval(Comparison c, string name, Interval interval, double[] expected)
    {
        if (expected.Length != 2)
            throw new BadFixtureException($"{name} must be two numbers");
        Close(c, name, interval.Low, expected[0]);
        Close(c, name, interval.High, expected[1]);
    }

    // The file's tolerance is 1e-9 of the value; values near 0 are held to 1e-12.
    private static void Close(Comparison c, string name, double actual, double expected)
        => c.Close(name, [actual], [expected], new Tolerance(1e-9 * Math.Max(Math.Abs(expected), 1e-3)));

    private static void LeaveOut(Comparison c, JsonElement item, params string[] inputs)
    {
        foreach (var field in item.EnumerateObject())
        {
            if (!inputs.Contains(field.Name) && !c.Names.Contains(field.Name))
                c.LeaveOut(field.Name);
        }
    }

    private sealed class StatisticsCase(string name, string file, JsonElement item, Action<Comparison, JsonElement> compare)
        : ParityCase(KindName, name, file)
    {
        protected override void Compare(Comparison comparison) => compare(comparison, item);
    }
}
