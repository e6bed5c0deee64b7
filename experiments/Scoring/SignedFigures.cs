using System.Globalization;
using Aim.Reports.Records;

namespace Aim.Experiments.Scoring;

/// <summary>Differences with their sign, as text has them; reports print the same digits.</summary>
public static class SignedFigures
{
    /// <summary>A difference of shares in points: 0.0123 -> +1.2, and what rounds to zero without a sign.</summary>
    public static string Points(double difference, int decimals = 1)
    {
        string digits = "0." + new string('0', decimals);
        // Custom forms round halves away from zero, the reports' figures to even.
        return Math.Round(100 * difference, decimals, MidpointRounding.ToEven)
            .ToString($"+{digits};-{digits};{digits}", CultureInfo.InvariantCulture);
    }

    /// <summary>A difference in some unit: points of a share, else three decimals.</summary>
    public static string Signed(this Unit unit, double value) =>
        unit == Unit.Points ? Points(value) : value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);
}
