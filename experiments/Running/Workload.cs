using Aim.Cost;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Running;

/// <summary>What a run will compute, before it starts: FLOPs of every answer that is not shared, and of the frames' way to them.</summary>
/// <param name="Prefill">FLOPs of the prefills.</param>
/// <param name="Vision">FLOPs of tower and projector.</param>
/// <param name="Answers">How many answers.</param>
internal sealed record Workload(double Prefill, double Vision, long Answers)
{
    /// <summary>
    /// Share of the machine's FMA peak that a run of the lab reaches over all, measured: small matrices, drawing, ranking and decoding
    /// take the rest.
    /// </summary>
    public const double Efficiency = 0.3;

    /// <summary>The work of one plan, nothing of it known beforehand.</summary>
    public static Workload Of(Plan plan)
    {
        double prefill = 0, vision = 0;
        long answers = 0;
        foreach (var set in plan.Sets)
        {
            var cells = plan.Cells.Where(c => c.Set == set).GroupBy(c => c.Settings).Select(g => g.MaxBy(c => c.Cell.Samples)!).ToList();
            prefill += cells.Sum(c => c.Mean(text => c.Executed(text)) * c.Cell.Samples);
            vision += VisionFlops(plan, set) * cells.Max(c => c.Cell.Samples);
            answers += cells.Sum(c => (long)c.Cell.Samples);
        }
        return new Workload(prefill, vision, answers);
    }

    public static Workload operator +(Workload a, Workload b) => new(a.Prefill + b.Prefill, a.Vision + b.Vision, a.Answers + b.Answers);

    /// <summary>How long it takes at a peak of so many FLOP/s.</summary>
    public TimeSpan At(double peakFlops) => TimeSpan.FromSeconds((Prefill + Vision) / (peakFlops * Efficiency));

    // Per layer of the tower: q, k, v, o and two MLP products on every patch, attention of all patches with all.
    private static double VisionFlops(Plan plan, TestSet set)
    {
        var vision = plan.Model.Config.Vision;
        double side = vision.ImageSize / vision.PatchSize, patches = side * side, h = vision.HiddenSize;
        double layer = patches * (8 * h * h + 4 * h * vision.IntermediateSize) + 4 * patches * patches * h;
        double text = plan.Model.Config.Text.HiddenSize;
        int towered = set.Name.IsPicture ? 1 : set.Geometry.Frames;
        return towered * (vision.NumHiddenLayers * layer + patches * 2 * (h * text + text * text));
    }
}
