using System.Globalization;

namespace Aim.Reports;

/// <summary>
/// Numbers as the report prints them: the invariant culture, a real minus sign, and no more digits than are known.
/// </summary>
public static class Format
{
    /// <summary>What stands where nothing was measured.</summary>
    public const string NotMeasured = "not measured";

    /// <summary>What stands in a verdict's place where a run was cut short on purpose.</summary>
    public const string NoVerdict = "Limited run: not a verdict";

    /// <summary>What stands where a fact was not recorded.</summary>
    public const string NotRecorded = "not recorded";

    /// <summary>The minus sign of all of these.</summary>
    public const char Minus = '\u2212';

    /// <summary>1000 -> 1,000.</summary>
    public static string Count(double value) => Signed(value.ToString("#,0", CultureInfo.InvariantCulture));

    /// <summary>1 thread, 2 threads.</summary>
    public static string Count(int value, string noun) => $"{Count(value)} {noun}{(value == 1 ? "" : "s")}";

    /// <summary>0.8412 -> 84.1%.</summary>
    public static string Percent(double fraction, int decimals = 1) => Number(fraction * 100, decimals) + "%";

    /// <summary>A difference of fractions in percentage points, with its sign: -0.0042 -> −0.4.</summary>
    public static string Points(double difference, int decimals = 1)
    {
        var text = Number(difference * 100, decimals);
        return difference > 0 && text.Any(c => c is >= '1' and <= '9') ? "+" + text : text;
    }

    /// <summary>0.0312 -> 0.031; 0.0004 -> &lt;0.001.</summary>
    public static string P(double p) => p < 0.001 ? "<0.001" : Number(p, 3);

    /// <summary>6.4159 -> 6.4×.</summary>
    public static string Ratio(double ratio) => Number(ratio, ratio >= 100 ? 0 : ratio >= 10 ? 1 : 2) + "×";

    /// <summary>Three digits with an SI prefix: 1.234e9 -> 1.23 G.</summary>
    public static string Si(double value)
    {
        (double Unit, string Prefix)[] units = [(1e15, " P"), (1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")];
        foreach (var (unit, prefix) in units)
        {
            if (value >= unit * 0.9995)
                return Digits(value / unit) + prefix;
        }

        return Digits(value) + " ";
    }

    /// <summary>A time in the unit that suits it.</summary>
    public static string Time(double seconds) => seconds switch
    {
        < 1e-3 => Digits(seconds * 1e6) + " µs",
        < 1 => Digits(seconds * 1e3) + " ms",
        < 120 => Digits(seconds) + " s",
        < 7200 => Digits(seconds / 60) + " min",
        _ => Digits(seconds / 3600) + " h",
    };

    /// <summary>Two times, the unit once where it is the same: 91.9 to 106 ms.</summary>
    public static string TimeRange(double low, double high)
    {
        var (a, b) = (Time(low), Time(high));
        var unit = b[b.LastIndexOf(' ')..];
        return $"{(a.EndsWith(unit, StringComparison.Ordinal) ? a[..^unit.Length] : a)} to {b}";
    }

    /// <summary>So many decimals: 0.8412 -> 0.84.</summary>
    public static string Number(double value, int decimals) =>
        Signed(value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    /// <summary>The beginning of a hash; the whole one stands in the table of hashes.</summary>
    public static string ShortHash(string hash) => hash.Length > 12 ? hash[..12] : hash;

    private static string Digits(double value) => Number(value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);

    // what rounds to zero has no sign
    private static string Signed(string number) =>
        number.Any(c => c is >= '1' and <= '9') ? number.Replace('-', Minus) : number.TrimStart('-');
}
