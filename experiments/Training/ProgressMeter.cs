using System.Diagnostics;
using System.Globalization;

namespace Aim.Experiments.Training;

/// <summary>Parts of a step whose time is told apart.</summary>
internal enum Phase
{
    Forward,
    Backward,
    Optimizer,
}

/// <summary>Collects loss, accuracy and time between progress lines; plain lines, so that a log file reads well.</summary>
internal sealed class ProgressMeter
{
    private readonly TextWriter log;
    private readonly string stage;
    private readonly int first;
    private readonly int steps;
    private readonly int every;
    private readonly double[] phases = new double[Enum.GetValues<Phase>().Length];
    private readonly long matmulBefore = FlopCounter.Matmul;
    private long mark;
    private int samples;
    private int sinceLine;
    private double secondsAtLine;

    public ProgressMeter(TextWriter log, string stage, int first, int steps)
    {
        (this.log, this.stage, this.first, this.steps) = (log, stage, first, steps);
        every = Math.Clamp(steps / 50, 1, 50);
    }

    public Tally Tally { get; } = new();

    public void Start() => mark = Stopwatch.GetTimestamp();

    public void Lap(Phase phase)
    {
        var now = Stopwatch.GetTimestamp();
        phases[(int)phase] += Stopwatch.GetElapsedTime(mark, now).TotalSeconds;
        mark = now;
    }

    /// <exception cref="InvalidDataException">The loss is not finite: the training has diverged.</exception>
    public void AddLoss(double loss, int count, int step)
    {
        if (!double.IsFinite(loss))
        {
            throw new InvalidDataException($"stage {stage}, step {step}: loss is {loss}; lower the learning rate of the recipe");
        }

        Tally.AddLoss(loss);
        samples += count;
        sinceLine++;
    }

    /// <summary>The curve's next point if the step (0-based) ends a stretch.</summary>
    public CurvePoint? PointDue(int step)
    {
        if ((step + 1) % every != 0 && step + 1 != steps)
        {
            return null;
        }

        var kinds = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (kind, (right, seen)) in Tally.ByKind)
        {
            kinds[kind] = Math.Round(right / (double)seen, 4);
        }

        return new CurvePoint(stage, step + 1, Math.Round(Tally.Loss, 5), Math.Round(Tally.Accuracy, 4), kinds);
    }

    public void Print(CurvePoint point, TimeSpan elapsed, TimeSpan dataBusy)
    {
        var seconds = elapsed.TotalSeconds - secondsAtLine;
        var perStep = seconds / sinceLine;
        var eta = TimeSpan.FromSeconds(elapsed.TotalSeconds / (point.Step - first) * (steps - point.Step));
        var gflops = (FlopCounter.Matmul - matmulBefore) / elapsed.TotalSeconds / 1e9;
        log.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{stage} {point.Step}/{steps} loss {point.Loss:0.000} acc {point.Accuracy:0.000} [{Tally}] {samples / seconds:0.0} "
                + $"samples/s "
            + $"{perStep * 1000:0} ms/step (fwd {Share(Phase.Forward)} bwd {Share(Phase.Backward)} opt {Share(Phase.Optimizer)} "
            + $"data {dataBusy / elapsed:0 %}) {gflops:0} GFLOP/s eta {eta:h\\:mm\\:ss}"));
        log.Flush();
        Tally.Clear();
        (samples, sinceLine, secondsAtLine) = (0, 0, elapsed.TotalSeconds);
    }

    private string Share(Phase phase) =>
        string.Create(CultureInfo.InvariantCulture, $"{phases[(int)phase] / phases.Sum():0 %}");
}
