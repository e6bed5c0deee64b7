using System.Globalization;

namespace Aim.Experiments.Planning;

/// <summary>The budgets that a definition may name.</summary>
internal static class BudgetBook
{
    public static IReadOnlyList<string> Resources { get; } = ["flops", "latency", "memory"];

    /// <summary>A budget in its usual spelling; null where the amount is none of this resource.</summary>
    public static BudgetName? Parse(string resource, string amount)
    {
        string[] units = resource switch
        {
            "flops" => ["%"],
            "latency" => ["ms", "s"],
            _ => ["GB", "MB"],
        };
        if (units.FirstOrDefault(u => amount.EndsWith(u, StringComparison.Ordinal)) is not { } unit)
            return null;
        return decimal.TryParse(amount[..^unit.Length].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            && value > 0 && (unit != "%" || value <= 100)
            ? new BudgetName(resource, string.Create(CultureInfo.InvariantCulture, $"{value / 1.000000000000000000m}{unit}")) : null;
    }

    public static string Example(string resource) => resource switch
    {
        "flops" => "write a share of the unreduced model's, for example 15%",
        "latency" => "write a time, for example 200ms",
        _ => "write an amount, for example 2GB",
    };
}
