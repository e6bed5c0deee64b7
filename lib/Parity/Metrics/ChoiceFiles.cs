using System.Text.Json;
using Aim.Datasets;

namespace Aim.Parity;

/// <summary>mcq_extraction.json, mcq_aggregation.json, mmbench.json and scienceqa.json: multiple choice.</summary>
internal static class ChoiceFiles
{
    /// <summary>What stands where upstream draws an option at random.</summary>
    private const string Random = "<random>";

    /// <summary>The option that each benchmark's rule finds in a free answer.</summary>
    public static void Extraction(Comparison c, JsonElement root)
    {
        var given = root.Need("options");
        string[] options = [.. given.EnumerateObject().Select(o => given.NeedText(o.Name))];
        var firstFour = options.Take(4).Select((text, i) => ((char)('A' + i), text)).ToDictionary();
        var cases = root.NeedItems("cases");
        Letters("videomme_mlvu_ABCD", a => ChoiceExtractor.Extract(a, "ABCD"), "");
        Letters("default_A_to_H", a => ChoiceExtractor.Extract(a), "");
        Letters("mvbench_letter_or_empty", ChoicePatterns.MvBench, "");
        Letters("egoschema", a => ChoiceByPlace.EgoSchema(a, options), Random);
        Letters("nextqa", a => ChoiceByPlace.NextQa(a, options), Random);
        Letters("mmbench_can_infer", a => MmBench.NamedOption(a, firstFour), "");
        Letters("mmbench_can_infer_option", MmBench.NamedLetter, "");
        c.Numbers(cases, "perceptiontest_index", i => ChoicePatterns.PerceptionTest(i.NeedText("answer")) - 'A' ?? -1);
        for (int i = 0; i < cases.Length; i++)
        {
            const string field = "scienceqa_letters_scored_correct";
            string answer = cases[i].NeedText("answer");
            var right = Enumerable.Range(0, options.Length).Where(o => ScienceQa.IsRight(o, answer)).Select(o => (char)('A' + o));
            c.Text($"{field} of item {i}", string.Concat(right), string.Concat(cases[i].NeedTexts(field)));
        }

        void Letters(string field, Func<string, char?> extract, string none)
            => c.Texts(cases, field, i => extract(i.NeedText("answer"))?.ToString() ?? none);
    }

    /// <summary>How MLVU, MVBench and VideoMME add up.</summary>
    public static void Aggregation(Comparison c, JsonElement root)
    {
        Mlvu("mlvu_dev", VideoChoiceScores.MlvuDev);
        Mlvu("mlvu_test", VideoChoiceScores.MlvuTest);

        var mvBench = root.Need("mvbench");
        var scored = mvBench.NeedItems("results").Select(i => (i.NeedText("pred_answer"), i.NeedInt("score") == 1));
        c.Number(mvBench, "expected", VideoChoiceScores.MvBench(scored), "mvbench");

        var videoMme = root.Need("videomme");
        var items = videoMme.NeedItems("results");
        c.Number(videoMme, "expected", VideoChoiceScores.Accuracy(items.Select(IsRight)), "videomme");
        var byDuration = videoMme.Need("by_duration").EnumerateObject().ToDictionary(
            d => d.Name,
            d => VideoChoiceScores.Accuracy(items.Where(i => i.NeedText("duration") == d.Name).Select(IsRight)));
        c.Named("by_duration", byDuration, videoMme.Need("by_duration"));

        void Mlvu(string field, IReadOnlyList<string> types)
        {
            if (!root.TryField(field, out var mlvu))
                return;
            var results = mlvu.NeedItems("results").Select(i => (i.NeedText("task_type"), IsRight(i)));
            c.Number(mlvu, "expected", VideoChoiceScores.Mlvu(results, types), field);
        }
    }

    /// <summary>MMBench's circular evaluation, over all and by category, and the share of single rows.</summary>
    public static void MmBenchRows(Comparison c, JsonElement root)
    {
        MmBenchRow[] rows = [.. root.NeedItems("rows").Select(Row)];
        var questions = MmBench.Circular(rows);
        static double Share(IEnumerable<(MmBenchRow Question, bool Right)> of) => of.Average(q => q.Right ? 1.0 : 0);
        Dictionary<string, double> By(Func<MmBenchRow, string> key)
            => questions.GroupBy(q => key(q.Question)).ToDictionary(g => g.Key, g => Share(g));
        var each = questions.ToDictionary(q => $"{q.Question.Index}", q => q.Right ? 1.0 : 0);
        c.Named("per_question", each, root.Need("per_question"));
        c.Number(root, "overall", Share(questions));
        c.Named("per_category", By(q => q.Category), root.Need("per_category"));
        c.Named("per_l2_category", By(q => q.GroupCategory), root.Need("per_l2_category"));
        c.Number(root, "vanilla_row_accuracy", rows.Average(r => MmBench.IsRight(r) ? 1.0 : 0));
    }

    /// <summary>ScienceQA's answers.</summary>
    public static void ScienceQaAnswers(Comparison c, JsonElement root)
    {
        var items = root.NeedItems("items");
        static double Score(JsonElement i) => ScienceQa.IsRight(i.NeedInt("answer"), i.NeedText("prediction")) ? 1 : 0;
        c.Numbers(items, "exact_match", Score);
        c.Number(root, "mean", items.Average(Score));
    }

    private static MmBenchRow Row(JsonElement row)
    {
        string answer = row.NeedText("answer");
        if (answer.Length != 1)
            throw new BadFixtureException($"the answer '{answer}' of row {row.NeedInt("index")} must be one letter");
        var options = "ABCD".Where(o => row.TextOrNull($"{o}") is not null).ToDictionary(o => o, o => row.NeedText($"{o}"));
        return new MmBenchRow(
            row.NeedInt("index"), row.NeedText("category"), row.NeedText("l2-category"), answer[0], row.NeedText("prediction"),
            options);
    }

    private static bool IsRight(JsonElement item) => item.NeedText("pred_answer") == item.NeedText("answer");
}
