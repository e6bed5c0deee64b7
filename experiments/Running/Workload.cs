using Aim.Experiments.Planning;

namespace Aim.Experiments.Running;

/// <summary>
/// What runs will compute, before they start: FLOPs of every answer, what cells and definitions share counted once, and of the
/// frames' way to them.
/// </summary>
/// <param name="Prefill">FLOPs of the prefills.</param>
/// <param name="Vision">FLOPs of tower and projector.</param>
/// <param name="Answers">How many answers.</param>
internal sealed record Workload(double Prefill, double Vision, long Answers)
{
    /// <summary>
    /// Share of the machine's FMA peak that a run of the lab reaches over all, measured: small matrices, drawing, ranking and
    /// decoding take the rest.
    /// </summary>
    public const double Efficiency = 0.3;

    public double Flops => Prefill + Vision;

    /// <summary>The work of some plans in one output directory, nothing of it known beforehand.</summary>
    public static Workload Of(IReadOnlyList<Plan> plans)
    {
        double prefill = 0;
        long answers = 0;
        var cells = plans.SelectMany(p => p.Cells.Select(c => (p.Model.Sha256, p.Definition.DataPath, Cell: c)));
        foreach (var shared in cells.GroupBy(x => (x.Sha256, x.DataPath, x.Cell.Set.Name, x.Cell.Settings)))
        {
            var asked = shared.SelectMany(x => Enumerable.Range(0, x.Cell.Cell.Samples)
                .Select(i => (x.Cell.Set.Samples[i].Id, Prompt: x.Cell.Set.Prompts[i]))).DistinctBy(s => s.Id).ToList();
            var cell = shared.First().Cell;
            prefill += asked.GroupBy(s => s.Prompt).Sum(g => (double)cell.Executed(g.Key) * g.Count());
            answers += asked.Count;
        }
        return new Workload(prefill, plans.Sum(p => p.Sets.Sum(set => VisionFlops(p, set))), answers);
    }

    /// <summary>How long it takes at a peak of so many FLOP/s.</summary>
    public TimeSpan At(double peakFlops) => TimeSpan.FromSeconds(Flops / (peakFlops * Efficiency));

    private static double VisionFlops(Plan plan, TestSet set)
    {
        var tower = Shapes.Tower(plan.Model.Config, video: !set.Name.IsPicture);
        return set.Prompts.Sum(p => (double)tower.MatmulFlops(p.Visual.Patches.Frames, p.Visual.Patches.PerFrame));
    }
}
