using System.Globalization;

namespace Aim.Reduction;

/// <summary>What a budget is of.</summary>
public enum BudgetResource
{
    /// <summary>Executed FLOPs of the prefill, as a share of the unreduced model's on the same prompt.</summary>
    Flops,

    /// <summary>Predicted seconds of the prefill on a hardware that the definition names.</summary>
    Latency,

    /// <summary>Predicted bytes that the prefill holds.</summary>
    Memory,
}

/// <summary>
/// What a sample may cost: <c>flops 15%</c>, <c>latency 200ms</c> or <c>memory 2GB</c>. How a cost is reckoned is the caller's
/// affair; here it is a number in the resource's unit.
/// </summary>
public sealed record Budget
{
    // Units of each resource with their size, the largest first.
    private static readonly (string Resource, (string Unit, decimal Size)[] Units, string Example)[] s_resources =
    [
        ("flops", [("%", 0.01m)], "15%, a share of the unreduced model's"),
        ("latency", [("s", 1), ("ms", 1e-3m), ("us", 1e-6m)], "200ms"),
        ("memory", [("GB", 1e9m), ("MB", 1e6m), ("KB", 1e3m)], "2GB"),
    ];

    private readonly decimal _limit;

    private Budget(BudgetResource resource, decimal limit) => (Resource, _limit) = (resource, limit);

    /// <summary>The names of the resources in a definition.</summary>
    public static IReadOnlyList<string> Resources { get; } = [.. s_resources.Select(r => r.Resource)];

    /// <summary>What is limited.</summary>
    public BudgetResource Resource { get; }

    /// <summary>The limit: a share of 1, seconds, or bytes.</summary>
    public double Limit => (double)_limit;

    /// <summary>The limit in the largest unit of which it is 1 or more, exactly: <c>15%</c>, <c>200ms</c>, <c>2GB</c>.</summary>
    public string Amount
    {
        get
        {
            var units = s_resources[(int)Resource].Units;
            var (unit, size) = units.FirstOrDefault(u => _limit >= u.Size, units[^1]);
            return FormattableString.Invariant($"{_limit / size / 1.0000000000000000000000000000m}{unit}");
        }
    }

    /// <summary>Reads a budget as a definition has it.</summary>
    /// <param name="resource">One of <see cref="Resources"/>.</param>
    /// <param name="amount">A number with a unit: <c>%</c>; <c>s</c>, <c>ms</c> or <c>us</c>; <c>GB</c>, <c>MB</c> or <c>KB</c>
    /// (of 1000).</param>
    /// <exception cref="ArgumentException">The message says what is wrong and what would be right.</exception>
    public static Budget Parse(string resource, string amount)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(amount);
        int index = Array.FindIndex(s_resources, r => r.Resource == resource);
        if (index < 0)
            throw new ArgumentException($"there is no budget of '{resource}'; there are {string.Join(", ", Resources)}");
        var (_, units, example) = s_resources[index];
        string text = amount.Trim();
        // 'ms' ends in 's' too: of the units that fit, the longest is meant.
        var fitting = units.Where(u => text.EndsWith(u.Unit, StringComparison.Ordinal))
            .OrderByDescending(u => u.Unit.Length).ToArray();
        if (fitting.Length == 0)
        {
            throw new ArgumentException(
                $"a {resource} budget of '{amount}' has no unit; "
                + $"write a number and {string.Join(" or ", units.Select(u => u.Unit))}, for example {example}");
        }

        var (unit, size) = fitting[0];
        if (!decimal.TryParse(
            text[..^unit.Length].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            || value > 1_000_000_000 || value * size < 1e-9m)
        {
            throw new ArgumentException(
                $"a {resource} budget of '{amount}' is not an amount above 0; write for example {example}");
        }

        if (index == (int)BudgetResource.Flops && value > 100)
            throw new ArgumentException($"a flops budget of '{amount}' is more than the unreduced model takes; write up to 100%");
        return new Budget((BudgetResource)index, value * size);
    }

    /// <summary>A cost in the resource's unit for people: <c>14.8%</c>, <c>57.7 ms</c>, <c>1.95 GB</c>.</summary>
    public string Describe(double cost)
    {
        var units = s_resources[(int)Resource].Units;
        var (unit, size) = units.FirstOrDefault(u => cost >= (double)u.Size, units[^1]);
        return string.Create(CultureInfo.InvariantCulture, $"{cost / (double)size:0.###}{(unit == "%" ? "" : " ")}{unit}");
    }

    /// <summary><c>flops 15%</c>.</summary>
    public override string ToString() => $"{s_resources[(int)Resource].Resource} {Amount}";
}
