using System.CommandLine;
using System.Globalization;
using Aim.Cost;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Cli;

/// <summary>
/// <c>aim cost TABLE</c>: a table of the paper priced beside its printed figures; <c>aim cost all</c>: all of them;
/// <c>aim cost MODEL</c>: any model at any number of tokens. No weights are needed.
/// </summary>
internal static class CostCommand
{
    private const string All = "all";

    /// <summary>Before C, D and E had tables of their own.</summary>
    private const string Appendix = "appendix";

    /// <summary>Exit code when a figure that should be exact is not.</summary>
    private const int Different = 1;

    /// <summary>More than any context; the sum of two still fits.</summary>
    private const int MaxTokens = 100_000_000;

    private static readonly string _models = string.Join(", ", ModelShape.Presets.Select(m => m.Name));

    private static readonly string _machines = string.Join(
        ", ", Hardware.Presets.Select(h => h.IsChecked ? h.Name : $"{h.Name} (unchecked data sheet)").Append(Hardware.ThisName));

    public static Command Create(TextWriter output)
    {
        var what = new Argument<string>("what")
        {
            Description = $"A table of the paper ({string.Join(", ", CostTables.Ids)}), '{All}' for every table, a preset "
                + $"({_models}), a Hugging Face config.json, or the directory that holds it.",
        };
        var hardware = RunOptions.Option(
            "--hardware", $"What it runs on: {_machines}; 'this' is measured, as doctor does.", Hardware.A100_40GB.Name);
        var without = new Option<string[]>("--without")
        {
            Description = "A quirk of the paper's script to price without; may be repeated. Known: "
                + $"{string.Join(", ", Quirks.All.Select(q => q.Name))}.",
            HelpName = "QUIRK",
            DefaultValueFactory = _ => [],
        };
        var steps = new Option<bool>("--steps")
        {
            Description = "Also print each row as its quirks are taken off one by one (tables only).",
        };
        var json = new Option<bool>("--json") { Description = "Print JSON: everything that the text shows, with all digits." };
        var visual = RunOptions.Option("--visual", "Visual tokens that enter the language model (models only).", 32 * 196, "N");
        var text = RunOptions.Option("--text", "Text tokens (models only).", 100, "N");
        var schedule = new Option<string?>("--schedule")
        {
            Description = "Pruning schedule as l1,l2; without it nothing is pruned (models only).",
            HelpName = "L1,L2",
        };
        var operations = new Option<bool>("--operations") { Description = "Also print every operation (models only)." };
        var threads = RunOptions.ThreadsOption();
        var command = new Command(
            "cost",
            "Price a prefill: FLOPs and roofline time of the paper's tables, or of any model and number of tokens. A table shows "
            + "printed, computed and their difference, the script's quirks by name, the honest cost and the cost with streamed "
            + "attention. Exit code 1 if a figure that should be exact is not.")
        {
            what, hardware, without, steps, json, visual, text, schedule, operations, threads,
        };
        command.SetAction(parsed =>
        {
            string name = parsed.GetRequiredValue(what);
            string[] tables = Tables(name);
            var model = tables.Length == 0 ? Model(name) : null;
            var machine = parsed.GetRequiredValue(hardware);
            bool here = MeasuredMachine.IsMeant(machine);
            var pricing = new TablePricing
            {
                Hardware = here ? MeasuredMachine.Measure(RunOptions.Threads(parsed, threads)) : Machine(machine),
                Without = parsed.GetRequiredValue(without).Select(Quirks.Parse).Aggregate(Quirk.None, (a, b) => a | b),
                ActivationBytes = here ? MeasuredMachine.ActivationBytes : 2,
            };
            if (model is not null)
            {
                ModelCost.Print(output, new ModelCost.Request(
                    model,
                    Tokens(parsed, visual, 0),
                    Tokens(parsed, text, 1),
                    parsed.GetValue(schedule) is { } s ? Schedule(s) : null,
                    pricing,
                    parsed.GetValue(operations),
                    parsed.GetValue(json)));
                return CommandLine.Done;
            }
            CostTable[] priced = [.. tables.Select(t => CostTables.Get(t, pricing))];
            if (parsed.GetValue(json))
                output.WriteLine(CostJson.Tables(priced, pricing));
            else
                new CostText(output, parsed.GetValue(steps)).Write(priced, pricing);
            return CostTally.Of(priced).Different.Count > 0 ? Different : CommandLine.Done;
        });
        return command;
    }

    private static string[] Tables(string name)
    {
        bool Is(string known) => string.Equals(known, name, StringComparison.OrdinalIgnoreCase);
        if (Is(All))
            return [.. CostTables.Ids];
        return Is(Appendix) ? ["tableC", "tableD", "tableE"] : [.. CostTables.Ids.Where(Is)];
    }

    private static HubConfig Model(string name)
    {
        if (PublishedModels.Find(name) is { } preset)
            return new HubConfig { Shape = preset, Assumed = [] };
        return File.Exists(name) || Directory.Exists(name)
            ? HubConfig.Load(name)
            : throw new DefinitionException(
                $"cost {name}: neither a table ({string.Join(", ", CostTables.Ids)}, {All}), nor a preset ({_models}), "
                + "nor a config.json or the directory of one");
    }

    private static Hardware Machine(string name)
    {
        try
        {
            return Hardware.Parse(name);
        }
        catch (ArgumentException)
        {
            throw new DefinitionException($"--hardware {name}: unknown; known: {_machines}");
        }
    }

    private static int Tokens(ParseResult parsed, Option<int> option, int least)
    {
        int tokens = parsed.GetValue(option);
        return tokens >= least && tokens <= MaxTokens
            ? tokens
            : throw new DefinitionException($"{option.Name} {tokens}: give a number of tokens from {least} to {MaxTokens}");
    }

    private static (int First, int Last) Schedule(string text)
    {
        string[] parts = text.Trim('(', ')').Split(',');
        return parts.Length == 2 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out int first)
            && int.TryParse(parts[1], CultureInfo.InvariantCulture, out int last) && first >= 0 && first < last
            ? (first, last)
            : throw new DefinitionException(
                $"--schedule {text}: not a schedule; write l1,l2 with l1 below l2, for example 14,22");
    }
}
