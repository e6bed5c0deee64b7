using System.Globalization;
using Aim.Reduction;

namespace Aim.Experiments.Planning;

/// <summary>
/// What a definition may say of the registered methods, and how a cell becomes one of them. Retention and schedule have fields of
/// their own in a definition, since methods are compared along them; the definition's seed is every random method's; all else is
/// under <c>settings</c>.
/// </summary>
internal static class MethodBook
{
    private const string RetentionName = "retention", ScheduleName = "schedule", SeedName = "seed";

    public static IReadOnlyList<string> Names => Methods.Names;

    public static bool TakesRetention(string method) => Takes(method, RetentionName);

    public static bool TakesSchedule(string method) => Takes(method, ScheduleName);

    /// <summary>
    /// Whether a method with a schedule keeps the numbers of visual tokens that the paper's cost script prices.
    /// </summary>
    public static bool PrunesAsAim(string method) => method is Cell.Unreduced or "aim" or "random";

    /// <summary>The names under <c>settings</c>.</summary>
    public static IReadOnlyList<string> SettingNames(string method) =>
        [.. Methods.Get(method).Settings.Select(s => s.Name).Where(s => s is not (RetentionName or ScheduleName or SeedName))];

    /// <summary>How a method is set, for messages: <c>retention, schedule, settings {preset} or flops</c>.</summary>
    public static string Describe(string method)
    {
        var names = SettingNames(method);
        string[] fields =
        [
            .. new[] { RetentionName, ScheduleName }.Where(name => Takes(method, name)),
            .. names.Count > 0 ? [$"settings {{{string.Join(", ", names)}}}"] : Array.Empty<string>(),
        ];
        return fields.Length == 0 ? "nothing" : string.Join(", ", fields);
    }

    /// <summary>What is wrong with a setting's value; null where it is fine.</summary>
    public static string? Fault(string method, string name, string value)
    {
        try
        {
            Methods.Get(method).Read(new Dictionary<string, string> { [name] = value });
            return null;
        }
        catch (SettingException fault)
        {
            return fault.Message;
        }
    }

    /// <summary>The cell's method; null and a reason where the model cannot have it or its target cannot be reached.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="schedule">Its pruning schedule, settled.</param>
    /// <param name="seed">The definition's.</param>
    /// <param name="set">Its questions.</param>
    /// <param name="host">The model.</param>
    /// <param name="target">Mean executed FLOPs that its main setting is solved for; null where the settings are given.</param>
    /// <exception cref="DefinitionException">Settings do not fit each other or the model.</exception>
    public static (ReductionMethod? Method, string? Reason) Create(
        Cell cell, PruneSchedule? schedule, int seed, TestSet set, HostTraits host, double? target)
    {
        // The unreduced model with its vision cut at a layer is pruning from one layer to the next, without merging.
        var method = Methods.Get(cell.Method == Cell.Unreduced && schedule is not null ? "aim" : cell.Method);
        if (method.On(host) is { Kind: FitKind.NotApplicable } fit)
            return (null, fit.ToString());
        var values = cell.Settings.ToDictionary(s => s.Name, s => s.Value);
        if (!cell.Retention.IsAll)
            values[RetentionName] = $"{cell.Retention}";
        if (schedule is not null)
            values[ScheduleName] = string.Create(CultureInfo.InvariantCulture, $"{schedule.L1},{schedule.L2}");
        if (Takes(method.Name, SeedName))
            values[SeedName] = seed.ToString(CultureInfo.InvariantCulture);
        try
        {
            var settings = method.Read(values);
            if (method.Create(settings, host).Tower is not null)
                return (null, "not applicable: it merges within the vision tower, whose features a run shares among its methods");
            if (target is not { } flops)
                return (method.Create(settings, host), null);
            var longest = set.Prompts.MaxBy(p => p.Tokens)!.Of(set.Geometry.Shape.Layers);
            var found = TargetSearch.Find(method, settings, host, longest, flops,
                m => set.Mean(cell.Samples, text => set.Geometry.Executed(m, text)));
            return found switch
            {
                null => (null, "it has no setting by which a cost could be reached"),
                { WithinTarget: false } => (null, string.Create(CultureInfo.InvariantCulture,
                    $"even its cheapest setting ({found.Settings.Canonical}) takes {found.Achieved / flops:0.00} times its "
                        + $"target")),
                _ => (method.Create(found.Settings, host), null),
            };
        }
        catch (SettingException fault)
        {
            throw new DefinitionException($"{cell.Id}: {fault.Message}");
        }
    }

    private static bool Takes(string method, string setting) => Methods.Get(method).Settings.Any(s => s.Name == setting);
}
