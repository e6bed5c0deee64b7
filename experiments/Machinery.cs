using System.Diagnostics;
using System.Globalization;
using Aim.Models;

namespace Aim.Experiments;

/// <summary>What the machine and its installed programs are: the part of a run record that says where it ran.</summary>
internal static class Machinery
{
    /// <summary>The processor's name, from /proc/cpuinfo where there is one.</summary>
    public static string Cpu()
    {
        try
        {
            return File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? Fallback();
        }
        catch (IOException)
        {
            return Fallback();
        }
        static string Fallback() => $"{System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture}";
    }

    /// <summary>Memory that the process may use, in bytes.</summary>
    public static long Memory() => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>
    /// Memory that could be taken now without others losing theirs, in bytes: what /proc/meminfo says is available, or all that
    /// the process may use where there is no such file.
    /// </summary>
    public static long AvailableMemory()
    {
        try
        {
            string? line = File.ReadLines("/proc/meminfo")
                .FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
            if (line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kibibytes, ..]
                && long.TryParse(kibibytes, CultureInfo.InvariantCulture, out long available))
                return Math.Min(available << 10, Memory());
        }
        catch (IOException)
        {
            // No Linux: what the runtime knows is all there is.
        }
        return Memory();
    }

    /// <summary>The first of the programs that is on the PATH, as its full path; null where there is none.</summary>
    public static string? Program(params IEnumerable<string> names) =>
        (from name in names
         from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
         where folder.Length > 0
         let path = Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)
         where File.Exists(path)
         select path).FirstOrDefault();

    /// <summary>The first line that a program prints, or null where it does not run or takes more than ten seconds.</summary>
    public static string? FirstLine(string program, string? directory = null, params IEnumerable<string> arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = directory ?? "",
            };
            using var process = Process.Start(start);
            if (process is null)
                return null;
            _ = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                process.Kill();
                return null;
            }
            return process.ExitCode == 0 ? output.Result.Split('\n')[0].Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>
    /// The commit of the clone that the program runs from, and whether the work tree has changes; nulls outside a clone.
    /// </summary>
    public static (string? Commit, bool? Dirty) Commit()
    {
        string root = Places.Root();
        if (!Path.Exists(Path.Combine(root, ".git")) || FirstLine("git", root, "rev-parse", "HEAD") is not { Length: > 0 } commit)
            return (null, null);
        return (commit, FirstLine("git", root, "status", "--porcelain", "--untracked-files=no") is { Length: > 0 });
    }

    /// <summary>
    /// How weights of so many bytes are kept: packed, which computes fastest, is a copy in memory beside which caches and
    /// activations need room; mapped ones are the file's own pages.
    /// </summary>
    public static WeightResidency Residency(long weightBytes)
    {
        const long Room = 4L << 30;
        return weightBytes + Room < AvailableMemory() ? WeightResidency.Packed : WeightResidency.Mapped;
    }

    internal static string Bytes(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");
}
