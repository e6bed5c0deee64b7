using System.Diagnostics;
using Aim.Experiments.Running;
using Aim.Reports.Records;

namespace Aim.Experiments.Tests.Running;

/// <summary>A real process is killed in the middle of a run; the next one goes on and ends with the same bytes.</summary>
[Platform("Linux,MacOsX")]
public class KillTests
{
    private static Workplace _work = null!;

    [OneTimeSetUp]
    public void Create() => _work = new Workplace(samples: 48);

    [OneTimeTearDown]
    public void Remove() => _work.Dispose();

    [Test]
    public async Task A_run_killed_at_any_moment_ends_with_the_results_of_one_that_was_not()
    {
        string whole = _work.In("whole"), cut = _work.In("cut");
        Assert.That((await Workplace.Aim("run", _work.Definition, "--output", whole, "--threads", "2")).Code, Is.Zero);

        int kills = 0;
        for (int lines = 20; lines <= 140; lines += 60)
        {
            using var process = Start("run", _work.Definition, "--output", cut, "--threads", "2");
            if (!await Reaches(process, cut, lines))
                break;
            process.Kill();
            await process.WaitForExitAsync();
            Assert.That(process.ExitCode, Is.EqualTo(137));
            kills++;
        }
        Assert.That(kills, Is.GreaterThan(0), "the run was over before it could be killed");
        Assert.That(File.Exists(Path.Combine(Workplace.RunOf(cut), RunDirectory.ReportName)), Is.False);

        using var last = Start("run", _work.Definition, "--output", cut, "--threads", "1");
        await last.WaitForExitAsync();
        Assert.That(last.ExitCode, Is.Zero);
        Assert.That(Results(cut), Is.EqualTo(Results(whole)));
    }

    [Test]
    public async Task Ctrl_C_ends_with_130_and_keeps_what_is_done()
    {
        string output = _work.In("interrupted");
        using var process = Start("run", _work.Definition, "--output", output, "--threads", "1");
        Assert.That(await Reaches(process, output, 20), Is.True);
        Process.Start("kill", ["-INT", $"{process.Id}"])!.WaitForExit();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.EqualTo(130));
        Assert.That(await process.StandardError.ReadToEndAsync(), Does.Not.Contain("   at "));
        Assert.That(Lines(output), Is.GreaterThanOrEqualTo(20));
        var (code, text, _) = await Workplace.Aim("run", _work.Definition, "--output", output, "--threads", "2");
        Assert.That((code, text.Split('\n')[0]), Is.EqualTo((0, $"continuing {Workplace.RunOf(output)}")));
    }

    // A shell ignores SIGINT on behalf of what it runs in the background, and children inherit that: on Linux it is undone here.
    private static Process Start(params string[] arguments)
    {
        string program = Path.Combine(TestContext.CurrentContext.TestDirectory, "aim.dll");
        var start = OperatingSystem.IsLinux()
            ? new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", program, .. arguments])
            : new ProcessStartInfo("dotnet", [program, .. arguments]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        return Process.Start(start)!;
    }

    /// <summary>Waits until the journal has so many lines; false when the process ends before that.</summary>
    private static async Task<bool> Reaches(Process process, string output, int lines)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(60);)
        {
            if (Lines(output) >= lines)
                return true;
            if (process.HasExited)
                return false;
            await Task.Delay(5);
        }
        Assert.Fail($"no {lines} journal lines within a minute");
        return false;
    }

    private static int Lines(string output)
    {
        string? journal = Directory.Exists(output)
            ? Directory.GetFiles(output, RunDirectory.JournalName, SearchOption.AllDirectories).SingleOrDefault() : null;
        return journal is null ? 0 : Journal<SampleResult>.Read(journal).Count;
    }

    private static byte[] Results(string output) =>
        File.ReadAllBytes(Path.Combine(Workplace.RunOf(output), RunRecordFile.ResultsName));
}
