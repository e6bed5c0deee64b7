using System.CommandLine;
using System.Globalization;
using Aim.Cost;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Cli;

/// <summary>
/// <c>aim cost TABLE</c>: a table of the paper priced beside its printed figures; <c>aim cost MODEL</c>: any model at any number
/// of tokens. No weights are needed.
/// </summary>
internal static class CostCommand
{
    private static readonly Dictionary<string, (string Title, Func<IReadOnlyList<PaperRow>> Rows)> _tables = new()
    {
        ["table1"] = ("Table 1, general video benchmarks", PaperTables.Table1),
        ["table2"] = ("Table 2, long video", PaperTables.Table2),
        ["table3"] = ("Table 3, image benchmarks", PaperTables.Table3),
        ["table4"] = ("Table 4, merging only", PaperTables.Table4),
        ["table5"] = ("Table 5, pruning schedules", PaperTables.Table5),
        ["table8"] = ("Table 8, merging and pruning", PaperTables.Table8),
        ["appendix"] = ("Appendix tables C, D and E", PaperTables.Appendix),
    };

    public static Command Create(TextWriter output)
    {
        string models = string.Join(", ", ModelShape.Presets.Select(m => m.Name));
        string machines = string.Join(", ", Hardware.Presets.Select(h => h.Name));
        var what = new Argument<string>("what")
        {
            Description =
                $"A table of the paper ({string.Join(", ", _tables.Keys)}), a preset ({models}), or a checkpoint directory.",
        };
        var visual = RunOptions.Option("--visual", "Visual tokens that enter the language model.", 32 * 196, "N");
        var text = RunOptions.Option("--text", "Text tokens.", 100, "N");
        var schedule = new Option<string?>("--schedule")
        {
            Description = "Pruning schedule as l1,l2; without it nothing is pruned.",
            HelpName = "L1,L2",
        };
        var hardware = RunOptions.Option("--hardware", $"What it runs on: {machines}.", Hardware.A100_40GB.Name);
        var attention = RunOptions.Option("--attention", "How attention is executed.", AttentionKind.Materialised);
        var operations = new Option<bool>("--operations") { Description = "Also print every operation (models only)." };
        var command = new Command(
            "cost",
            "Price a prefill: FLOPs and roofline time of the paper's tables, or of any model and number of tokens.")
        {
            what, visual, text, schedule, hardware, attention, operations,
        };
        command.SetAction(parsed =>
        {
            string name = parsed.GetRequiredValue(what);
            var machine = Hardware.Presets.FirstOrDefault(h => Same(h.Name, parsed.GetRequiredValue(hardware)))
                ?? throw new DefinitionException($"--hardware {parsed.GetValue(hardware)}: unknown; known: {machines}");
            if (_tables.TryGetValue(name, out var table))
                Table(output, table.Title, table.Rows(), machine);
            else
                Model(output, Shape(name, models), parsed.GetValue(visual), parsed.GetValue(text), parsed.GetValue(schedule),
                    machine, parsed.GetValue(attention), parsed.GetValue(operations));
            return CommandLine.Done;
        });
        return command;
    }

    private static void Table(TextWriter output, string title, IReadOnlyList<PaperRow> rows, Hardware hardware)
    {
        output.WriteLine(
            $"{title}: prefill of the LLM on {hardware.Name}; 'later' is the cost of the tokens that layers really process");
        output.WriteLine($"{"",-40} {"TFLOPs",9} {"paper",9} {"ms",10} {"paper",9} {"later TF",9} {"later ms",10}");
        foreach (var row in rows)
        {
            var (cost, honest) = (row.Cost(hardware), row.HonestCost(hardware));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Setting,-40} {cost.Teraflops,9:0.00} {row.Teraflops,9} {cost.Milliseconds,10:0.00} {row.Milliseconds,9} {honest?.Teraflops,9:0.00} {honest?.Milliseconds,10:0.00}"));
        }
    }

    private static void Model(
        TextWriter output, ModelShape shape, int visual, int text, string? schedule, Hardware hardware, AttentionKind attention,
        bool operations)
    {
        bool qwen2 = shape.Name.StartsWith("Qwen2", StringComparison.OrdinalIgnoreCase);
        var options = (qwen2 ? CostOptions.PaperQwen2 : CostOptions.Paper) with { Attention = attention };
        if (visual < 0 || text < 1)
            throw new DefinitionException($"--visual {visual} --text {text}: give no negative number, and at least 1 text token");
        int[] all = TokenSchedule.Flat(shape.Layers, visual + text);
        (int First, int Last)? layers = schedule is null ? null : Schedule(schedule);
        Print("unpruned", all);
        if (layers is not { } l)
            return;
        Print($"pruned ({l.First}, {l.Last}), as the paper's script prices it",
            TokenSchedule.AimAsScript(shape.Layers, visual, text, l.First, l.Last));
        Print($"pruned ({l.First}, {l.Last}), tokens really processed",
            TokenSchedule.Aim(shape.Layers, visual, text, l.First, l.Last));

        void Print(string name, int[] tokens)
        {
            var cost = CostModel.Prefill(shape, tokens, hardware, options);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{shape.Name}, {visual} visual + {text} text tokens, {name}: {cost.Teraflops:0.####} TFLOPs, {cost.Milliseconds:0.####} ms on {hardware.Name}, {cost.MemoryBytes / 1e9:0.##} GB held"));
            if (!operations)
                return;
            foreach (var op in cost.Operations)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"  {op.Name,-16} {op.Flops / 1e9,12:0.0000} GFLOPs {op.Bytes / 1e6,12:0.000} MB {op.Seconds * 1e3,10:0.0000} ms"));
        }
    }

    private static ModelShape Shape(string name, string models)
    {
        if (ModelShape.Presets.FirstOrDefault(m => Same(m.Name, name)) is { } preset)
            return preset;
        return Directory.Exists(name)
            ? Shapes.Of(name)
            : throw new DefinitionException(
                $"cost {name}: neither a table ({string.Join(", ", _tables.Keys)}), nor a preset ({models}), nor a checkpoint directory");
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

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
