namespace Aim.Reduction;

/// <summary>
/// No setting of a front keeps to a budget. The message names the budget, and the cheapest setting with its cost.
/// </summary>
public sealed class BudgetException(string message) : ArgumentException(message);

/// <summary>A setting chosen for a budget.</summary>
/// <param name="Point">The setting.</param>
/// <param name="Cost">What it costs, in the budget's unit; over several samples their mean.</param>
/// <param name="Most">What it costs at most.</param>
public sealed record BudgetChoice(FrontPoint Point, double Cost, double Most)
{
    // A cost that is the limit but for rounding keeps to it: 100% of the unreduced model's FLOPs must be affordable.
    private const double Rounding = 1e-9;

    /// <summary>
    /// The point of best validation accuracy whose cost for one sample keeps to the budget; of equally accurate ones the cheaper,
    /// then the earlier.
    /// </summary>
    /// <param name="points">The front, in a fixed order.</param>
    /// <param name="budget">The budget.</param>
    /// <param name="cost">What a point costs for this sample, in the budget's unit.</param>
    /// <exception cref="BudgetException">None keeps to it.</exception>
    public static BudgetChoice ForOne(IReadOnlyList<FrontPoint> points, Budget budget, Func<FrontPoint, double> cost)
    {
        ArgumentNullException.ThrowIfNull(cost);
        return ForAll(points, budget, 1, (point, _) => cost(point));
    }

    /// <summary>
    /// The best fixed setting: as <see cref="ForOne"/>, but its cost must keep to the budget for every sample, and of equally
    /// accurate ones the one of less mean cost is taken.
    /// </summary>
    /// <param name="points">The front, in a fixed order.</param>
    /// <param name="budget">The budget.</param>
    /// <param name="samples">Number of samples.</param>
    /// <param name="cost">What a point costs for a sample.</param>
    /// <exception cref="BudgetException">None keeps to it.</exception>
    public static BudgetChoice ForAll(
        IReadOnlyList<FrontPoint> points, Budget budget, int samples, Func<FrontPoint, int, double> cost)
    {
        ArgumentNullException.ThrowIfNull(budget);
        var priced = Priced(points, samples, cost);
        var best = priced.Where(p => p.Most <= budget.Limit * (1 + Rounding))
            .OrderByDescending(p => p.Point.Accuracy).ThenBy(p => p.Cost).FirstOrDefault();
        if (best is not null)
            return best;
        var cheapest = priced.OrderBy(p => p.Most).First();
        throw new BudgetException(
            $"no setting keeps to a budget of {budget}: the cheapest of the front, {cheapest.Point}, "
            + $"takes {budget.Describe(cheapest.Most)}"
            + (samples > 1 ? " for the longest sample" : ""));
    }

    /// <summary>
    /// The best fixed setting at a mean cost: of the points that cost no more than that on average, whatever a single sample
    /// takes, the one of best validation accuracy; the cheapest where all cost more.
    /// </summary>
    /// <param name="points">The front, in a fixed order.</param>
    /// <param name="mean">The mean cost.</param>
    /// <param name="samples">Number of samples.</param>
    /// <param name="cost">What a point costs for a sample.</param>
    public static BudgetChoice AtMean(
        IReadOnlyList<FrontPoint> points, double mean, int samples, Func<FrontPoint, int, double> cost)
    {
        var priced = Priced(points, samples, cost);
        return priced.Where(p => p.Cost <= mean * (1 + Rounding))
            .OrderByDescending(p => p.Point.Accuracy).ThenBy(p => p.Cost).FirstOrDefault()
            ?? priced.OrderBy(p => p.Cost).First();
    }

    private static BudgetChoice[] Priced(IReadOnlyList<FrontPoint> points, int samples, Func<FrontPoint, int, double> cost)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(cost);
        ArgumentOutOfRangeException.ThrowIfZero(points.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        return
        [
            .. points.Select(point =>
            {
                double[] costs = [.. Enumerable.Range(0, samples).Select(i => cost(point, i))];
                return double.IsFinite(costs.Sum())
                    ? new BudgetChoice(point, costs.Average(), costs.Max())
                    : throw new ArgumentException($"the cost of {point} is not finite");
            }),
        ];
    }
}
