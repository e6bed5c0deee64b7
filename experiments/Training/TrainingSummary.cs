using System.Text.Json;

namespace Aim.Experiments.Training;

/// <summary>`training.json` beside a checkpoint: how it was made. Holds times, so it is no part of any comparison.</summary>
internal sealed record TrainingSummary
{
    /// <summary>The lab model's name: `video`, ...; absent in files of before there were several.</summary>
    public string Model { get; init; } = "video";

    public required string Command { get; init; }

    public required string Recipe { get; init; }

    public required ulong Seed { get; init; }

    public required int[] Steps { get; init; }

    public required double[] Seconds { get; init; }

    public required double[] DataShare { get; init; }

    public required string Isa { get; init; }

    public required SortedDictionary<string, double> HeldOut { get; init; }

    /// <summary>Training curve, thinned.</summary>
    public required List<CurvePoint> Curve { get; init; }

    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase
    };

    public static TrainingSummary Of(LabTrainingOptions options, LabRecipe recipe, TrainingProgress progress) => new()
    {
        Model = options.Model,
        Command = $"aim lab train --model {options.Model} --seed {options.Seed}"
            + (options.Length == "full" ? "" : $" --{options.Length}")
            + (options.StageSteps is { } steps ? $" --steps {string.Join(',', steps)}" : ""),
        Recipe = recipe.Identity,
        Seed = options.Seed,
        Steps = recipe.Steps,
        Seconds = [.. progress.Seconds.Select(s => Math.Round(s))],
        DataShare = [.. progress.DataShare.Select(s => Math.Round(s, 3))],
        Isa = Machine.Isa,
        HeldOut = progress.Measures,
        Curve = [.. progress.Curve.GroupBy(p => p.Stage).SelectMany(Thin)],
    };

    public static TrainingSummary? TryLoad(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize<TrainingSummary>(File.ReadAllText(path), Options) : null;

    public void Save(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, Options) + "\n");

    private static IEnumerable<CurvePoint> Thin(IEnumerable<CurvePoint> stage)
    {
        const int Most = 20;
        var points = stage.ToList();
        var every = Math.Max(1, (points.Count + Most - 1) / Most);
        return points.Where((_, i) => (points.Count - 1 - i) % every == 0);
    }
}
