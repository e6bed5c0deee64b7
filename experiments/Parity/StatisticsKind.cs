using System.Globalization;
using System.Text.Json;
using Aim.Experiments.Statistics;
using Aim.Parity;
using MathNet.Numerics;
using Distributions = MathNet.Numerics.Distributions;

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
        ["binomial_test"] = Binomial,
        ["standard_errors"] = Errors,
        ["pooled_stderr"] = Pooled,
        ["rank_correlation"] = RankCorrelation,
        ["agreement"] = Agreement,
        ["repeated_samples"] = Repeated,
        ["power_analysis"] = Power,
        ["quantiles"] = Quantiles,
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

    private static void Binomial(Comparison c, JsonElement item)
    {
        var (k, n, chance) = (item.NeedInt("successes"), item.NeedInt("n"), item.NeedNumber("p"));
        Close(c, "two_sided", BinomialTest.TwoSided(k, n, chance), item.NeedNumber("two_sided"));
        Close(c, "less", BinomialTest.Less(k, n, chance), item.NeedNumber("less"));
        Close(c, "greater", BinomialTest.Greater(k, n, chance), item.NeedNumber("greater"));
    }

    private static void Errors(Comparison c, JsonElement item)
    {
        double[] scores = item.NeedNumbers("scores");
        int[] clusters = item.NeedInts("clusters");
        Close(c, "mean", MeanOf.Values(scores).Mean, item.NeedNumber("mean"));
        Close(c, "stderr", StandardErrors.Independent(scores), item.NeedNumber("stderr"));
        double uncorrected = StandardErrors.ClusteredWithoutCorrection(scores, clusters);
        Close(c, "clustered_stderr_lmms_eval", uncorrected, item.NeedNumber("clustered_stderr_lmms_eval"));
        double clustered = StandardErrors.Clustered(scores, clusters);
        Close(c, "clustered_stderr_inspect_ai", clustered, item.NeedNumber("clustered_stderr_inspect_ai"));
        Bounds("ci95_t_inspect_ai", () => StandardErrors.T(scores));
        Bounds("ci95_t_clustered_inspect_ai", () => StandardErrors.T(scores, clusters));
        Bounds("ci95_wilson_inspect_ai", () => Proportion.Wilson((long)scores.Sum(), scores.Length));
        Bounds("ci95_wilson_clustered_inspect_ai", () => StandardErrors.Wilson(scores, clusters));

        void Bounds(string field, Func<Interval> actual)
        {
            if (item.TryField(field, out var expected))
                Interval(c, field, actual(), [expected.NeedNumber("lower"), expected.NeedNumber("upper")]);
        }
    }

    private static void Pooled(Comparison c, JsonElement item)
    {
        double pooled = StandardErrors.Pooled(item.NeedNumbers("stderrs"), item.NeedInts("sizes"));
        Close(c, "lmms_eval_pooled", pooled, item.NeedNumber("lmms_eval_pooled"));
    }

    private static void RankCorrelation(Comparison c, JsonElement item)
    {
        double[] x = item.NeedNumbers("x"), y = item.NeedNumbers("y");
        Close(c, "spearman", Correlation.Spearman(x, y), item.NeedNumber("spearman"));
        Close(c, "kendall_tau_b", Correlation.KendallTauB(x, y), item.NeedNumber("kendall_tau_b"));
        Close(c, "pearson", Correlation.Pearson(x, y), item.NeedNumber("pearson"));
    }

    private static void Agreement(Comparison c, JsonElement item)
    {
        double kappa = Correlation.CohenKappa(item.NeedInts("a"), item.NeedInts("b"));
        Close(c, "cohen_kappa", kappa, item.NeedNumber("cohen_kappa"));
    }

    private static void Repeated(Comparison c, JsonElement item)
    {
        int[][] scores = item.NeedArray("scores").Deserialize<int[][]>() ?? [];
        var repeated = RepeatedSamples.Of(scores);
        Close(c, "expected_accuracy", repeated.ExpectedAccuracy, item.NeedNumber("expected_accuracy"));
        Close(c, "consensus_accuracy", repeated.ConsensusAccuracy, item.NeedNumber("consensus_accuracy"));
        Close(c, "internal_variance", repeated.InternalVariance, item.NeedNumber("internal_variance"));
        Close(c, "consistency_rate", repeated.ConsistencyRate, item.NeedNumber("consistency_rate"));
    }

    private static void Power(Comparison c, JsonElement item)
    {
        var power = new PairedPower(
            item.NeedNumber("std_a"), item.NeedNumber("std_b"), item.NeedNumber("correlation"), item.NeedNumber("alpha"),
            item.NeedNumber("power"));
        double difference = item.NeedNumber("effect_size");
        Close(c, "min_n", power.Questions(difference), item.NeedNumber("min_n"));
        if (!item.Has("current_n"))
            return;

        // Upstream rounds these to four digits.
        var rounded = new Tolerance(0.50001e-4);
        int questions = (int)item.NeedNumber("current_n");
        c.Close("current_power", [power.Power(difference, questions)], [item.NeedNumber("current_power")], rounded);
        c.Close("min_detectable_effect", [power.Difference(questions)], [item.NeedNumber("min_detectable_effect")], rounded);
    }

    // The distributions that the statistics above stand on.
    private static void Quantiles(Comparison c, JsonElement item)
    {
        Each("normal", "z", q => Distributions.Normal.InvCDF(0, 1, q.NeedNumber("p")));
        Each("student_t", "t", q => Distributions.StudentT.InvCDF(0, 1, q.NeedNumber("df"), q.NeedNumber("p")));
        Each("t_two_sided_p", "p", q => 2 * Distributions.StudentT.CDF(0, 1, q.NeedNumber("df"), -Math.Abs(q.NeedNumber("t"))));
        Each("beta", "x", q => Distributions.Beta.InvCDF(q.NeedNumber("a"), q.NeedNumber("b"), q.NeedNumber("p")));
        Each("chi2_sf_df1", "p", q => SpecialFunctions.Erfc(Math.Sqrt(q.NeedNumber("x") / 2)));

        void Each(string list, string field, Func<JsonElement, double> actual)
        {
            foreach (var q in item.NeedArray(list).EnumerateArray())
                Close(c, list, actual(q), q.NeedNumber(field));
        }
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
