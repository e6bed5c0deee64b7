using System.Text.Json;
using Aim.Experiments.Statistics;

namespace Aim.Experiments.Tests.Statistics;

/// <summary>Against values computed by SciPy and statsmodels (Fixtures/metrics/statistics.json).</summary>
public class StatisticsFixtureTests
{
    private static readonly JsonElement Fixture = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "metrics", "statistics.json"))).RootElement;

    private static IEnumerable<TestCaseData> Cases(string block) =>
        Fixture.GetProperty(block).EnumerateArray().Select((c, i) => new TestCaseData(c).SetName($"{{m}}({block} {i})"));

    [TestCaseSource(nameof(Cases), ["proportion_intervals"])]
    public void Proportion_intervals(JsonElement c)
    {
        var (k, n, confidence) = (c.GetProperty("successes").GetInt64(), c.GetProperty("n").GetInt64(), c.GetProperty("confidence").GetDouble());

        AssertInterval(Proportion.Wilson(k, n, confidence), c.GetProperty("wilson"));
        AssertInterval(Proportion.ClopperPearson(k, n, confidence), c.GetProperty("clopper_pearson"));
    }

    [TestCaseSource(nameof(Cases), ["mcnemar"])]
    public void Mcnemar_p(JsonElement c)
    {
        var (b, d) = (c.GetProperty("only_first_right").GetInt32(), c.GetProperty("only_second_right").GetInt32());

        AssertClose(McNemar.Exact(b, d), c.GetProperty("exact_p").GetDouble());
        Assert.That(McNemar.Exact(d, b), Is.EqualTo(McNemar.Exact(b, d)), "two-sided");
        if (c.TryGetProperty("mid_p", out var mid))
            AssertClose(McNemar.MidP(b, d), mid.GetDouble());
    }

    [TestCaseSource(nameof(Cases), ["paired"])]
    public void Paired_comparison(JsonElement c)
    {
        var first = c.GetProperty("first").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        var second = c.GetProperty("second").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        var t = c.GetProperty("t_test");

        var paired = PairedComparison.Of(first, second);

        AssertClose(paired.Difference, c.GetProperty("mean_difference").GetDouble());
        AssertClose(paired.StandardError, t.GetProperty("se_diff").GetDouble());
        AssertClose(paired.Interval.Low, t.GetProperty("ci_lower").GetDouble());
        AssertClose(paired.Interval.High, t.GetProperty("ci_upper").GetDouble());
        // SciPy's own value where it has one: the other column loses digits by computing 1 - CDF
        AssertClose(paired.P!.Value, c.GetProperty("scipy_ttest_rel_p") is { ValueKind: JsonValueKind.Number } p ? p.GetDouble() : t.GetProperty("p_value").GetDouble());
        Assert.That((paired.Wins, paired.Losses, paired.Ties), Is.EqualTo((Int(c, "wins"), Int(c, "losses"), Int(c, "ties"))));
        AssertClose(paired.McNemarP, c.GetProperty("sign_test_exact_p").GetDouble());
        Assert.That(PairedComparison.Of(first.Select(s => s == 1).ToArray(), second.Select(s => s == 1).ToArray()), Is.EqualTo(paired));
        AssertClose(Loyalty.Of(first, second), c.GetProperty("agreement_loyalty").GetDouble());
    }

    [TestCaseSource(nameof(Cases), ["percentiles"])]
    public void Percentiles(JsonElement c)
    {
        var values = c.GetProperty("values").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        foreach (var p in c.GetProperty("linear").EnumerateObject())
            AssertClose(Percentile.Of(values, double.Parse(p.Name, System.Globalization.CultureInfo.InvariantCulture)), p.Value.GetDouble());
        Assert.That(Percentile.Median(values), Is.EqualTo(Percentile.Of(values, 50)));
    }

    private static int Int(JsonElement c, string name) => c.GetProperty(name).GetInt32();

    private static void AssertInterval(Interval interval, JsonElement expected)
    {
        AssertClose(interval.Low, expected[0].GetDouble());
        AssertClose(interval.High, expected[1].GetDouble());
    }

    private static void AssertClose(double actual, double expected) =>
        Assert.That(actual, Is.EqualTo(expected).Within(1e-9 * Math.Max(Math.Abs(expected), 1e-3)));
}
