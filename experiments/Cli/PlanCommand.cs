using System.CommandLine;
using System.Globalization;
using Aim.Cost;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;

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
        var definition = plan.Definition;
        output.WriteLine($"{definition.Name} version {definition.Version}: {definition.Title}");
        output.WriteLine($"sha256 {CanonicalForm.Hash(definition)}");
        foreach (var set in plan.Sets)
        {
            string frames = set.Name.IsPicture ? "single pictures" : $"{set.Name.Frames} frames";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{set.Samples.Count} samples of {$"{plan.Data.Name} {definition.Split}".TrimEnd()}{Beyond(set)}, {frames} of "
                    + $"{Visual(set)} tokens, {set.Prompts.Min(p => p.Text)} to {set.Prompts.Max(p => p.Text)} text tokens, "
                    + $"{set.Geometry.Shape.Layers} layers"
                    + $"{(set.Name.Style == TestSetName.Twemoji ? $", {set.Name.Style}" : "")}"));
        }
        int width = Math.Max(28, plan.Cells.Max(c => c.Id.Length));
        output.WriteLine(
            $"{"cell".PadRight(width)} {"samples",7} {"tokens, first to last layer",28} {"executed",10} {"priced",10} "
                + $"{"later",10} {"of unreduced",13}");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var cell in plan.Cells)
        {
            double executed = cell.Mean(t => cell.Executed(t)), unreduced = Priced(plan.BaselineOf(cell));
            bool shared = !seen.Add($"{cell.Set.Name} {cell.Settings}");
            double later = cell.Mean(t => CostModel.Prefill(
                cell.Geometry.Shape, cell.Tokens(t), Hardware.A100_40GB, cell.Geometry.Pricing).Flops);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{cell.Id.PadRight(width)} {cell.Cell.Samples,7} {Short(cell.Tokens(cell.Set.Prompts[0])),28} "
                    + $"{executed / 1e9,8:0.000} G {Priced(cell) / 1e9,8:0.000} G {later / 1e9,8:0.000} G "
                    + $"{Priced(cell) / unreduced,13:0.0%}{Notes(cell, executed, shared)}"));
        }
        foreach (var (id, reason) in plan.LeftOut)
            output.WriteLine($"{id.PadRight(width)} left out: {reason}");
        var work = Workload.Of([plan]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"prefills, all samples and cells: {work.Prefill / 1e12:0.00} TFLOPs executed; vision tower, ranking and decoding "
                + $"come on top"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{work.Answers} answers and {work.Flops / 1e12:0.0} TFLOPs with the tower: about "
                + $"{Progress.Duration(work.At(400e9))} at a peak of 400 GFLOP/s"));
    }

    private static string Notes(PlannedCell cell, double executed, bool shared)
    {
        string notes = cell.Cell.Headline ? "  headline" : "";
        if (cell.Target is { } target)
            notes += string.Create(CultureInfo.InvariantCulture, $"  {executed / target:0.0%} of its target");
        return shared ? notes + "  answers shared" : notes;
    }

    // Of a frame; where pictures or frames differ in size, of all that a sample shows, from the least to the most.
    private static string Visual(TestSet set)
    {
        int least = set.Prompts.Min(p => p.Visual.Tokens), most = set.Prompts.Max(p => p.Visual.Tokens);
        return least == most ? $"{set.Geometry.TokensPerFrame}" : $"{least} to {most}";
    }

    private static string Beyond(TestSet set) => set.First < set.Samples.Count
        ? string.Create(CultureInfo.InvariantCulture, $" (all kinds in the first {set.First}, then those that count)") : "";

    private static double Priced(PlannedCell cell) => cell.Mean(t => CostModel.Prefill(
        cell.Geometry.Shape, cell.PricedTokens(t), Hardware.A100_40GB, cell.Geometry.Pricing).Flops);

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
