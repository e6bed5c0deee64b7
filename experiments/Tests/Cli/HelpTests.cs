using System.CommandLine;
using Aim.Experiments.Cli;

namespace Aim.Experiments.Tests.Cli;

public class HelpTests
{
    [Test]
    public async Task Help_lists_every_verb()
    {
        var (code, text, _) = await Workplace.Aim("--help");
        Assert.That(code, Is.Zero);
        foreach (string verb in new[]
        {
            "reproduce", "ask <question>", "icl <question>", "bank", "plan <definition>", "run <definition>", "report <run>",
            "search-schedule", "cost <what>", "parity <dir>", "synth-checkpoint", "list", "doctor", "lab",
        })
            Assert.That(text, Does.Contain($"  {verb}"));
    }

    [Test]
    public void Every_verb_option_and_argument_is_described()
    {
        foreach (var symbol in All(CommandLine.Root(TextWriter.Null, TextWriter.Null)))
            Assert.That(symbol.Description, Is.Not.Null.And.Not.Empty, symbol.Name);
    }

    private static IEnumerable<Symbol> All(Command command) =>
        [command, .. command.Options, .. command.Arguments, .. command.Subcommands.SelectMany(All)];

    [Test]
    public async Task Doctor_measures_the_machine()
    {
        var (code, text, _) = await Workplace.Aim("doctor", "--threads", "1");
        Assert.That(code, Is.Zero);
        Assert.That(text, Does.Match(@"FMA peak +[1-9][0-9.]* GFLOP/s with 1 threads, measured").And.Match(
            "read bandwidth +[0-9]")
            .And.Contain("instruction set").And.Contain("chromium"));
    }

    [Test]
    public async Task List_shows_definitions_methods_and_runs()
    {
        var (code, text, _) = await Workplace.Aim("list", "--output", TestContext.CurrentContext.WorkDirectory);
        Assert.That(code, Is.Zero);
        Assert.That(text, Does.Contain("tradeoff-video").And.Contain("r6-speed")
            .And.Contain("none, aim, random, downsample").And.Contain("runs under"));
    }
}
