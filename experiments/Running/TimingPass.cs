using System.Diagnostics;
using Aim.Cost;
using Aim.Experiments.Planning;
using Aim.Experiments.Statistics;
using Aim.Models;
using Aim.Reports.Records;

namespace Aim.Experiments.Running;

/// <summary>
/// Measures what one prompt takes, cell by cell: one sample at a time, the cells taking turns so that a change of the machine's
/// mood meets all of them, with repeats. (The run itself computes several samples at once: its times would be throughput, not
/// latency.)
/// </summary>
internal sealed class TimingPass
{
    private const int Samples = 2;
    private const int Repeats = 5;

    private readonly Plan _plan;
    private readonly MultimodalModel _model;

    public TimingPass(Plan plan, MultimodalModel model) => (_plan, _model) = (plan, model);

    /// <summary>Times by cell, and what the cost model predicts for this machine.</summary>
    /// <param name="machine">What was measured of this machine: the roofline's peak and bandwidth.</param>
    /// <param name="cancel">Ends the pass.</param>
    public IReadOnlyList<CellTimings> Run(MachineRecord machine, CancellationToken cancel)
    {
        // The engine computes in float32 from weights as the checkpoint has them, with fused causal attention and both
        // residual adds.
        var hardware = new Hardware(machine.Cpu, machine.PeakGflops * 1e9, machine.BandwidthGBs!.Value * 1e9);
        var options = new CostOptions
        {
            Attention = AttentionKind.Flash,
            Causal = true,
            WeightBytes = _model.Language.WeightBytes,
            ActivationBytes = MeasuredMachine.ActivationBytes,
        };
        var timings = new List<CellTimings>();
        foreach (var set in _plan.Sets)
        {
            PlannedCell[] asked = [.. Chosen(_plan).Where(c => c.Set == set)];
            var (times, vision) = Measure(set, [.. asked.GroupBy(c => c.Settings).Select(g => g.First())], cancel);
            timings.AddRange(asked.Select(cell => new CellTimings
            {
                Id = cell.Id,
                Vision = Time(vision),
                Merge = Time(times[cell.Settings].Select(t => t.Merge.TotalSeconds)),
                Prefill = Time(times[cell.Settings].Select(t => t.Prefill.TotalSeconds)),
                Overhead = Time(times[cell.Settings].Select(t => t.Prune.TotalSeconds)),
                Decode = Time(times[cell.Settings].Select(t => t.Decode.TotalSeconds)),
                PredictedPrefill = set.Prompts.Take(Samples)
                    .Average(prompt => CostModel.Prefill(set.Geometry.Shape, cell.Tokens(prompt), hardware, options).Seconds),
            }));
        }
        return timings;
    }

    /// <summary>The cells that a plan's definition wants timed.</summary>
    public static IEnumerable<PlannedCell> Chosen(Plan plan) => plan.Definition.Timing switch
    {
        TimingScope.All => plan.Cells,
        TimingScope.Headline => plan.Cells.Where(c => c.Cell.Headline || c.Cell.IsBaseline),
        _ => [],
    };

    private (Dictionary<string, List<Computed>> Times, List<double> Vision) Measure(
        TestSet set, IReadOnlyList<PlannedCell> cells, CancellationToken cancel)
    {
        var computation = new SampleComputation(_model, _plan.Model.Directory, _plan.Definition.AnswerTokens);
        var times = cells.ToDictionary(c => c.Settings, _ => new List<Computed>());
        var vision = new List<double>();
        for (int i = 0; i < Math.Min(Samples, set.Samples.Count) && cells.Count > 0; i++)
        {
            using var views = computation.Look(set, i, cancel);
            // Round -1 warms caches, pools and the just-in-time compiler up.
            for (int round = -1; round < Repeats; round++)
            {
                var clock = Stopwatch.StartNew();
                computation.Look(set, i, cancel).Dispose();
                if (round >= 0)
                    vision.Add(clock.Elapsed.TotalSeconds);
                foreach (var cell in cells)
                {
                    cancel.ThrowIfCancellationRequested();
                    var (computed, _) = computation.Answer(cell, views);
                    if (round >= 0)
                        times[cell.Settings].Add(computed);
                }
            }
        }
        return (times, vision);
    }

    private static TimeRecord Time(IEnumerable<double> seconds)
    {
        double[] all = [.. seconds];
        return new TimeRecord(Percentile.Median(all), all.Min(), all.Max(), all.Length);
    }
}
