using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Cli;

/// <summary>
/// The <c>aim</c> command: parses, runs a verb and turns what goes wrong into one line and an exit code. 0: done. 2: something
/// that the user gave is wrong. 130: ended by Ctrl-C, 143: by SIGTERM, both after what was computed is on the disk. 1: a fault of
/// the program, with its stack trace, a case of <c>aim parity</c> that fails, a bank that <c>aim bank verify</c> finds broken, or
/// a notebook whose cell fails.
/// </summary>
public static class CommandLine
{
    public const int Done = 0;
    public const int Fault = 1;
    public const int UserError = 2;
    public const int Interrupted = 130;
    public const int Terminated = 143;

    /// <summary>Runs one command line and returns its exit code.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        using var cancel = new CancellationTokenSource();
        int code = Interrupted;
        int signals = 0;
        void Stop(PosixSignalContext signal)
        {
            // The first signal asks for an orderly end; a second one ends the process at once (the journal bears it).
            signal.Cancel = Interlocked.Increment(ref signals) == 1;
            code = signal.Signal == PosixSignal.SIGTERM ? Terminated : Interrupted;
            cancel.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        var parsed = Root(output, error).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            // 'Required command was not provided' comes first even where a verb was misspelt.
            string message = parsed.UnmatchedTokens.Count > 0 && parsed.CommandResult.Command is RootCommand
                ? $"'{parsed.UnmatchedTokens[0]}' is no verb of aim."
                : parsed.Errors[0].Message;
            error.WriteLine($"aim: {OneLine(message)} See 'aim {Path(parsed.CommandResult)}--help'.");
            return UserError;
        }
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = output,
                    Error = error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                cancel.Token);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return code;
        }
        catch (Exception fault) when (IsUserError(fault))
        {
            error.WriteLine($"aim: {OneLine(fault.Message)}");
            return UserError;
        }
        catch (Exception fault)
        {
            error.WriteLine($"aim: a fault of the program, please report it: {fault}");
            return Fault;
        }
    }

    /// <summary>The tree of commands.</summary>
    internal static RootCommand Root(TextWriter output, TextWriter error)
    {
        var root = new RootCommand(
            "Adaptive inference of multimodal language models: token merging and pruning, measured on models that fit a laptop.");
        root.Add(RunCommand.CreateReproduce(output));
        root.Add(AskCommand.Create(output, error));
        root.Add(IclCommand.Create(output, error));
        root.Add(BankCommand.Create(output));
        root.Add(PlanCommand.Create(output));
        root.Add(RunCommand.Create(output));
        root.Add(ReportCommand.Create(output));
        root.Add(SearchScheduleCommand.Create(output));
        root.Add(SearchFrontCommand.Create(output));
        root.Add(CostCommand.Create(output));
        root.Add(ParityCommand.Create(output, error));
        root.Add(SynthCheckpointCommand.Create(output));
        root.Add(ListCommand.Create(output));
        root.Add(DoctorCommand.Create(output));
        root.Add(LabCommand.Create(output));
        root.Add(KernelCommand.Create(output));
        root.Add(NotebooksCommand.Create(output, error));
        return root;
    }

    /// <summary>
    /// Errors about files and inputs: checkpoints, definitions, records, options, the file system. Their messages name the cause;
    /// a stack trace would add nothing.
    /// </summary>
    internal static bool IsUserError(Exception fault) =>
        fault is InvalidDataException or IOException or UnauthorizedAccessException
        || (fault is FormatException or ArgumentException && Thrower(fault) is { } home
            && home.StartsWith("Aim.", StringComparison.Ordinal) && home != "Aim.Tensors");

    // An ArgumentException of our own code names an option or a setting; one from elsewhere is a fault of the program.
    private static string? Thrower(Exception fault) => fault.TargetSite?.DeclaringType?.Namespace;

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim();

    private static string Path(CommandResult command)
    {
        string names = "";
        for (SymbolResult? at = command; at is CommandResult { Command: not RootCommand } c; at = at.Parent)
            names = $"{c.Command.Name} {names}";
        return names;
    }
}
