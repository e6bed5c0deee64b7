using System.Globalization;
using Aim.Reports;
using Aim.Reports.Records;

namespace Aim.Experiments.Scoring;

/// <summary>Differences with their sign, in the digits of the reports and the letters of a terminal.</summary>
public static class SignedFigures
{
    /// <summary>A difference of shares in points: 0.0123 -> +1.2, and what rounds to zero without a sign.</summary>
    public static string Points(double difference, int decimals = 1) =>
        Format.Points(difference, decimals).Replace(Format.Minus, '-');

    /// <summary>A difference in some unit: points of a share, else three decimals.</summary>
    public static string Signed(this Unit unit, double value) =>
        unit == Unit.Points ? Points(value) : value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);
}
