using System.Text.Json;
using Aim.Datasets;

namespace Aim.Parity;

/// <summary>pope.json, mme.json and roc_auc.json: two classes.</summary>
internal static class YesNoFiles
{
    private static readonly Tolerance s_rocTolerance = new(1e-12, 1e-12);

    /// <summary>POPE by the official rule, over all and by category, and by lmms-eval's.</summary>
    public static void PopeScores(Comparison c, JsonElement root)
    {
        var items = root.NeedItems("items");
        c.Texts(items, "official_label", i => Pope.SaysYes(i.NeedText("prediction")) ? "yes" : "no");
        c.Numbers(items, "lmms_eval_score", i => Pope.Strict([Pair(i)]).Accuracy);
        Official("official", items, root.Need("official"));
        foreach (var category in root.Need("official_per_category").EnumerateObject())
            Official(category.Name, items.Where(i => i.NeedText("category") == category.Name), category.Value);

        var strict = Pope.Strict([.. items.Select(Pair)]);
        var expected = root.Need("lmms_eval");
        c.Number(expected, "accuracy", strict.Accuracy);
        c.Number(expected, "precision", strict.Decided.Precision);
        c.Number(expected, "recall", strict.Decided.Recall);
        c.Number(expected, "f1_score", strict.Decided.F1);
        c.Number(expected, "yes_ratio", strict.TrueYesRatio);

        void Official(string name, IEnumerable<JsonElement> of, JsonElement expected)
        {
            var s = Pope.Official(of.Select(Pair));
            (string Field, double Value)[] values =
            [
                ("TP", s.TruePositives), ("FP", s.FalsePositives), ("TN", s.TrueNegatives), ("FN", s.FalseNegatives),
                ("acc", s.Accuracy), ("precision", s.Precision), ("recall", s.Recall), ("f1", s.F1), ("yes_ratio", s.YesRatio),
            ];
            c.Named(name, values.ToDictionary(v => v.Field, v => v.Value), expected);
        }
    }

    /// <summary>MME's reading of answers, its categories' scores and their sums.</summary>
    public static void MmeScores(Comparison c, JsonElement root)
    {
        static string Parsed(string answer) => Mme.Parse(answer).ToString().ToLowerInvariant();
        c.Texts(root.NeedItems("parse"), "parsed", i => Parsed(i.NeedText("answer")));
        var items = root.NeedItems("items");
        static MmeItem Item(JsonElement i)
            => new(i.NeedText("question_id"), i.NeedText("category"), i.NeedText("answer"), i.NeedText("prediction"));
        c.Texts(items, "parsed", i => Parsed(i.NeedText("prediction")));
        c.Numbers(items, "score", i => Mme.IsRight(Item(i)) ? 1 : 0);

        var scores = Mme.Categories(items.Select(Item));
        var expected = root.Need("per_category");
        c.Named("acc_percent", Of(s => s.Accuracy), Only("acc_percent"));
        c.Named("acc_plus_percent", Of(s => s.AccuracyPlus), Only("acc_plus_percent"));
        c.Named("score", Of(s => s.Score), Only("score"));
        double Sum(IEnumerable<string> names) => names.Sum(n => scores.TryGetValue(n, out var s) ? s.Score : 0);
        c.Number(root.Need("aggregate"), "mme_perception_score", Sum(Mme.Perception));
        c.Number(root.Need("aggregate"), "mme_cognition_score", Sum(Mme.Cognition));

        Dictionary<string, double> Of(Func<MmeCategory, double> value) => scores.ToDictionary(s => s.Key, s => value(s.Value));
        JsonElement Only(string field) => JsonSerializer.SerializeToElement(
            expected.EnumerateObject().ToDictionary(e => e.Name, e => e.Value.NeedNumber(field)));
    }

    /// <summary>
    /// Areas, curves and what a threshold of 0.5 gives. Where a value is null, upstream has none: it must be refused.
    /// </summary>
    public static void Roc(Comparison c, JsonElement root)
    {
        foreach (var item in root.NeedItems("cases"))
        {
            bool[] labels = [.. item.NeedInts("labels").Select(l => l == 1)];
            double[] scores = item.NeedNumbers("scores");
            Value("roc_auc", () => RocAuc.Area(labels, scores));
            Value("average_precision", () => RocAuc.AveragePrecision(labels, scores));
            Value("accuracy_at_0.5", () => BinaryScores.AtThreshold(labels, scores).Accuracy);
            Value("f1_at_0.5", () => BinaryScores.AtThreshold(labels, scores).F1);
            Value("precision_at_0.5", () => BinaryScores.AtThreshold(labels, scores).Precision);
            Value("recall_at_0.5", () => BinaryScores.AtThreshold(labels, scores).Recall);
            Curve("fpr", p => p.FalsePositiveRate);
            Curve("tpr", p => p.TruePositiveRate);
            Curve("thresholds", p => p.Threshold);

            void Value(string field, Func<double> actual)
            {
                if (!item.TryField(field, out var expected))
                    return;
                if (expected.ValueKind == JsonValueKind.Number)
                    c.Close(field, [actual()], [expected.GetDouble()], s_rocTolerance);
                else
                    c.Holds(Refused(actual), $"{field} is a number, where it is not defined");
            }

            void Curve(string field, Func<RocPoint, double> of)
            {
                if (!item.TryField(field, out var expected) || expected.ValueKind != JsonValueKind.Array)
                    return;
                double[] values = [.. expected.EnumerateArray()
                    .Select(e => e.ValueKind == JsonValueKind.Null ? double.PositiveInfinity : e.GetDouble())];
                c.Close(field, [.. RocAuc.Curve(labels, scores).Select(of)], values, s_rocTolerance);
            }
        }
    }

    private static bool Refused(Func<double> actual)
    {
        try
        {
            return double.IsNaN(actual());
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private static (string Answer, string Prediction) Pair(JsonElement item)
        => (item.NeedText("answer"), item.NeedText("prediction"));
}
