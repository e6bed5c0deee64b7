using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Aim.Experiments.Parity;
using Aim.Experiments.Planning;
using Aim.Parity;

namespace Aim.Experiments.Cli;

/// <summary>
/// <c>aim parity DIR</c>: runs the fixture cases under a directory and says how far this build is from upstream.
/// </summary>
internal static class ParityCommand
{
    private const string Help =
        "Run fixture cases: what upstream programs computed, and how far this build is from it. Cases are found by the files "
        + "that describe them (case.json, ops.json, errors.json, cases.json beside tokenizer.json, *.inp and *.out, "
        + "chat_templates.json, decode.json, resize.json, geometry.json, metrics' files), in any folder under DIR. Each case is "
        + "one line on the standard output: status, kind/name, each tensor's largest absolute and (in brackets) relative "
        + "difference, and a reason. 'pass': within the fixture's tolerance; 'fail': not, or an error; 'not-supported': this "
        + "build lacks what the case asks for; 'informative': the fixture requires no match. The summary goes to the standard "
        + "error. Exit code 1 if a case fails, 0 if none does, 2 if there is no case.";

    /// <summary>Exit code when a case fails.</summary>
    private const int Failed = 1;

    public static Command Create(TextWriter output, TextWriter error)
    {
        var directory = new Argument<string>("dir")
        {
            Description = "A directory of fixtures: all of them, one kind's, or one case's.",
        };
        var json = new Option<bool>("--json")
        {
            Description = "Print only {\"cases\":[...],\"summary\":{...}} on the standard output, and the lines on the standard "
                + "error. Differences that are not finite are null; a reason is left out where there is none.",
        };
        var kind = new Option<string[]>("--kind")
        {
            Description = "Run only cases of this kind, as the lines name it (merge, models, ops, ...); may be repeated.",
            HelpName = "KIND",
            DefaultValueFactory = _ => [],
        };
        var filter = new Option<string?>("--filter")
        {
            Description = "Run only cases with this text in kind/name.",
            HelpName = "TEXT",
        };
        var threads = RunOptions.ThreadsOption();
        var command = new Command("parity", Help) { directory, json, kind, filter, threads };
        command.SetAction((parsed, cancel) =>
        {
            torch.set_num_threads(RunOptions.Threads(parsed, threads));
            string root = parsed.GetRequiredValue(directory);
            if (!Directory.Exists(root))
                throw new DefinitionException($"parity {root}: no such directory; give one that holds fixtures");
            string[] kinds = parsed.GetRequiredValue(kind);
            string text = parsed.GetValue(filter) ?? "";
            IReadOnlyList<IParityKind> known = [.. ParityKinds.All, new StatisticsKind()];
            var cases = ParityWalker.Find(root, known)
                .Where(c => kinds.Length == 0 || kinds.Contains(c.Kind, StringComparer.Ordinal))
                .Where(c => $"{c.Kind}/{c.Name}".Contains(text, StringComparison.Ordinal));
            bool asJson = parsed.GetValue(json);
            var results = Run(cases, asJson ? error : output, asJson, error, cancel);
            if (results.Total.Values.Sum() == 0)
            {
                bool chosen = kinds.Length > 0 || text.Length > 0;
                string what = chosen ? "no case that --kind and --filter leave" : "no fixture case in it";
                throw new DefinitionException($"parity {root}: {what}; see 'aim parity --help' for what makes a case");
            }

            if (asJson)
                output.WriteLine(results.Json);
            return Task.FromResult(results.Total.GetValueOrDefault(CaseStatus.Fail) > 0 ? Failed : CommandLine.Done);
        });
        return command;
    }

    private static (IReadOnlyDictionary<CaseStatus, int> Total, string Json) Run(
        IEnumerable<IParityCase> cases, TextWriter lines, bool asJson, TextWriter error, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var counts = new CaseCounts();
        var kept = new List<CaseResult>();
        foreach (var next in cases)
        {
            cancel.ThrowIfCancellationRequested();
            var result = next.Run();
            counts.Add(result);
            if (asJson)
                kept.Add(result);
            lines.WriteLine(CaseReport.Line(result));
            lines.Flush();
        }

        foreach (var (kind, count) in counts.ByKind)
            error.WriteLine($"{CaseReport.OneLine(kind)}: {Spell(count)}");
        if (counts.Total.Count > 0)
        {
            error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"in all: {Spell(counts.Total)}, {watch.Elapsed.TotalSeconds:0.0} s"));
        }

        if (!asJson)
            return (counts.Total, "");
        using var stream = new MemoryStream();
        CaseReport.WriteJson(stream, kept);
        return (counts.Total, Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }

    private static string Spell(IReadOnlyDictionary<CaseStatus, int> counts)
        => $"{counts.Values.Sum()} cases, "
            + string.Join(", ", Enum.GetValues<CaseStatus>().Select(s => $"{counts.GetValueOrDefault(s)} {CaseReport.Spell(s)}"));
}
