using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Aim.Experiments.Planning;
using Aim.Fusion;

namespace Aim.Experiments.Cli;

/// <summary><c>aim bank stat|verify|gc DIR</c>: what a demonstration bank holds, whether it is whole, and cleaning up. No model
/// is needed.</summary>
internal static partial class BankCommand
{
    /// <summary>Exit code of <c>verify</c> when something is broken.</summary>
    private const int Broken = 1;

    public static Command Create(TextWriter output) => new(
        "bank", "Look after a demonstration bank ('aim icl --bank DIR', or the directory 'bank' of 'aim reproduce --icl').")
    {
        Stat(output), Verify(output), Collect(output),
    };

    private static Argument<string> DirectoryArgument() => new("dir") { Description = "The bank's directory." };

    private static Command Stat(TextWriter output)
    {
        var directory = DirectoryArgument();
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("stat", "Count its entries and bytes.") { directory, json };
        command.SetAction(parsed =>
        {
            var held = BankMaintenance.Measure(Existing(parsed.GetRequiredValue(directory)));
            output.WriteLine(parsed.GetValue(json) ? CostJson.Serialize(held) : Words(held));
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Verify(TextWriter output)
    {
        var directory = DirectoryArgument();
        var command = new Command(
            "verify",
            "Read every entry and compare it with its hash. What is broken is one line each, and the exit code 1; a run drops "
                + "it and reads "
            + "the demonstration anew, 'gc' removes it.")
        {
            directory,
        };
        command.SetAction(parsed =>
        {
            string bank = Existing(parsed.GetRequiredValue(directory));
            var broken = BankMaintenance.Verify(bank);
            foreach (var (file, offset, reason) in broken)
                output.WriteLine($"{file}: byte {offset}: {reason}");
            output.WriteLine($"{BankMaintenance.Measure(bank).Entries} entries, {broken.Count} faults");
            return broken.Count == 0 ? CommandLine.Done : Broken;
        });
        return command;
    }

    private static Command Collect(TextWriter output)
    {
        var directory = DirectoryArgument();
        var size = new Option<string?>("--size")
        {
            Description = "Keep at most so many bytes of entries, the most recently used ones: 500MB, 2GB. By default all that "
                + "are whole.",
            HelpName = "SIZE",
        };
        var command = new Command("gc", "Write the entries that are whole into one new segment, and remove the old "
            + "ones.") { directory, size };
        command.SetAction(parsed =>
        {
            string bank = Existing(parsed.GetRequiredValue(directory));
            long most = parsed.GetValue(size) is { } text ? Bytes(text) : long.MaxValue;
            var before = BankMaintenance.Measure(bank);
            var after = BankMaintenance.Collect(bank, most);
            output.WriteLine($"before: {Words(before)}");
            output.WriteLine($"after:  {Words(after)}");
            return CommandLine.Done;
        });
        return command;
    }

    private static string Existing(string directory) => BankMaintenance.Exists(directory)
        ? directory
        : throw new DefinitionException($"{directory}: no demonstration bank; 'aim icl --bank DIR' makes one");

    private static string Words(BankStatistics held) => string.Create(CultureInfo.InvariantCulture,
        $"{held.Entries} entries, {held.Bytes} bytes ({(held.Entries == 0 ? 0 : held.Bytes / held.Entries)} each); "
            + $"{held.Segments} segments, {held.SegmentBytes} bytes, {held.SegmentBytes - held.Bytes} of them not in use");

    private static long Bytes(string text)
    {
        var match = Size().Match(text.Trim());
        if (!match.Success || !decimal.TryParse(match.Groups[1].Value, NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture, out decimal n))
            throw new DefinitionException($"--size {text}: give a number of bytes, for example 500MB or 2GB");
        decimal unit = match.Groups[2].Value.ToUpperInvariant() switch
        {
            "KB" => 1000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            _ => 1
        };
        return n * unit is > 0 and <= 1e15m and var bytes
            ? (long)bytes
            : throw new DefinitionException($"--size {text}: must be more than 0 and no more than a petabyte");
    }

    [GeneratedRegex(@"^([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([kKmMgG]?[bB])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Size();
}
