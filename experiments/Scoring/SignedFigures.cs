using System.Globalization;
using Aim.Reports.Records;

namespace Aim.Experiments.Scoring;

/// <summary>Differences with their sign, as text has them; reports print the same digits.</summary>
public static class SignedFigures
{
    /// <summary>A difference of shares in points: 0.0123 -> +1.2, and what rounds to zero without a sign.</summary>
    public static string Points(double difference, int decimals = 1)
    {
        // The form that the reports' figures have: it rounds the number that is there, and not the one that a custom form sees.
        string digits = Math.Abs(100 * difference).ToString($"F{decimals}", CultureInfo.InvariantCulture);
        string sign = !digits.Any(c => c is >= '1' and <= '9') ? "" : difference < 0 ? "-" : "+";
        return sign + digits;
    }

    /// <summary>A difference in some unit: points of a share, else three decimals.</summary>
    public static string Signed(this Unit unit, double value) =>
        unit == Unit.Points ? Points(value) : value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);
}
