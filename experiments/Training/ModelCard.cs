using System.Globalization;
using System.Text;
using Aim.Datasets;

namespace Aim.Experiments.Training;

/// <summary>The checkpoint's README.md, made from `training.json`, `evaluation.json` and, where there is one, `history.md`
/// beside it (what a person has to say of this one checkpoint); no figure in it is typed in.</summary>
internal static class ModelCard
{
    private static readonly (string Key, string Name)[] Controls =
    [
        ("blank", "blank frames"), ("text", "text only"), ("oneFrame", "one frame"), ("shuffled", "shuffled frames"),
            ("majority", "majority answer"),
    ];

    public static void SaveTraining(string directory, TrainingSummary summary)
    {
        summary.Save(Path.Combine(directory, "training.json"));
        Write(directory, evaluation: null);
    }

    /// <summary>Writes README.md from what lies in the directory.</summary>
    public static void Write(string directory, EvaluationRecord? evaluation)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var training = TrainingSummary.TryLoad(Path.Combine(directory, "training.json"));
        var kind = LabModelKinds.Parse(training?.Model ?? "video");
        text.WriteLine($"# lab-{kind.Name()}\n");
        text.WriteLine(Description(kind));
        text.WriteLine("Trained by this repository's own engine. It knows the lab's world and nothing else.");
        if (Elsewhere(kind) is { } elsewhere)
        {
            text.WriteLine($"\n## In transformers\n\n{elsewhere}");
        }

        if (Path.Combine(directory, "history.md") is var history && File.Exists(history))
        {
            text.WriteLine("\n## How this one was made\n");
            text.WriteLine(File.ReadAllText(history).TrimEnd());
        }

        if (training is not null)
        {
            Training(text, training);
        }

        if (evaluation is not null)
        {
            text.WriteLine("\n## Accuracy by kind\n");
            text.WriteLine($"{evaluation.Split} split; model.safetensors sha256 {evaluation.ModelSha256}.");
            text.WriteLine("Exact match of the whole answer; in brackets the 95 % Wilson interval. A kind counts if the model "
                + "beats the better of blank");
            text.WriteLine("frames and text alone by 30 points, and, where the answer depends on order, shuffled frames by 20.");
            Kinds(text, $"Clips, {evaluation.Frames} frames", evaluation.Kinds);
            Kinds(text, "Single pictures", evaluation.Pictures);
        }

        AtomicFile.WriteText(Path.Combine(directory, "README.md"), text.ToString());
    }

    private static void Kinds(TextWriter text, string title, IReadOnlyList<KindEvaluation> kinds)
    {
        if (kinds.Count == 0)
        {
            return;
        }

        text.WriteLine($"\n### {title}\n");
        Table(kinds, text);
        var counting = kinds.Where(k => k.Counts).Select(k => k.Kind).ToList();
        text.WriteLine($"\n{counting.Count} of {kinds.Count} kinds count: {string.Join(", ", counting)}. The others belong in "
            + $"no headline.");
    }

    /// <summary>Accuracy, controls and horizon as Markdown tables.</summary>
    public static void Table(IReadOnlyList<KindEvaluation> kinds, TextWriter text)
    {
        var shown = Controls.Where(c => kinds.Any(k => k.Controls.ContainsKey(c.Key))).ToList();
        text.WriteLine($"| kind | model | {string.Join(" | ", shown.Select(c => c.Name))} | counts |");
        text.WriteLine($"|---|---|{string.Concat(shown.Select(_ => "---|"))}---|");
        foreach (var kind in kinds)
        {
            var controls = string.Join(" | ", shown.Select(c => Percent(kind.Controls[c.Key].Accuracy)));
            var full = $"{Percent(kind.Full.Accuracy)} [{Percent(kind.Full.Low)}, {Percent(kind.Full.High)}] (n "
                + $"{kind.Full.Samples})";
            text.WriteLine($"| {kind.Kind} | {full} | {controls} | {(kind.Counts ? "yes" : "no")}: {kind.Reason} |");
        }

        var layers = kinds.FirstOrDefault()?.Horizon.Select(h => h.Layer).ToList() ?? [];
        if (layers.Count == 0)
        {
            return;
        }

        text.WriteLine("\nHorizon: accuracy when every visual token is removed before decoder layer l.\n");
        text.WriteLine($"| kind (n) | {string.Join(" | ", layers.Select(l => $"l = {l}"))} |");
        text.WriteLine($"|---|{string.Concat(layers.Select(_ => "---|"))}");
        foreach (var kind in kinds)
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
        string[] stages = ["0: tower on dense labels", "1: language model on text", "1b: projector towards words",
            "2: joint, tower frozen", "2b: practice on long clips"];
        for (var i = 0; i < training.Steps.Length; i++)
        {
            if (training.Steps[i] == 0)
            {
                continue;
            }

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
                $"| {point.Stage} | {point.Step} | {point.Loss:0.000} | {point.Accuracy:0.000} | {kinds.ToString().TrimEnd()} "
                    + $"|"));
        }
    }

    private static string Description(LabModelKind kind) => kind switch
    {
        LabModelKind.Video =>
            "A LLaVA-OneVision in small (SigLIP-style tower, 2-layer projector, 2x2 pooling of frames, a picture as 300 tokens,\n"
            + "Qwen2-style decoder of 12 layers), trained from scratch on the lab's synthetic pictures and clips.",
        LabModelKind.Single =>
            "A LLaVA-1.5 in small (SigLIP-style tower, 2-layer projector, a picture as 144 tokens, Qwen2-style decoder of\n"
            + "12 layers), trained from scratch on the lab's synthetic single pictures and text; never on two pictures in one "
            + "sequence.",
        LabModelKind.SingleB =>
            "lab-single's data on another backbone: a tower of 64 tokens, a projector of one layer, a Llama-style decoder of\n"
            + "12 layers. Never trained on two pictures in one sequence.",
        _ => "lab-single, trained on with documents of several pictures.",
    };

    /// <summary>What keeps other programs from loading the checkpoint; null where nothing is known to.</summary>
    private static string? Elsewhere(LabModelKind kind) => kind != LabModelKind.SingleB ? null
        : "The files are Hugging Face's but for one field: `mm_projector_type: linear` in `config.json`. transformers' "
            + "`LlavaConfig` has no such field\n"
        + "and passes it over; its projector always is `linear_1`, activation, `linear_2`, and this checkpoint has no "
        + "`linear_2`: it would get weights that\n"
        + "nobody trained. To run there it needs a model class whose projector is `linear_1` alone; or the identity as "
        + "`linear_2.weight`, zeros as its bias, and\n"
        + "an activation that passes everything (`projector_hidden_act: linear`), which computes the same, but which this "
        + "project's own loader does not\n"
        + "take. Neither was tried.";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0}");
}
