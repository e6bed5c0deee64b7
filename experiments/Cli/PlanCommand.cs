using System.CommandLine;
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
            var (definition, _) = arguments.Read(parsed);
            output.WriteLine($"{definition.Name} version {definition.Version}: {definition.Title}");
            output.WriteLine($"sha256 {CanonicalForm.Hash(definition)}");
            foreach (var cell in Cell.Expand(definition))
                output.WriteLine($"  {cell.Id,-28} {cell.Samples,6} samples{(cell.Headline ? "  headline" : "")}");
            return CommandLine.Done;
        });
        return command;
    }
}
