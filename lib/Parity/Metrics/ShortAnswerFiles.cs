using System.Text.Json;
using Aim.Datasets;

namespace Aim.Parity;

/// <summary>
/// vqa_normalise.json, vqav2.json, okvqa.json, vizwiz.json, textvqa.json and gqa.json: answers of a word or a phrase.
/// </summary>
internal static class ShortAnswerFiles
{
    /// <summary>Texts as the two processors leave them.</summary>
    public static void Normalised(Comparison c, JsonElement root)
    {
        var cases = root.NeedItems("cases");
        c.Texts(cases, "vqa_punctuation", i => VqaNormalizer.Punctuation(i.NeedText("input")));
        c.Texts(cases, "vqa_punctuation_then_digit_article", i => VqaNormalizer.Official(i.NeedText("input")));
        c.Texts(cases, "evalai", i => VqaNormalizer.EvalAi(i.NeedText("input")));
    }

    /// <summary>Accuracies by question, type and set; where the file has them, VizWiz's answerability scores.</summary>
    public static void Vqa(Comparison c, JsonElement root)
    {
        var items = root.NeedItems("items");
        double[] official = [.. items.Select(i => VqaAccuracy.Official(i.NeedTexts("answers"), i.NeedText("prediction")))];
        double[] evalAi = [.. items.Select(i => VqaAccuracy.EvalAi(i.NeedTexts("answers"), i.NeedText("prediction")))];
        c.Close(
            "vqa_accuracy_percent", [.. official.Select(a => PythonRounding.ToHundredths(100 * a))],
            [.. items.Select(i => i.NeedNumber("vqa_accuracy_percent"))], MetricsFields.Usual);
        c.Close("evalai_accuracy", evalAi, [.. items.Select(i => i.NeedNumber("evalai_accuracy"))], MetricsFields.Usual);
        c.Texts(items, "evalai_prediction", i => VqaNormalizer.EvalAi(i.NeedText("prediction")));
        c.Number(root, "evalai_mean", evalAi.Average());

        var vqa = root.Need("vqa");
        c.Number(vqa, "overall", Percent(official));
        c.Named("perQuestionType", ByType("question_type"), vqa.Need("perQuestionType"));
        c.Named("perAnswerType", ByType("answer_type"), vqa.Need("perAnswerType"));
        if (root.TryField("answerability", out var answerability))
            Answerability(c, items, answerability);

        Dictionary<string, double> ByType(string field)
            => items.Zip(official).GroupBy(i => i.First.NeedText(field), i => i.Second)
                .ToDictionary(g => g.Key, Percent, StringComparer.Ordinal);
    }

    /// <summary>GQA's answers, by both rules.</summary>
    public static void Gqa(Comparison c, JsonElement root)
    {
        var items = root.NeedItems("items");
        double Lenient(JsonElement i) => ExactMatch.Lenient(i.NeedText("answer"), i.NeedText("prediction")) ? 1 : 0;
        double Strict(JsonElement i) => ExactMatch.Strict(i.NeedText("answer"), i.NeedText("prediction")) ? 1 : 0;
        c.Numbers(items, "lmms_eval_exact_match", Lenient);
        c.Numbers(items, "official_gqa_exact", Strict);
        c.Number(root, "lmms_eval_mean", items.Average(Lenient));
        c.Number(root, "official_mean", items.Average(Strict));
    }

    private static void Answerability(Comparison c, JsonElement[] items, JsonElement expected)
    {
        bool[] labels = [.. items.Select(i => i.NeedInt("unanswerable_label") == 1)];
        double[] scores = [.. items.Select(i => i.NeedNumber("unanswerable_score"))];
        c.Number(expected, "average_precision", RocAuc.AveragePrecision(labels, scores));
        c.Number(expected, "f1_at_0.5", BinaryScores.AtThreshold(labels, scores).F1);
    }

    private static double Percent(IEnumerable<double> accuracies) => PythonRounding.ToHundredths(100 * accuracies.Average());
}
