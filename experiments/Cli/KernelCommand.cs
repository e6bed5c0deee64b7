using System.CommandLine;
using Aim.Experiments.Jupyter;
using Aim.Experiments.Planning;
using Aim.Kernel;

namespace Aim.Experiments.Cli;

/// <summary>
/// <c>aim kernel</c>: the C# kernel for Jupyter, installed and removed; <c>host</c> is what Jupyter's side starts.
/// </summary>
internal static class KernelCommand
{
    public static Command Create(TextWriter output) =>
        new("kernel", "Install or remove the kernel that runs C# notebooks in Jupyter.")
        {
            Install(output), Uninstall(output), Host(),
        };

    private static Command Install(TextWriter output)
    {
        var (user, prefix, python) = (User(), Prefix(), Python());
        var alias = new Option<string?>("--alias")
        {
            Description = "A second name, so that notebooks that ask for it run too; .net-csharp is .NET Interactive's.",
            HelpName = "NAME",
        };
        var command = new Command(
            "install", "Tell Jupyter of the kernel: 'C# (Aim)' in its menus. Without options for you alone.")
        {
            user, prefix, python, alias,
        };
        command.SetAction(parsed =>
        {
            var interpreter = PythonInterpreter.Find(parsed.GetValue(python));
            string kernels = Kernels(parsed.GetValue(user), parsed.GetValue(prefix), interpreter);
            string[] names = parsed.GetValue(alias) is { } second ? [KernelSpec.Name, second] : [KernelSpec.Name];
            foreach (string name in names)
                output.WriteLine($"{KernelSpec.Install(kernels, name, interpreter).Folder}: installed");
            output.WriteLine($"Python: {interpreter.Path}, ipykernel {interpreter.Version}");
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Uninstall(TextWriter output)
    {
        var (user, prefix, python) = (User(), Prefix(), Python());
        var command = new Command(
            "uninstall", "Remove the kernel and its aliases from where 'install' with the same options put them.")
        {
            user, prefix, python,
        };
        command.SetAction(parsed =>
        {
            string? at = parsed.GetValue(prefix);
            string kernels = at is not null
                ? KernelSpec.Below(at) : Kernels(parsed.GetValue(user), null, PythonInterpreter.Find(parsed.GetValue(python)));
            var specs = KernelSpec.In(kernels);
            if (specs.Count == 0)
                throw new DefinitionException($"{kernels}: there is no kernel of aim");
            foreach (var spec in specs)
            {
                spec.Remove();
                output.WriteLine($"{spec.Folder}: removed");
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Command Host()
    {
        var requests = new Option<int>("--requests") { Description = "Descriptor of the pipe to read.", Required = true };
        var events = new Option<int>("--events") { Description = "Descriptor of the pipe to write.", Required = true };
        var command = new Command(
            "host", "Run the cells of one notebook; started by the kernel's Python side.") { requests, events };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            KernelHost.Run(parsed.GetValue(requests), parsed.GetValue(events), NotebookSetup.Create());

            // A cell may have left threads behind that run for ever.
            Environment.Exit(CommandLine.Done);
            return CommandLine.Done;
        });
        return command;
    }

    private static Option<bool> User() => new("--user") { Description = "For you alone: the default." };

    private static Option<string?> Prefix() => new("--prefix")
    {
        Description = "Below a folder instead, as /usr/local or an environment's own: DIR/share/jupyter/kernels.",
        HelpName = "DIR",
    };

    private static Option<string?> Python() => new("--python")
    {
        Description = "The Python that Jupyter shall start; it must import ipykernel.",
        HelpName = "FILE",
    };

    private static string Kernels(bool user, string? prefix, PythonInterpreter python) => (user, prefix) switch
    {
        (true, not null) => throw new DefinitionException("--user and --prefix say two places: give one"),
        (_, not null) => KernelSpec.Below(prefix),
        _ => Path.Combine(python.DataDirectory, "kernels"),
    };
}
