using System.CommandLine;
using System.Globalization;
using Aim.Cost;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Cli;

/// <summary><c>aim plan DEFINITION</c>: the cells and what they are predicted to cost; nothing is run.</summary>
internal static class PlanCommand
{
    public static Command Create(TextWriter output)
    {
        var arguments = new DefinitionArguments();
        var command = new Command("plan", "Print a definition's cells and what they are predicted to cost. Runs nothing.");
        arguments.AddTo(command);
        command.SetAction(parsed =>
        {
            var (definition, file) = arguments.Read(parsed);
            Print(output, Plan.Make(definition, file));
            return CommandLine.Done;
        });
        return command;
    }

    private static void Print(TextWriter output, Plan plan)
    {
        var (definition, shape) = (plan.Definition, plan.Geometry.Shape);
        output.WriteLine($"{definition.Name} version {definition.Version}: {definition.Title}");
        output.WriteLine($"sha256 {CanonicalForm.Hash(definition)}");
        output.WriteLine(
            $"{plan.Samples.Count} samples of {definition.Data} {definition.Split}, {definition.Frames} frames of {plan.Geometry.TokensPerFrame} tokens, {plan.Text.Min()} to {plan.Text.Max()} text tokens, {shape.Layers} layers");
        output.WriteLine(
            $"{"cell",-28} {"samples",7} {"tokens, first to last layer",28} {"executed",10} {"priced",10} {"later",10} {"of unreduced",13}");
        double unreduced = Priced(plan, plan.Baseline), total = 0;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var cell in plan.Cells)
        {
            int text = plan.Text[0];
            int[] tokens = cell.Tokens(text);
            double executed = plan.Mean(cell, t => cell.Executed(t));
            bool shared = !seen.Add(cell.Settings);
            total += shared ? 0 : executed * cell.Cell.Samples;
            double later = plan.Mean(cell, t => CostModel.Prefill(
                shape, cell.Tokens(t), Hardware.A100_40GB, CostOptions.PaperQwen2).Flops);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{cell.Cell.Id,-28} {cell.Cell.Samples,7} {Short(tokens),28} {executed / 1e9,8:0.000} G {Priced(plan, cell) / 1e9,8:0.000} G {later / 1e9,8:0.000} G {Priced(plan, cell) / unreduced,13:0.0%}{Notes(cell, executed, shared)}"));
        }
        foreach (var (cell, reason) in plan.LeftOut)
            output.WriteLine($"{cell.Id,-28} left out: {reason}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"prefills, all samples and cells: {total / 1e12:0.00} TFLOPs executed; vision tower, ranking and decoding come on top"));
    }

    private static string Notes(PlannedCell cell, double executed, bool shared)
    {
        string notes = cell.Cell.Headline ? "  headline" : "";
        if (cell.Target is { } target)
            notes += string.Create(CultureInfo.InvariantCulture, $"  {executed / target:0.0%} of its target");
        return shared ? notes + "  answers shared" : notes;
    }

    private static double Priced(Plan plan, PlannedCell cell) =>
        plan.Mean(cell, t => CostModel.Prefill(plan.Geometry.Shape, cell.PricedTokens(t), Hardware.A100_40GB,
            CostOptions.PaperQwen2).Flops);

    // 319 x7, 219, 121, 22 x3
    private static string Short(int[] tokens)
    {
        var runs = new List<(int Tokens, int Layers)>();
        foreach (int n in tokens)
        {
            if (runs.Count > 0 && runs[^1].Tokens == n)
                runs[^1] = (n, runs[^1].Layers + 1);
            else
                runs.Add((n, 1));
        }
        return string.Join(", ", runs.Select(r => r.Layers == 1 ? $"{r.Tokens}" : $"{r.Tokens} x{r.Layers}"));
    }
}
