using System.Globalization;
using System.Text;

namespace Aim.Experiments.Training;

/// <summary>The checkpoint's README.md, made from `training.json`, `evaluation.json` and, where there is one, `history.md`
/// beside it (what a person has to say of this one checkpoint); no figure in it is typed in.</summary>
internal static class ModelCard
{
    private static readonly string[] Controls = ["blank", "text", "oneFrame", "shuffled", "majority"];

    public static void SaveTraining(string directory, TrainingSummary summary)
    {
        summary.Save(Path.Combine(directory, "training.json"));
        Write(directory, evaluation: null);
    }

    /// <summary>Writes README.md from what lies in the directory.</summary>
    public static void Write(string directory, EvaluationRecord? evaluation)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        text.WriteLine("# lab-video\n");
        text.WriteLine("A LLaVA-OneVision in small (SigLIP-style tower, 2-layer projector, 2x2 pooling, Qwen2-style decoder of 12 layers), trained from");
        text.WriteLine("scratch on the lab's synthetic pictures and clips by this repository's own engine. It knows the lab's world and nothing else.");
        if (Path.Combine(directory, "history.md") is var history && File.Exists(history))
        {
            text.WriteLine("\n## How this one was made\n");
            text.WriteLine(File.ReadAllText(history).TrimEnd());
        }

        if (TrainingSummary.TryLoad(Path.Combine(directory, "training.json")) is { } training)
        {
            Training(text, training);
        }

        if (evaluation is not null)
        {
            text.WriteLine("\n## Accuracy by kind\n");
            text.WriteLine($"{evaluation.Split} split, {evaluation.Frames} frames a clip; model.safetensors sha256 {evaluation.ModelSha256}.");
            text.WriteLine("Exact match of the whole answer; in brackets the 95 % Wilson interval. A kind counts if the model beats the better of blank");
            text.WriteLine("frames and text alone by 30 points, and, where the answer depends on order, shuffled frames by 20.\n");
            Table(evaluation, text);
            var counting = evaluation.Kinds.Where(k => k.Counts).Select(k => k.Kind).ToList();
            text.WriteLine($"\n{counting.Count} of {evaluation.Kinds.Count} kinds count: {string.Join(", ", counting)}. The others belong in no headline.");
        }

        AtomicFile.WriteText(Path.Combine(directory, "README.md"), text.ToString());
    }

    /// <summary>Accuracy, controls and horizon as Markdown tables.</summary>
    public static void Table(EvaluationRecord evaluation, TextWriter text)
    {
        text.WriteLine("| kind | model | blank frames | text only | one frame | shuffled frames | majority answer | counts |");
        text.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var kind in evaluation.Kinds)
        {
            var controls = string.Join(" | ", Controls.Select(c => Percent(kind.Controls[c].Accuracy)));
            var full = $"{Percent(kind.Full.Accuracy)} [{Percent(kind.Full.Low)}, {Percent(kind.Full.High)}] (n {kind.Full.Samples})";
            text.WriteLine($"| {kind.Kind} | {full} | {controls} | {(kind.Counts ? "yes" : "no")}: {kind.Reason} |");
        }

        var layers = evaluation.Kinds.FirstOrDefault()?.Horizon.Select(h => h.Layer).ToList() ?? [];
        if (layers.Count == 0)
        {
            return;
        }

        text.WriteLine("\nHorizon: accuracy when every visual token is removed before decoder layer l.\n");
        text.WriteLine($"| kind (n) | {string.Join(" | ", layers.Select(l => $"l = {l}"))} |");
        text.WriteLine($"|---|{string.Concat(layers.Select(_ => "---|"))}");
        foreach (var kind in evaluation.Kinds)
        {
            var accuracies = string.Join(" | ", kind.Horizon.Select(h => Percent(h.Result.Accuracy)));
            text.WriteLine($"| {kind.Kind} ({kind.Horizon[0].Result.Samples}) | {accuracies} |");
        }
    }

    private static void Training(TextWriter text, TrainingSummary training)
    {
        text.WriteLine("\n## Training\n");
        text.WriteLine($"    {training.Command}\n");
        text.WriteLine($"Recipe {training.Recipe}, seed {training.Seed}, instruction set {training.Isa}.\n");
        text.WriteLine("| stage | steps | minutes | time for data |");
        text.WriteLine("|---|---|---|---|");
        string[] stages = ["0: tower on dense labels", "1: language model on text", "1b: projector towards words", "2: joint, tower frozen"];
        for (var i = 0; i < stages.Length; i++)
        {
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {stages[i]} | {training.Steps[i]} | {training.Seconds[i] / 60:0.0} | {training.DataShare[i]:0.0 %} |"));
        }

        var heldOut = training.HeldOut.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key} {m.Value:0.000}"));
        text.WriteLine($"\nHeld out, at the end of stages 0 and 1: {string.Join(", ", heldOut)}.");
        text.WriteLine("\nCurve (training batches, mean since the line before):\n");
        text.WriteLine("| stage | step | loss | accuracy | by kind |");
        text.WriteLine("|---|---|---|---|---|");
        foreach (var point in training.Curve)
        {
            var kinds = new StringBuilder();
            foreach (var (kind, accuracy) in point.Kinds)
            {
                kinds.Append(CultureInfo.InvariantCulture, $"{kind} {accuracy:0.00} ");
            }

            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {point.Stage} | {point.Step} | {point.Loss:0.000} | {point.Accuracy:0.000} | {kinds.ToString().TrimEnd()} |"));
        }
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0}");
}
