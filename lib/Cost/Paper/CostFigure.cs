using System.Globalization;

namespace Aim.Cost;

/// <summary>How a computed figure stands to the printed one.</summary>
public enum FigureStatus
{
    /// <summary>Equal to every printed digit.</summary>
    Exact,

    /// <summary>Not equal, for a reason that is given.</summary>
    NotReproducible,

    /// <summary>Not equal though it should be: a defect.</summary>
    Different,

    /// <summary>Priced otherwise than the paper did (other hardware, a quirk left out).</summary>
    NotCompared,
}

/// <summary>A figure that the paper prints and what the cost model computes for it.</summary>
/// <param name="Printed">As printed.</param>
/// <param name="Computed">In the printed figure's unit; null where no setting gives it.</param>
/// <param name="Rounded">The computed figure at the printed one's digits; null where there is none.</param>
/// <param name="Status">How they compare.</param>
/// <param name="Reason">Why it cannot be reproduced; else null.</param>
public sealed record CostFigure(string Printed, double? Computed, string? Rounded, FigureStatus Status, string? Reason)
{
    /// <summary>
    /// Computed less printed, both at the printed digits: 0 where exact. Null where there is nothing to subtract.
    /// </summary>
    public decimal? Difference =>
        Status == FigureStatus.NotCompared || Rounded is null ? null : Number(Rounded) - Number(Printed);

    /// <summary>Compares.</summary>
    /// <param name="printed">As printed.</param>
    /// <param name="computed">In its unit, or null.</param>
    /// <param name="reason">Why it need not be equal; null where it must.</param>
    /// <param name="twice">Whether it is rounded to four decimals first (<see cref="Quirk.RoundedTwice"/>).</param>
    /// <param name="compared">False where it was priced otherwise.</param>
    public static CostFigure Of(string printed, double? computed, string? reason = null, bool twice = false, bool compared = true)
    {
        var rounded = computed is { } value ? Round(value, Decimals(printed), twice) : null;
        var status = (compared, rounded == printed, reason) switch
        {
            (false, _, _) => FigureStatus.NotCompared,
            (_, true, _) => FigureStatus.Exact,
            (_, _, null) => FigureStatus.Different,
            _ => FigureStatus.NotReproducible,
        };
        return new CostFigure(printed, computed, rounded, status, status == FigureStatus.NotReproducible ? reason : null);
    }

    /// <summary>The number as it would be printed with so many decimals, halves away from zero.</summary>
    internal static string Round(double value, int decimals, bool twice = false)
    {
        if (!twice)
            return value.ToString($"F{decimals}", CultureInfo.InvariantCulture);
        var four = Number(value.ToString("F4", CultureInfo.InvariantCulture));
        return Math.Round(four, decimals, MidpointRounding.AwayFromZero).ToString($"F{decimals}", CultureInfo.InvariantCulture);
    }

    internal static int Decimals(string printed) => printed.Contains('.') ? printed.Length - printed.IndexOf('.') - 1 : 0;

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}
