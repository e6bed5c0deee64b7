using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Aim.Experiments.Asking;
using Aim.Experiments.Planning;
using Aim.Models;
using Aim.Reduction;

namespace Aim.Experiments.Cli;

/// <summary><c>aim ask</c>: a checkpoint's answer to a question about pictures or a video, with or without a method.</summary>
internal static partial class AskCommand
{
    private const string Help =
        "Ask a checkpoint directory (LLaVA-OneVision, LLaVA-1.5, LLaVA-NeXT, Qwen2-VL) about pictures, a video or both. The "
        + "answer comes on the standard output as it is generated; what it took goes to the standard error: tokens per layer, "
        + "FLOPs, seconds, and speeds as shares of what this machine can do, measured now. Nothing is reduced unless --merge, "
        + "--prune or --method ask for it; nothing is drawn unless --temperature, --top-p or --top-k do.";

    private const int MostFrames = 512;

    public static Command Create(TextWriter output, TextWriter error)
    {
        var question = new Argument<string>("question") { Description = "The question." };
        var model = RunOptions.Option("--model", "A Hugging Face checkpoint directory.", Places.LabModel, "DIR");
        var image = new Option<string[]>("--image")
        {
            Description = "A picture; may be repeated.",
            HelpName = "FILE",
            DefaultValueFactory = _ => [],
        };
        var video = new Option<string?>("--video")
        {
            Description = "A video: a file that ffmpeg reads, or a directory of numbered frames; pictures stand before it.",
            HelpName = "PATH",
        };
        var frames = RunOptions.Option("--frames", "Frames to take of the video, evenly from the first to the last.", 32, "N");
        var merge = new Option<string?>("--merge")
        {
            Description = "Share of the visual tokens that AIM's merging keeps: 0.25, 1/4 or 25%.",
            HelpName = "SHARE",
        };
        var prune = new Option<string?>("--prune")
        {
            Description = "Layers between which AIM prunes visual tokens, l1..l2 (14..22), or 'default'.",
            HelpName = "L1..L2",
        };
        var method = new Option<string?>("--method")
        {
            Description = $"Any method instead of AIM: {string.Join(", ", Methods.Names)}.",
            HelpName = "NAME",
        };
        var set = new Option<string[]>("--set")
        {
            Description = "A setting of the method; may be repeated.",
            HelpName = "key=value",
            DefaultValueFactory = _ => [],
        };
        var temperature = new Option<double?>("--temperature") { Description = "Draw tokens at this temperature; 0 draws none." };
        var topP = new Option<double?>("--top-p")
        {
            Description = "Draw among the most probable tokens of this total probability.",
        };
        var topK = new Option<int?>("--top-k") { Description = "Draw among so many of the most probable tokens." };
        var seed = RunOptions.Option("--seed", "Same seed, same draws.", 0UL);
        var longest = RunOptions.Option("--max-new-tokens", "Most tokens of the answer.", 256, "N");
        var weights = RunOptions.Option(
            "--weights",
            "How weights are kept: 'packed' (copied for speed), 'mapped' (the file's pages), or 'auto': packed if they fit.",
            "auto");
        var json = new Option<bool>("--json") { Description = "Print one JSON object on the standard output, and nothing else." };
        var quiet = new Option<bool>("--quiet") { Description = "Print the answer alone, and measure nothing." };
        var threads = RunOptions.ThreadsOption();
        var command = new Command("ask", Help)
        {
            question, model, image, video, frames, merge, prune, method, set, temperature, topP, topK, seed, longest, weights,
            json, quiet, threads,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            int count = RunOptions.Threads(parsed, threads);
            torch.set_num_threads(count);
            var (name, settings) = Method(
                parsed.GetValue(method), parsed.GetValue(merge), parsed.GetValue(prune), parsed.GetRequiredValue(set));
            var (images, clip) = (parsed.GetRequiredValue(image), parsed.GetValue(video));
            var (asJson, silent) = (parsed.GetValue(json), parsed.GetValue(quiet));
            var request = new AskRequest(
                parsed.GetRequiredValue(model), parsed.GetRequiredValue(question), images, clip,
                Within(parsed.GetValue(frames), "--frames", 1, MostFrames), name, settings,
                Within(parsed.GetValue(longest), "--max-new-tokens", 1, 1 << 20),
                Sampling(parsed.GetValue(temperature), parsed.GetValue(topP), parsed.GetValue(topK), parsed.GetValue(seed)),
                Residency(parsed.GetRequiredValue(weights)), !silent, count);

            bool begun = false;
            void Print(string piece)
            {
                // Answers often begin with a space.
                output.Write(begun ? piece : piece.TrimStart());
                output.Flush();
                begun = begun || piece.Trim().Length > 0;
            }

            // Ctrl-C is answered at once; what was under way ends before its next layer.
            var result = await Task.Run(
                () => new Ask(request, cancel).Run(asJson ? _ => { } : Print, cancel), CancellationToken.None)
                .WaitAsync(cancel);
            if (asJson)
            {
                output.WriteLine(AskReport.Json(result));
                return CommandLine.Done;
            }

            output.WriteLine();
            if (!silent)
                AskReport.Write(error, result);
            return CommandLine.Done;
        });
        return command;
    }

    // AIM where its options are given, else nothing, unless a method is named; settings of all kinds together.
    private static (string Name, Dictionary<string, string> Settings) Method(
        string? name, string? merge, string? prune, string[] set)
    {
        string method = name ?? (merge is null && prune is null ? "none" : "aim");
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string pair in set)
        {
            string[] parts = pair.Split('=', 2);
            if (parts.Length != 2 || parts[0].Length == 0)
                throw new DefinitionException($"--set {pair}: not a setting; write key=value");
            settings[parts[0].Trim()] = parts[1].Trim();
        }

        Take("--merge", merge, "retention", text => text);
        Take("--prune", prune, "schedule", Schedule);
        return (method, settings);

        void Take(string option, string? value, string setting, Func<string, string> read)
        {
            if (value is null)
                return;
            if (Methods.Get(method).Settings.All(s => s.Name != setting))
                throw new DefinitionException($"{option}: {method} has no setting '{setting}'; use --set");
            settings[setting] = read(value);
        }
    }

    private static string Schedule(string text) => Layers().Match(text) is { Success: true } layers
        ? $"({layers.Groups[1].Value}, {layers.Groups[2].Value})"
        : text is "default" or "none" ? text
        : throw new DefinitionException($"--prune {text}: not a schedule; write l1..l2, for example 14..22, or 'default'");

    private static int Within(int value, string option, int least, int most) => value >= least && value <= most
        ? value
        : throw new DefinitionException($"{option} {value}: give a number from {least} to {most}");

    private static Sampling? Sampling(double? temperature, double? topP, int? topK, ulong seed)
    {
        if (temperature is { } t && !(double.IsFinite(t) && t >= 0))
            throw Wrong("--temperature", t, "0 or more");
        if (topP is { } p && !(p is > 0 and <= 1))
            throw Wrong("--top-p", p, "more than 0 and at most 1");
        if (topK is < 1)
            throw Wrong("--top-k", topK.Value, "1 or more");
        return temperature == 0 || (temperature ?? topP ?? topK) is null
            ? null
            : new Sampling { Temperature = temperature ?? 1, TopP = topP ?? 1, TopK = topK ?? 0, Seed = seed };
    }

    private static DefinitionException Wrong(string option, double value, string right)
        => new(string.Create(CultureInfo.InvariantCulture, $"{option} {value}: must be {right}"));

    private static WeightResidency? Residency(string text) => text switch
    {
        "auto" => null,
        "packed" => WeightResidency.Packed,
        "mapped" => WeightResidency.Mapped,
        _ => throw new DefinitionException($"--weights {text}: give packed, mapped or auto"),
    };

    [GeneratedRegex(@"^\s*(\d{1,6})\s*\.\.\s*(\d{1,6})\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Layers();
}
