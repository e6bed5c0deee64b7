using System.Collections.Concurrent;
using System.Globalization;
using Aim.Cost;
using Aim.Reduction;

namespace Aim.Experiments.Planning;

/// <summary>
/// Keeps a cell's samples within a budget: for every sample, by its token counts alone, the setting of best validation accuracy
/// whose predicted cost fits. Nothing is measured while it runs, so the same definition chooses the same settings on any machine.
/// </summary>
/// <remarks>
/// FLOPs are executed ones, a share of the unreduced model's on the same prompt. Latency and memory are the cost model's
/// (<see cref="CostModel.Prefill"/> of the tokens that the layers really process, at 16 bits) for the hardware that the budget
/// names.
/// </remarks>
internal sealed class BudgetController
{
    private readonly IReadOnlyList<FrontPoint> _front;
    private readonly ModelShape _shape;
    private readonly Hardware _hardware;
    private readonly CostOptions _pricing;
    private readonly ReductionMethod _unreduced;
    private readonly Dictionary<FrontPoint, ReductionMethod> _methods;
    private readonly ConcurrentDictionary<SampleShape, BudgetChoice> _chosen = new();

    /// <param name="front">The model's front.</param>
    /// <param name="budget">What a sample may cost.</param>
    /// <param name="hardware">Name of one of <see cref="Hardware.Presets"/>, needed for latency; null: none was named.</param>
    /// <param name="geometry">The language model, and how it is priced.</param>
    /// <param name="host">The model as methods see it.</param>
    /// <exception cref="DefinitionException">
    /// The hardware is not known, is missing for latency, or is given where it says nothing.
    /// </exception>
    public BudgetController(StoredFront front, Budget budget, string? hardware, Geometry geometry, HostTraits host)
    {
        (_front, Budget, _shape, _pricing) = (front.Front, budget, geometry.Shape, geometry.Pricing);
        _hardware = HardwareOf(budget, hardware);
        _methods = _front.ToDictionary(p => p, p => Methods.Get("aim").Create(p.Settings, host));
        _unreduced = Methods.Create(Cell.Unreduced, new Dictionary<string, string>(), host);
        string points = string.Join('\n',
            _front.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p} {p.Correct}/{p.Samples} {p.Flops}")));
        Settings = $"aim within {Budget}{(hardware is null ? "" : $" on {_hardware.Name}")} "
            + $"front={CanonicalForm.Sha256(points)[..16]}";
    }

    public Budget Budget { get; }

    /// <summary>All that the answers depend on beside model, data and program: the budget and the front.</summary>
    public string Settings { get; }

    /// <summary>The method for a prompt.</summary>
    /// <exception cref="BudgetException">No setting fits; the message names the cheapest and its cost.</exception>
    public ReductionMethod MethodOf(SampleShape prompt) => _methods[ChoiceOf(prompt).Point];

    /// <summary>The method of a point of the front.</summary>
    public ReductionMethod MethodOf(FrontPoint point) => _methods[point];

    /// <summary>The setting for a prompt and its cost.</summary>
    /// <inheritdoc cref="MethodOf(SampleShape)" path="/exception"/>
    public BudgetChoice ChoiceOf(SampleShape prompt) =>
        _chosen.GetOrAdd(prompt, p => BudgetChoice.ForOne(_front, Budget, point => Cost(_methods[point], p)));

    /// <summary>The best setting that keeps every one of these prompts within the budget.</summary>
    /// <inheritdoc cref="MethodOf(SampleShape)" path="/exception"/>
    public BudgetChoice FixedFor(IReadOnlyList<SampleShape> prompts) =>
        BudgetChoice.ForAll(_front, Budget, prompts.Count, (point, i) => Cost(_methods[point], prompts[i]));

    /// <summary>
    /// The best setting that is one for all of these prompts and costs no more on average than what is chosen for each of them.
    /// </summary>
    /// <inheritdoc cref="MethodOf(SampleShape)" path="/exception"/>
    public BudgetChoice FixedAtMean(IReadOnlyList<SampleShape> prompts) =>
        BudgetChoice.AtMean(_front, prompts.Average(p => ChoiceOf(p).Cost), prompts.Count,
            (point, i) => Cost(_methods[point], prompts[i]));

    /// <summary>What a method costs for a prompt, in the budget's unit.</summary>
    public double Cost(ReductionMethod method, SampleShape prompt)
    {
        int[] tokens = prompt.TokenCounts(method, _shape.Layers);
        if (Budget.Resource == BudgetResource.Flops)
            return Executed(tokens) / Executed(prompt.TokenCounts(_unreduced, _shape.Layers));
        var cost = CostModel.Prefill(_shape, tokens, _hardware, _pricing);
        return Budget.Resource == BudgetResource.Latency ? cost.Seconds : cost.MemoryBytes;
    }

    /// <summary>What the report shows: asked, spent, chosen, and the best fixed setting.</summary>
    /// <param name="prompts">The cell's prompts.</param>
    public BudgetSpending Spending(IReadOnlyList<SampleShape> prompts)
    {
        var chosen = prompts.Select(ChoiceOf).ToList();
        return new BudgetSpending(
            Budget, chosen.Average(c => c.Cost), chosen.Max(c => c.Most),
            [.. chosen.GroupBy(c => c.Point).OrderByDescending(g => g.Count()).ThenBy(g => g.Key.Flops).Select(g =>
                (g.Key, g.Count()))],
            FixedFor(prompts), FixedAtMean(prompts));
    }

    private double Executed(int[] tokens) => CostModel.MatmulFlops(_shape, tokens, causal: true);

    private static Hardware HardwareOf(Budget budget, string? name)
    {
        string known = string.Join(", ", Hardware.Presets.Select(h => h.Name));
        if (name is null)
        {
            return budget.Resource == BudgetResource.Latency
                ? throw new DefinitionException(
                    $"budget of {budget}: names no hardware to predict it for; add 'hardware:' with one of {known}")
                : Hardware.A100_40GB; // neither FLOPs nor bytes depend on it
        }
        if (budget.Resource != BudgetResource.Latency)
            throw new DefinitionException($"budget of {budget}: depends on no hardware; leave 'hardware: {name}' out");
        return Hardware.Presets.FirstOrDefault(h => h.Name == name)
            ?? throw new DefinitionException($"budget of {budget}: unknown hardware '{name}'; known: {known}");
    }
}

/// <summary>What a budget was spent on.</summary>
/// <param name="Asked">The budget.</param>
/// <param name="Mean">Mean cost of the samples, in its unit.</param>
/// <param name="Most">Cost of the dearest sample.</param>
/// <param name="Chosen">The settings chosen and for how many samples, the most frequent first.</param>
/// <param name="Fixed">The best setting that keeps all samples within the budget.</param>
/// <param name="AtMean">The best fixed setting of no more mean cost.</param>
internal sealed record BudgetSpending(
    Budget Asked, double Mean, double Most, IReadOnlyList<(FrontPoint Point, int Samples)> Chosen, BudgetChoice Fixed,
    BudgetChoice AtMean);
