using System.CommandLine;
using System.Globalization;
using Aim.Experiments.Planning;
using Aim.Experiments.Synthesis;
using Aim.Models;

namespace Aim.Experiments.Cli;

/// <summary><c>aim synth-checkpoint</c>: a checkpoint of a published model's size with weights from a formula.</summary>
internal static class SynthCheckpointCommand
{
    private const string Help =
        "Write a checkpoint directory of a published model's size with weights made from their names by a formula, to try "
        + "memory, files and speed with; its answers mean nothing. Its tokenizer spells a text byte by byte and names every "
        + "other id as a word, unless --tokenizer gives a real one. The directory is there whole or not at all; the room on the "
        + "disk is checked first.";

    // What a disk should have left.
    private const long Spare = 256L << 20;

    public static Command Create(TextWriter output)
    {
        string families = string.Join(", ", SyntheticModel.All.Select(m => m.Family).Distinct());
        string sizes = string.Join(", ", SyntheticModel.All.Select(m => m.Size).Distinct());
        var family = RunOptions.Option("--family", $"The model's family: {families}.", SyntheticModel.All[0].Family, "NAME");
        var size = RunOptions.Option("--size", $"Its size: {sizes}.", SyntheticModel.All[0].Size, "SIZE");
        var directory = new Option<string>("--output")
        {
            Description = "The directory to write, which must be new or empty.",
            HelpName = "DIR",
            Required = true,
        };
        var dtype = RunOptions.Option("--dtype", "Type of the weights: bfloat16 or float32.", "bfloat16", "TYPE");
        var tokenizer = new Option<string?>("--tokenizer")
        {
            Description = "A tokenizer.json to copy; it must have the model's special tokens at their ids.",
            HelpName = "FILE",
        };
        var command = new Command("synth-checkpoint", Help) { family, size, directory, dtype, tokenizer };
        command.SetAction(async (parsed, cancel) =>
        {
            var (name, much) = (parsed.GetRequiredValue(family), parsed.GetRequiredValue(size));
            var model = SyntheticModel.All.FirstOrDefault(m => m.Family == name && m.Size == much)
                ?? throw new DefinitionException(
                    $"--family {name} --size {much}: no such model; there are "
                    + string.Join(", ", SyntheticModel.All.Select(m => $"{m.Family} {m.Size}")));
            var config = (LlavaOnevisionConfig)model.Config;
            string target = parsed.GetRequiredValue(directory);
            var checkpoint = new SyntheticCheckpoint(config, Dtype(parsed.GetRequiredValue(dtype)));
            CheckRoom(target, checkpoint.ByteLength);
            var files = new Dictionary<string, string>(SyntheticFiles.Of(config));
            if (parsed.GetValue(tokenizer) is { } given)
                files["tokenizer.json"] = Read(given, config);

            // Some gigabytes, most of them computed: not on the thread that Ctrl-C is told on.
            void Tell(string file) => output.WriteLine($"writing {file}");
            await Task.Run(() => checkpoint.Write(target, files, onFile: Tell, cancel: cancel), cancel);
            output.WriteLine($"{target}: {Machinery.Bytes(checkpoint.ByteLength)} of {model.Family} {model.Size}");
            return CommandLine.Done;
        });
        return command;
    }

    private static ScalarType Dtype(string text) => text switch
    {
        "bfloat16" or "bf16" => ScalarType.BFloat16,
        "float32" or "f32" => ScalarType.Float32,
        _ => throw new DefinitionException($"--dtype {text}: give bfloat16 or float32"),
    };

    // Room where the directory, or the nearest one above it that is there, lies.
    internal static void CheckRoom(string target, long bytes)
    {
        var at = new DirectoryInfo(Path.GetFullPath(target));
        while (!at.Exists && at.Parent is { } parent)
            at = parent;
        long free = new DriveInfo(at.FullName).AvailableFreeSpace;
        if (free < bytes + Spare)
        {
            throw new DefinitionException(string.Create(
                CultureInfo.InvariantCulture,
                $"{target}: {Machinery.Bytes(bytes + Spare)} are needed, but {Machinery.Bytes(free)} are free at {at.FullName}"));
        }
    }

    private static string Read(string path, LlavaOnevisionConfig config)
    {
        var tokenizer = BpeTokenizer.Load(path);
        (string Token, int Id)[] needed = [("<image>", config.ImageTokenId), ("<video>", config.VideoTokenId)];
        foreach (var (token, id) in needed)
        {
            if (!tokenizer.TryGetTokenId(token, out int found) || found != id)
                throw new DefinitionException($"--tokenizer {path}: {token} is not its token {id}, as this model has it");
        }

        return File.ReadAllText(path);
    }
}
