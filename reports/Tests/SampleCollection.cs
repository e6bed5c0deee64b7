using Aim.Reports.Records;

namespace Aim.Reports.Tests;

/// <summary>A collection of two runs with claims of every verdict, its figures made up.</summary>
internal static class SampleCollection
{
    public static Collection Create()
    {
        var (grid, table) = (SampleRecord.Create(), SampleRecord.Create());
        grid = grid with { Exhibits = [], Cells = Few(grid) };
        table = table with
        {
            Cells = Few(table),
            Definition = table.Definition with
            {
                Name = "table1",
                Title = "Every method at one budget",
                Question = "At the same executed FLOPs, does AIM lose less than every other way to drop visual tokens? If its "
                    + "ranking matters, it must beat random selection at the same counts; if merging matters, it must beat "
                    + "keeping the same number of tokens unmerged."
            },
            Exhibits = SampleExhibits.All,
        };
        return new Collection(
            new CollectionRecord
            {
                Schema = CollectionRecord.CurrentSchema,
                Name = "reproduce-all",
                Title = "AIM, claim by claim, on a small model",
                Summary = "A 3.4-million-parameter LLaVA-OneVision, trained from scratch on generated clips of drawings, "
                    + "answers questions about clips that it has never seen. Drawings are not photographs: that a claim holds "
                    + "here says that the mechanism works where the model reads its frames, not that the paper's benchmarks "
                    + "come out the same.",
                Command = "aim reproduce --all",
                Paper = "AIM: Adaptive Inference of Multi-Modal LLMs via Token Merging and Pruning (arXiv 2412.03248)",
                Code = table.Code,
                Claims = Claims(),
                Exhibits = [SampleExhibits.Cost()],
                Runs = [new("tradeoff-video", "../tradeoff-video", SampleRecord.Hash('e')),
                    new("table1", "../table1", SampleRecord.Hash('f'))],
            },
            [new CollectedRun("tradeoff-video", grid, SampleRecord.CreateTimings(grid)),
                new CollectedRun("table1", table, null)]);
    }

    // enough for a curve
    private static IReadOnlyList<CellRecord> Few(RunRecord record) =>
        [.. record.Cells.Where(c => c.Headline || c.Retention is "1/4" or "1/16")];

    private static IReadOnlyList<ClaimRecord> Claims() =>
    [
        new()
        {
            Id = "quarter", Claim = "A quarter of the visual tokens, pruned inside the LLM, answer as well as all of them.",
                Source = "abstract; Table 1",
            Measure = new() { What = "accuracy at 25% + pruning (8, 12) minus the unreduced model's", Unit = Unit.Points,
                Value = ValueRecord.Of(-0.004, new(-0.016, 0.008), 1000), From = "aim-1/4-searched" },
            Control = new() { What = "random selection at the same counts, minus unreduced", Unit = Unit.Points,
                Value = ValueRecord.Of(-0.061, new(-0.078, -0.044), 1000), From = "random-1/4-searched" },
            Verdict = ClaimVerdict.Holds,
                Reason = "The lower bound stays above the margin of −2 points, and random selection falls below it.",
            Rule = "the lower 95% bound of the paired difference is above −2 points", Run = "tradeoff-video",
            Comparisons =
            [
                new()
                {
                    What = "'25%' minus 'unreduced'", On = "all kinds", Unit = Unit.Points, Bound = -0.02, P = 0.0002,
                    Value = ValueRecord.Of(-0.004, new(-0.016, 0.008), 1000, "by seed -1.0 to +0.2"),
                    Outcome = ComparisonOutcome.Passes,
                },
                new()
                {
                    What = "'25%' minus 'unreduced'", On = "order", Unit = Unit.Points, Bound = -0.02, P = 0.4,
                    Value = ValueRecord.Of(-0.021, new(-0.05, 0.008), 400), Outcome = ComparisonOutcome.Open,
                },
                new()
                {
                    What = "'random' minus 'unreduced'", On = "all kinds", Unit = Unit.Points, Bound = -0.02, Side = ComparisonSide.Below, P = 0.03,
                    Value = ValueRecord.Of(-0.061, new(-0.078, -0.044), 1000), Outcome = ComparisonOutcome.Passes,
                    IsControl = true,
                },
            ],
        },
        new()
        {
            Id = "cheaper", Claim = "It cuts prefill FLOPs 6.8 times.", Source = "abstract; Table 1",
            Measure = new() { What = "unreduced FLOPs over AIM's, at the paper's own shapes", Unit = Unit.Ratio,
                Value = ValueRecord.Of(6.7514, detail: "6.42× for what the method does") },
            Verdict = ClaimVerdict.InPart,
                Reason = "Exact to the digit by the paper's script, which prices pruning one layer early; 6.42 times by what "
                    + "the method does.", Exhibit = "cost-table1",
        },
        new()
        {
            Id = "frames", Claim = "At the unreduced model's cost, more frames answer questions on long videos better.",
                Source = "Table 2",
            Measure = new() { What = "AIM with 192 frames minus unreduced with 32, brief events", Unit = Unit.Points,
                Value = ValueRecord.Of(0.112, new(0.06, 0.164), 300) },
            Control = new() { What = "random at AIM's counts with 192 frames, minus unreduced with 32", Unit = Unit.Points,
                Value = ValueRecord.Of(0.031, new(-0.02, 0.082), 300) },
            Verdict = ClaimVerdict.Holds, Reason = "Few frames miss brief events; sampling more finds them.", Run = "table1",
                Exhibit = "long-video", Rule = "the lower 95% bound of the difference is above 0",
        },
        new()
        {
            Id = "schedule", Claim = "The paper's default schedule, carried over by depth, loses nothing.", Source = "Table 5",
            Measure = new() { What = "accuracy at 25% + (6, 9) minus unreduced", Unit = Unit.Points,
                Value = ValueRecord.Of(-0.182, new(-0.21, -0.154), 1000) },
            Verdict = ClaimVerdict.NotHere,
                Reason = "This model reads its frames deeper, relative to its depth, than 7B models do: see the horizon by kind.",
                Run = "table1", Exhibit = "schedule-grid",
            Rule = "the lower 95% bound of the paired difference is above −2 points",
        },
        new()
        {
            Id = "benchmarks", Claim = "The accuracies hold on six video benchmarks.", Source = "Table 1",
                Verdict = ClaimVerdict.CannotBeTestedHere,
            Reason = "It needs 7B checkpoints and the benchmarks' videos; the definitions run on them where they are at hand.",
        },
    ];
}
