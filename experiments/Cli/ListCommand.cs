using System.CommandLine;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;

namespace Aim.Experiments.Cli;

/// <summary><c>aim list</c>: the definitions that ship with the program, and the runs under an output directory.</summary>
internal static class ListCommand
{
    public static Command Create(TextWriter output)
    {
        var directory = RunOptions.OutputOption();
        var command = new Command(
            "list",
            "Show the definitions that ship with the program and the runs under the output directory.")
        {
            directory,
        };
        command.SetAction(parsed =>
        {
            output.WriteLine("definitions");
            foreach (string path in Places.Shipped())
            {
                var definition = DefinitionReader.Read(path);
                output.WriteLine($"  {definition.Name,-20} version {definition.Version}: {definition.Title}");
            }
            output.WriteLine("definitions on in-context learning (aim reproduce --icl)");
            foreach (string path in Places.ShippedInContext())
            {
                var definition = InContext.InContextReader.Read(path);
                output.WriteLine($"  {definition.Name,-20} version {definition.Version}: {definition.Title}");
            }
            output.WriteLine("methods");
            output.WriteLine($"  {string.Join(", ", MethodBook.Names)}");
            string runs = RunOptions.Output(parsed, directory);
            output.WriteLine($"runs under {runs}");
            foreach (var (run, info) in RunDirectory.Runs(runs))
                output.WriteLine(
                    $"  {Path.GetFileName(run.Path),-32} {info.Name}, {(File.Exists(run.Report) ? "finished" : "unfinished")}");
            return CommandLine.Done;
        });
        return command;
    }
}
