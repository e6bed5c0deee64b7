using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Aim.Experiments.Jupyter;
using Aim.Models;

namespace Aim.Experiments.Cli;

/// <summary><c>aim doctor</c>: what this machine can do, measured, and what is installed that some verbs use.</summary>
internal static class DoctorCommand
{
    public static Command Create(TextWriter output)
    {
        var threads = RunOptions.ThreadsOption();
        var command = new Command(
            "doctor",
            "Measure this machine (FMA peak, memory bandwidth) and check the model and the programs that some verbs use.")
        {
            threads,
        };
        command.SetAction(parsed =>
        {
            int count = RunOptions.Threads(parsed, threads);
            var machine = MeasuredMachine.Measure(count);
            void Line(string name, string value) => output.WriteLine($"{name,-20} {value}");
            string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

            Line("system", RuntimeInformation.OSDescription);
            Line("processor", $"{Machinery.Cpu()}, {Environment.ProcessorCount} logical");
            Line("memory", Machinery.Bytes(Machinery.Memory()));
            Line("runtime", RuntimeInformation.FrameworkDescription);
            Line("SDK", Machinery.FirstLine("dotnet", null, "--version") ?? "not on the PATH (only building needs it)");
            Line("tensor engine", Engine.Name);
            Line("instruction set", Machine.Isa);
            Line("threads", count.ToString(CultureInfo.InvariantCulture));
            Line("FMA peak", $"{Number(machine.PeakFlops / 1e9)} GFLOP/s with {count} threads, measured");
            Line("read bandwidth", $"{Number(machine.BytesPerSecond / 1e9)} GB/s, measured");
            Line("lab model", Model());
            Line("definitions", string.Join(", ", Places.Shipped().Select(Path.GetFileNameWithoutExtension)));
            Line("chromium", Program("the report's browser test", "chromium", "chromium-browser", "google-chrome"));
            Line("ffmpeg", Program("videos other than the lab's", "ffmpeg"));
            Line("jupyter", Program("notebooks", "jupyter"));
            Line("notebook kernel", Kernel());
            Line("slurm", Program("running on a cluster", "sbatch"));
            Line("git", Program("naming the commit in run records", "git"));
            return CommandLine.Done;
        });
        return command;
    }

    private static string Model()
    {
        try
        {
            string directory = Places.Model(Places.LabModel, null);
            string weights = Path.Combine(directory, "model.safetensors");
            if (!File.Exists(weights))
                return $"{directory} has no weights: run 'aim lab train'";
            string hash = MultimodalModel.HashOf(directory);
            var config = LlavaOnevisionConfig.Load(directory);
            string schedule = File.Exists(Path.Combine(directory, StoredSchedule.FileName))
                ? "searched schedule stored" : "no searched schedule: run 'aim search-schedule'";
            return $"{directory}, {config.Text.NumHiddenLayers} layers, sha256 {hash}, {schedule}";
        }
        catch (IOException error)
        {
            return $"missing or damaged: {error.Message.ReplaceLineEndings(" ")}";
        }
    }

    private static string Kernel()
    {
        const string Install = "run 'aim kernel install'";
        string[] places;
        try
        {
            places =
            [
                Path.Combine(PythonInterpreter.Find(null).DataDirectory, "kernels"), KernelSpec.Below("/usr/local"),
                KernelSpec.Below("/usr"),
            ];
        }
        catch (IOException error)
        {
            return $"cannot be installed: {error.Message}";
        }

        var specs = places.SelectMany(KernelSpec.In).ToList();
        return specs.Count == 0
            ? $"not installed: {Install}"
            : string.Join("; ", specs.Select(s => $"{s.Folder}: {s.Fault() ?? "ready"}"));
    }

    private static string Program(string use, params string[] names) => Machinery.Program(names) ?? $"absent (used for {use})";
}
