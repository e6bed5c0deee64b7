using Aim.Cost;
using Aim.Reduction;

namespace Aim.Experiments.Planning;

/// <summary>
/// A cell with everything settled that depends on the model: layers, tokens kept, the knob that reaches its target.
/// </summary>
/// <param name="Cell">What the definition asks for.</param>
/// <param name="Id">Its name in the definition.</param>
/// <param name="Set">Its questions.</param>
/// <param name="Method">The method, ready to run.</param>
/// <param name="Schedule">The layers between which tokens are pruned; for a cell with a target, of the cell to match. Null:
/// nothing
/// is pruned.</param>
/// <param name="Settings">All that the answers depend on beside model, data and program: equal settings share answers.</param>
/// <param name="Target">Mean executed FLOPs to match; null where the settings are given.</param>
internal sealed record PlannedCell(
    Cell Cell, string Id, TestSet Set, ReductionMethod Method, PruneSchedule? Schedule, string Settings, double? Target)
{
    public Geometry Geometry => Set.Geometry;

    /// <summary>
    /// Chooses the method of every sample where the cell has a budget; <see cref="Method"/> is then the best fixed one.
    /// </summary>
    public BudgetController? Controller { get; init; }

    /// <summary>The cell as it is for a sample.</summary>
    public PlannedCell For(SampleShape sample) => Controller is null ? this : this with { Method = MethodOf(sample) };

    /// <summary>Tokens that every layer computes for a sample.</summary>
    public int[] Tokens(SampleShape sample) => sample.TokenCounts(MethodOf(sample), Geometry.Shape.Layers);

    /// <summary>The same as the paper's cost script prices it: pruning takes effect a layer early.</summary>
    public int[] PricedTokens(SampleShape sample)
    {
        int[] tokens = Tokens(sample);
        return Schedule is null || Target is not null || Cell.Budget is not null || !MethodBook.PrunesAsAim(Cell.Method)
            ? tokens
            : TokenSchedule.AimAsScript(Geometry.Shape.Layers, tokens[0] - sample.Text, sample.Text, Schedule.L1, Schedule.L2);
    }

    /// <summary>FLOPs that the matrix-multiply and attention kernels execute in one prefill.</summary>
    public long Executed(SampleShape sample) => Geometry.Executed(MethodOf(sample), sample);

    /// <summary>Mean over the cell's samples of something that depends on a prompt's lengths.</summary>
    public double Mean(Func<SampleShape, double> value) => Set.Mean(Cell.Samples, value);

    /// <summary>The prompts of the cell's samples.</summary>
    public IReadOnlyList<SampleShape> Prompts => [.. Set.Prompts.Take(Cell.Samples)];

    private ReductionMethod MethodOf(SampleShape sample) => Controller?.MethodOf(sample) ?? Method;
}
