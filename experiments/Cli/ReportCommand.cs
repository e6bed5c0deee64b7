using System.CommandLine;
using Aim.Experiments.Running;
using Aim.Reports;
using Aim.Reports.Records;

namespace Aim.Experiments.Cli;

/// <summary><c>aim report RUN</c>: writes a run's report again from its records.</summary>
internal static class ReportCommand
{
    public static Command Create(TextWriter output)
    {
        var name = new Argument<string>("run") { Description = "A run's directory, or its name under the output directory." };
        var directory = RunOptions.OutputOption();
        var command = new Command("report", "Write a finished run's report again, from results.json and timings.json.")
        {
            name, directory,
        };
        command.SetAction(parsed =>
        {
            var run = RunDirectory.Find(parsed.GetRequiredValue(name), RunOptions.Output(parsed, directory));
            ReportWriter.Write(
                RunRecordFile.ReadResults(run.File(RunRecordFile.ResultsName)),
                RunRecordFile.ReadTimings(run.File(RunRecordFile.TimingsName)),
                run.Report);
            output.WriteLine($"report: {Path.GetFullPath(run.Report)}");
            return CommandLine.Done;
        });
        return command;
    }
}
