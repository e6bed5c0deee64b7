using Aim.Cost;
using Aim.Reduction;

namespace Aim.Experiments.Planning;

/// <summary>What a definition may say of the methods, and how a cell becomes one.</summary>
internal static class MethodBook
{
    public static IReadOnlyList<string> Names => Methods.Names;

    public static bool TakesRetention(string method) => method is "aim" or "random";

    public static bool TakesSchedule(string method) => method is "aim" or "random";

    public static IReadOnlyList<string> SettingNames(string method) => method == "downsample" ? ["side"] : [];

    public static string Describe(string method) => method switch
    {
        "aim" or "random" => "retention and schedule, or flops",
        "downsample" => "settings: {side: 3}, or flops",
        _ => "nothing",
    };

    /// <summary>What is wrong with a setting's value; null where it is fine.</summary>
    public static (string Wrong, string Right)? Fault(string method, string name, string value) =>
        int.TryParse(value, out int side) && side > 0 ? null : ("not a whole number above 0", "for example 3");

    /// <summary>The cell's method and its settings in words; null and a reason where its target cannot be reached.</summary>
    public static (ReductionMethod? Method, string Settings, string? Reason) Create(
        Cell cell, PruneSchedule? schedule, int seed, TestSet set, double? target)
    {
        string pruned = schedule is null ? "none" : $"{schedule.L1},{schedule.L2}";
        var geometry = set.Geometry;
        switch (cell.Method)
        {
            case Cell.Unreduced when schedule is null:
                return (Methods.Create("none", new ReductionSettings()), "", null);
            case "downsample":
                double Flat(int kept) => set.Mean(cell.Samples, text => CostModel.MatmulFlops(geometry.Shape, TokenSchedule.Flat(
                    geometry.Shape.Layers, geometry.Frames * kept + geometry.ExtraVisual + text), causal: true));
                int side = cell.Settings.Count > 0 ? int.Parse(cell.Settings[0].Value, System.Globalization.CultureInfo.InvariantCulture) : 0;
                if (target is { } flops)
                {
                    (side, _, bool within) = DownsampleMerger.Largest(geometry.TokensPerFrame, flops, Flat);
                    if (!within)
                        return (null, "", "even one token a frame costs more FLOPs than its target");
                }
                return (Methods.Create("downsample", new ReductionSettings { Side = side }), $"side={side} ", null);
            case "random":
                return (Methods.Create("random", new ReductionSettings { Retention = cell.Retention, Schedule = schedule, Seed = (ulong)seed }),
                    $"retention={cell.Retention} prune={pruned} seed={seed} ", null);
            default:
                return (Methods.Create("aim", new ReductionSettings { Retention = cell.Retention, Schedule = schedule }),
                    $"retention={cell.Retention} prune={pruned} ", null);
        }
    }
}
