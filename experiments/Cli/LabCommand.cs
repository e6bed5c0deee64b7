using System.CommandLine;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Experiments.Training;

namespace Aim.Experiments.Cli;

/// <summary><c>aim lab train|evaluate|show</c>: the lab model's training, its measurement, and a look at its data.</summary>
internal static class LabCommand
{
    public static Command Create(TextWriter output) =>
        new("lab", "Train, measure and look at the lab: the small model and the generated data that ship with the repository.")
    {
        Train(output), Evaluate(output), Show(output),
    };

    private static Command Train(TextWriter output)
    {
        var defaults = new LabTrainingOptions();
        var model = RunOptions.Option("--model",
            $"The lab model: {string.Join(", ", LabModelKinds.Names)}; multi goes on from lab-single.", defaults.Model);
        var quick = new Option<bool>(
            "--quick")
        { Description = "A quarter of an hour, to see it work: the same path, little learned to the end." };
        var directory = new Option<string?>("--output")
        {
            Description = "Where the training state and at last the checkpoint go; by default artifacts/lab-MODEL.",
            HelpName = "PATH",
        };
        var seed = RunOptions.Option(
            "--seed", "Seed of weights and data: the same seed and instruction set give the same weights.", defaults.Seed);
        var steps = new Option<string?>("--steps")
        {
            Description = "Steps of the stages tower,text,align,joint,practice in place of the recipe's, "
                + "for example 100,100,50,200,0.",
            HelpName = "N,N,N,N,N",
        };
        var stop = new Option<int?>("--stop-after")
        {
            Description = "Stop after so many steps in all, with the state saved.",
            HelpName = "N",
        };
        var fresh = new Option<bool>("--fresh") { Description = "Start anew although the output directory holds a state." };
        var threads = RunOptions.ThreadsOption();
        var command = new Command("train", "Train the lab model from scratch; run it again to go on where it was ended.")
        {
            model, quick, directory, seed, steps, stop, fresh, threads,
        };
        command.SetAction((parsed, cancel) => Task.FromResult(LabTraining.Run(
            defaults with
            {
                Model = parsed.GetRequiredValue(model),
                Length = parsed.GetValue(quick) ? "quick" : defaults.Length,
                Output = parsed.GetValue(directory) ?? LabTrainingOptions.OutputOf(parsed.GetRequiredValue(model)),
                Seed = parsed.GetValue(seed),
                StageSteps = parsed.GetValue(steps) is { } list ? Steps(list) : null,
                StopAfter = parsed.GetValue(stop),
                Fresh = parsed.GetValue(fresh),
                Threads = RunOptions.Threads(parsed, threads),
            }, output, cancel)));
        return command;
    }

    private static Command Evaluate(TextWriter output)
    {
        var model = RunOptions.Option("--model", "The checkpoint directory.", Places.LabModel, "DIR");
        var split = RunOptions.Option("--split", "test or validation.", "test");
        var samples = RunOptions.Option("--samples", "Samples of each kind.", 300);
        var horizon = RunOptions.Option(
            "--horizon-samples", "Samples of each kind for the horizon (vision removed before layer l).", 100);
        var frames = RunOptions.Option("--frames", "Frames taken from each clip.", 32);
        var threads = RunOptions.ThreadsOption();
        var command = new Command(
            "evaluate",
            "Measure a lab checkpoint by kind, with controls and horizon; writes evaluation.json and the card's tables beside "
                + "it.")
        {
            model, split, samples, horizon, frames, threads,
        };
        split.AcceptOnlyFromAmong("test", "validation");
        command.SetAction((parsed, cancel) => Task.FromResult(LabEvaluation.Run(
            new LabEvaluationOptions
            {
                Model = Places.Model(parsed.GetRequiredValue(model), null),
                Split = parsed.GetRequiredValue(split),
                SamplesPerKind = parsed.GetValue(samples),
                HorizonSamplesPerKind = parsed.GetValue(horizon),
                Frames = parsed.GetValue(frames),
                Threads = RunOptions.Threads(parsed, threads),
            }, output, cancel)));
        return command;
    }

    private static Command Show(TextWriter output)
    {
        var defaults = new LabShowOptions();
        var file = Directory("--output", "The PNG to write.", defaults.Output);
        var split = RunOptions.Option("--split", "train, validation or test.", defaults.Split);
        var samples = RunOptions.Option("--samples", "How many clips.", defaults.Samples);
        var frames = RunOptions.Option("--frames", "Frames of each clip.", defaults.Frames);
        var seed = RunOptions.Option("--seed", "Seed of the stream that training clips come from.", defaults.Seed);
        var kinds = RunOptions.Option("--kinds",
            "Kinds of questions (validation, test), a comma between them; the default ones if empty.", "");
        var pictures = RunOptions.Option("--pictures", "Single pictures in place of clips (validation, test).",
            defaults.Pictures);
        var style = RunOptions.Option("--style", "Drawing style (validation, test): noto or twemoji.", defaults.Style);
        var model = RunOptions.Option("--model", "Whose training data (train): video, single or multi.", defaults.Model);
        split.AcceptOnlyFromAmong("train", "validation", "test");
        model.AcceptOnlyFromAmong("video", "single", "multi");
        style.AcceptOnlyFromAmong("noto", "twemoji");
        var command = new Command("show", "Draw a contact sheet of clips with their questions and answers.")
        {
            file, split, samples, frames, seed, kinds, pictures, style, model,
        };
        command.SetAction(parsed => LabShow.Run(
            new LabShowOptions
            {
                Output = parsed.GetRequiredValue(file),
                Split = parsed.GetRequiredValue(split),
                Samples = parsed.GetValue(samples),
                Frames = parsed.GetValue(frames),
                Seed = parsed.GetValue(seed),
                Kinds = parsed.GetRequiredValue(kinds).Split(',',
                    StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                Pictures = parsed.GetValue(pictures),
                Style = parsed.GetRequiredValue(style),
                Model = parsed.GetRequiredValue(model),
            }, output));
        return command;
    }

    private static Option<string> Directory(string name, string description, string value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value, HelpName = "PATH" };

    private static int[] Steps(string list) => [.. list.Split(',').Select(text => int.TryParse(text, out int steps) && steps >= 0
        ? steps
        : throw new DefinitionException(
            $"--steps {list}: '{text}' is not a number of steps; write for example --steps 100,100,50,200,0"))];
}
