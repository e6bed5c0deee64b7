using Aim.Reports.Records;

namespace Aim.Reports.Tests;

/// <summary>An exhibit of each shape, their figures made up by formulas.</summary>
internal static class SampleExhibits
{
    private const int Layers = 12;

    public static IReadOnlyList<ExhibitRecord> All { get; } =
    [
        Methods(), LongVideo(), Horizon(), Schedules(), KeptPositions(), Redundancy(), Budget(), Gallery(),
    ];

    public static TableRecord Cost() => new()
    {
        Id = "cost-table1",
        Title = "Table 1: cost of each method",
        Lead = "The cost model at the paper's settings beside the paper's printed figures. Honest: what the method does, one "
            + "layer later than the script prices. Streamed: scores are not written to memory.",
        From = "lib/Cost, A100-40 (312 TFLOP/s, 1,555 GB/s); needs no run",
        RowTitle = "Row",
        Columns =
        [
            new() { Title = "Paper", Detail = "TFLOP", Unit = Unit.Text },
                new() { Title = "Computed", Detail = "TFLOP", Unit = Unit.Teraflop },
            new() { Title = "Difference", Detail = "TFLOP", Unit = Unit.Number },
                new() { Title = "Honest", Detail = "TFLOP", Unit = Unit.Teraflop },
            new() { Title = "Paper", Detail = "ms", Unit = Unit.Text },
                new() { Title = "Computed", Detail = "ms", Unit = Unit.Milliseconds },
            new() { Title = "Streamed", Detail = "ms", Unit = Unit.Milliseconds }, new() { Title = "Exact", Unit = Unit.YesNo },
        ],
        Rows =
        [
            CostRow("LLaVA-OV-7B", "99.63", 99.627, 99.627, "439.58", 439.5782, 327.3837, true, null),
            CostRow("AIM, 25% + (14, 22)", "14.76", 14.7566, 15.5277, "55.03", 55.0284, 52.19, true, null),
            CostRow("VTW", "22.38", 22.3778, 22.3778, "101.93", 101.7329, 76.4, false, "printed time 0.2 ms above"),
            CostRow("PDrop", "24.22", null, null, "104.88", null, null, false, "stages not recoverable"),
        ],
        Note = "FLOPs, not multiply-adds. Rows that cannot be reproduced say why.",
    };

    private static RowRecord CostRow(string name, string tb, double? flop, double? honest, string ms, double? time,
        double? streamed, bool exact, string? reason) => new()
        {
            Name = name,
            Detail = reason,
            Group = name is "LLaVA-OV-7B" ? "Base model" : "Reduced",
            Values =
        [
            ValueRecord.Words(tb, double.Parse(tb, System.Globalization.CultureInfo.InvariantCulture)), Maybe(flop),
            flop is { } f ? ValueRecord.Of(f - double.Parse(tb, System.Globalization.CultureInfo.InvariantCulture))
                : ValueRecord.Words("–"), Maybe(honest),
            ValueRecord.Words(ms, double.Parse(ms, System.Globalization.CultureInfo.InvariantCulture)), Maybe(time),
                Maybe(streamed), ValueRecord.Of(exact ? 1 : 0),
        ],
        };

    private static TableRecord Methods()
    {
        string[] names = ["none", "aim", "random", "downsample", "uniform", "fastv", "vtw", "pdrop", "prumerge+", "tome",
            "visionzip", "divprune", "sparsevlm", "dycoke", "holov"];
        return new TableRecord
        {
            Id = "methods",
            Title = "All methods at one budget",
            Lead = "Every method at 15% of the unreduced model's executed FLOPs, on the same questions. The solver's settings "
                + "reach the share in the last column.",
            From = "cells of this run, test split, drawing style trained on",
            RowTitle = "Method",
            Columns =
            [
                new() { Title = "Accuracy", Detail = "95% interval", Unit = Unit.Percent },
                    new() { Title = "Difference", Detail = "points, 95% interval", Unit = Unit.Points },
                new() { Title = "p", Detail = "McNemar, Holm", Unit = Unit.P }, new() { Title = "Loyalty", Unit = Unit.Percent },
                new() { Title = "Acts", Unit = Unit.Text }, new() { Title = "FLOPs", Detail = "of target", Unit = Unit.Percent },
            ],
            Rows = names.Select((n, i) => new RowRecord
            {
                Name = n,
                Group = i == 0 ? "Reference" : i < 5 ? "AIM and controls" : "Baselines, true to their official code",
                Detail = n == "prumerge+" ? "adapted: mean query for CLS" : null,
                Headline = i < 5,
                Exploratory = i >= 5,
                Values = n == "holov"
                    ? [ValueRecord.Words("not applicable", detail: "needs CLS attention"),
                        .. Enumerable.Repeat(ValueRecord.Words("–"), 5)]
                    :
                    [
                        ValueRecord.Of(0.84 - 0.017 * i, new(0.81 - 0.017 * i, 0.868 - 0.017 * i), 1000),
                        i == 0 ? ValueRecord.Words("reference")
                            : ValueRecord.Of(-0.017 * i, new(-0.017 * i - 0.012, -0.017 * i + 0.012), 1000),
                        i == 0 ? ValueRecord.Words("–") : ValueRecord.Of(Math.Pow(0.4, i)), i == 0 ? ValueRecord.Words("–")
                            : ValueRecord.Of(0.98 - 0.02 * i, null, 1000),
                        ValueRecord.Words(i % 3 == 0 ? "before the LLM" : "inside"), ValueRecord.Of(1.0 - 0.003 * i),
                    ],
            }).ToList(),
            Note = "p-values are Holm-corrected over the table's 13 comparisons.",
        };
    }

    private static LinesRecord LongVideo() => new()
    {
        Id = "long-video",
        Title = "More frames at the same cost",
        Lead = "Accuracy on brief events by the number of frames sampled, and what it costs. Merging and pruning buy frames.",
        From = "cells none-*, aim-* and random-* of this run, kind brief-event",
        X = new AxisRecord { Title = "Frames", Unit = Unit.Count, Logarithmic = true },
        Panels =
        [
            new PanelRecord
            {
                Y = new AxisRecord { Title = "Accuracy", Unit = Unit.Percent },
                References = [new("chance", 0.25)],
                Lines =
                [
                    Line("Unreduced", x => 0.4 + 0.07 * Math.Log2(x / 8), [8, 16, 32]),
                        Line("AIM 25% + pruning", x => 0.39 + 0.07 * Math.Log2(x / 8), [8, 16, 32, 64, 128, 192]),
                    Line("Random at AIM's counts", x => 0.33 + 0.05 * Math.Log2(x / 8), [8, 16, 32, 64, 128, 192], control: true),
                ],
            },
            new PanelRecord
            {
                Y = new AxisRecord { Title = "Prefill FLOPs", Unit = Unit.Flop, Logarithmic = true },
                Lines =
                [
                    Line("Unreduced", x => 2.4e8 * x + 1e5 * x * x, [8, 16, 32], bars: false),
                        Line("AIM 25% + pruning", x => 4e7 * x + 1e4 * x * x, [8, 16, 32, 64, 128, 192], bars: false),
                    Line("Random at AIM's counts", x => 4e7 * x + 1e4 * x * x, [8, 16, 32, 64, 128, 192], bars: false,
                        control: true),
                ],
            },
        ],
    };

    private static LinesRecord Horizon() => new()
    {
        Id = "attention-mass",
        Title = "Attention mass on vision by layer",
        Lead = "Share of the last token's attention that falls on visual tokens, averaged over heads, by kind.",
        From = "the unreduced model, 300 samples",
        Exploratory = true,
        X = new AxisRecord { Title = "Decoder layer, from 0", Unit = Unit.Count },
        Panels =
        [
            new PanelRecord
            {
                Y = new AxisRecord { Title = "Attention on visual tokens", Unit = Unit.Percent, FromZero = true },
                Lines = ((string[])["first", "last", "is-there", "after", "letter", "code-book", "count", "motion"])
                    .Select((k, i) => Line(k, l => 0.6 / (1 + Math.Exp(l - 4 - 0.6 * i)) + 0.02, [.. Enumerable.Range(0, Layers)],
                        bars: false)).ToList(),
            },
        ],
    };

    private static LineRecord Line(string name, Func<double, double> y, int[] xs, bool bars = true, bool control = false) => new()
    {
        Name = name,
        Control = control,
        Points = xs.Select(x =>
            new PointRecord { X = x, Y = y(x), Interval = bars ? new(y(x) - 0.04, y(x) + 0.04) : null, N = 300 }).ToList(),
    };

    private static HeatMapRecord Schedules()
    {
        int[] starts = [2, 4, 6, 8, 10], ends = [3, 5, 7, 9, 11, 13];
        ValueRecord? At(int l1, int l2, Func<double, double> f) =>
            l2 <= l1 ? null : ValueRecord.Of(f((l1 + l2) / 24d), new(f((l1 + l2) / 24d) - 0.03, f((l1 + l2) / 24d) + 0.03), 300);
        IReadOnlyList<IReadOnlyList<ValueRecord?>> Grid(Func<double, double> f) =>
            ends.Select(e => (IReadOnlyList<ValueRecord?>)starts.Select(s => At(s, e, f)).ToList()).ToList();
        return new HeatMapRecord
        {
            Id = "schedule-grid",
            Title = "The schedule (l1, l2)",
            Lead = "Accuracy, difference to the unreduced model and cost of each pruning schedule after merging to 25%.",
            From = "cells aim-1/4-* of this run, validation split",
            Exploratory = true,
            XTitle = "l1: first pruning layer",
            YTitle = "l2: no visual token from here on",
            X = [.. starts.Select(s => $"{s}")],
            Y = [.. ends.Select(e => $"{e}")],
            Layers =
            [
                new() { Title = "Accuracy", Unit = Unit.Percent, Values = Grid(t => 0.3 + 0.55 * t) },
                new() { Title = "Difference to unreduced", Unit = Unit.Points, Diverging = true,
                    Values = Grid(t => 0.55 * t - 0.5) },
                new() { Title = "Prefill FLOPs", Unit = Unit.Flop, Values = Grid(t => 2e9 * t + 4e8) },
            ],
            Marks = [new(2, 3, "default (6, 9)"), new(3, 5, "searched (8, 13)")],
        };
    }

    private static HeatMapRecord KeptPositions() => new()
    {
        Id = "kept-positions",
        Title = "Which positions of a frame survive",
        Lead = "Share of frames in which the token at a position is kept to the end; with no bias every position would have the "
            + "same share.",
        From = "cell aim-1/4-searched, 1,000 samples of 32 frames",
        XTitle = "Column",
        YTitle = "Row",
        X = [.. Enumerable.Range(0, 6).Select(i => $"{i}")],
        Y = [.. Enumerable.Range(0, 6).Select(i => $"{i}")],
        Layers = [new() { Title = "Kept", Unit = Unit.Percent,
            Values = Enumerable.Range(0, 6).Select(y => (IReadOnlyList<ValueRecord?>)Enumerable.Range(0,
            6).Select(x => ValueRecord.Of(0.25 + 0.02 * (x - y), null, 32_000)).ToList()).ToList() }],
    };

    private static BarsRecord Redundancy() => new()
    {
        Id = "redundancy",
        Title = "What merges with what",
        Lead = "Every merge of the first iteration, by what lay under the two patches.",
        From = "AIM at 50%, 300 samples; objects known from the generator",
        CategoryTitle = "Merge",
        Categories = ["same object", "background with background", "object with background", "across objects"],
        Y = new AxisRecord { Title = "Share of merges", Unit = Unit.Percent, FromZero = true },
        Series =
        [
            new("AIM", [ValueRecord.Of(0.31, new(0.3, 0.32), 52_000), ValueRecord.Of(0.58, new(0.57, 0.59), 52_000),
                ValueRecord.Of(0.09, new(0.08, 0.1), 52_000), ValueRecord.Of(0.02, new(0.015, 0.025), 52_000)]),
            new("Random pairs", [ValueRecord.Of(0.08, new(0.07, 0.09), 52_000), ValueRecord.Of(0.42, new(0.41, 0.43), 52_000),
                ValueRecord.Of(0.38, new(0.37, 0.39), 52_000), ValueRecord.Of(0.12, new(0.11, 0.13), 52_000)]),
        ],
    };

    private static TableRecord Budget() => new()
    {
        Id = "budget",
        Title = "Budget asked and spent",
        Lead = "What the controller was asked for, what it spent, and its accuracy beside the best fixed setting of the same "
            + "mean cost.",
        From = "cells budget-* of this run; fronts from the validation split",
        RowTitle = "Budget",
        Columns =
        [
            new() { Title = "Asked", Unit = Unit.Text }, new() { Title = "Spent, mean", Unit = Unit.Percent },
                new() { Title = "Spent, most", Unit = Unit.Percent },
            new() { Title = "Accuracy", Detail = "95% interval", Unit = Unit.Percent },
                new() { Title = "Best fixed setting", Unit = Unit.Percent },
        ],
        Rows = ((double[])[0.5, 0.25, 0.15, 0.05]).Select(b => new RowRecord
        {
            Name = Format.Percent(b, 0),
            Values =
            [
                ValueRecord.Words($"{Format.Percent(b, 0)} of FLOPs", b), ValueRecord.Of(b * 0.96), ValueRecord.Of(b * 0.999),
                ValueRecord.Of(0.6 + 0.3 * b, new(0.57 + 0.3 * b, 0.63 + 0.3 * b), 300),
                    ValueRecord.Of(0.59 + 0.3 * b, null, 300, "AIM 25% + (8, 12)"),
            ],
        }).ToList(),
    };

    public static GalleryRecord Gallery() => new()
    {
        Id = "gallery",
        Title = "Samples, answers and what each token came from",
        Lead = "The frames as the tower sees them. Patches of one merged token share an outline and a colour; darkened patches "
            + "belong to tokens that pruning has removed.",
        From = "the first two samples of each kind, test split",
        Choice = "the first samples of each kind in the data's order",
        Layers = Layers,
        Settings = [new("none-1", "Unreduced"), new("aim-1/4-searched", "AIM 25% + pruning (8, 12)"),
            new("random-1/4-searched", "Random at AIM's counts")],
        Samples = ((string[])["first", "last", "is-there", "count"]).Select((k, i) => GallerySample(k, i)).ToList(),
    };

    private static GallerySampleRecord GallerySample(string kind, int index) => new()
    {
        Id = $"test-{index}",
        Kind = kind,
        Question = $"Which object is {kind}? A: anchor B: bell <C>: cup",
        Expected = "B",
        Frames = Enumerable.Range(0, 8).Select(f => new GalleryFrameRecord($"frame {f + 1}",
            SamplePng.Create(96, (x, y) => Pixel(index, f, x, y)), $"a coloured square at column {f % 5 + 1}")).ToList(),
        Answers =
        [
            Answer("none-1", "B", true, 36, [.. Enumerable.Repeat(288, Layers)], (p, _) => (p, Layers - 1)),
            Answer("aim-1/4-searched", index == 2 ? "C" : "B", index != 2, 36, [.. Enumerable.Range(0, Layers).Select(l => l <= 8
                ? 72 : Math.Max(0, 72 - 18 * (l - 8)))], (p, f) => (f * 9 + p / 12 * 3 + p % 6 / 2, 8 + (p / 2 + f) % 4)),
            Answer("random-1/4-searched", "A", false, 36, [.. Enumerable.Range(0, Layers).Select(l => l <= 8 ? 72
                : Math.Max(0, 72 - 18 * (l - 8)))], (p, f) => (p * 7 + f) % 4 == 0 ? (f * 9 + p / 4, 8 + p % 4) : (-1, -1)),
        ],
    };

    private static GalleryAnswerRecord Answer(string setting, string answer, bool correct, int patches, int[] tokens, Func<int,
        int, (int Group, int Last)> patch) => new()
        {
            Setting = setting,
            Answer = answer,
            Correct = correct,
            VisualTokens = tokens,
            Provenance = Enumerable.Range(0, 8).Select(f => new ProvenanceRecord
            {
                Rows = 6,
                Columns = 6,
                Groups = Enumerable.Range(0, patches).Select(p => patch(p, f).Group).ToList(),
                LastLayers = Enumerable.Range(0, patches).Select(p => patch(p, f).Last).ToList(),
            }).ToList(),
        };

    private static (byte, byte, byte) Pixel(int sample, int frame, int x, int y)
    {
        var (left, top) = (8 + frame * 9 % 60, 20 + sample * 7);
        if (x >= left && x < left + 28 && y >= top && y < top + 28)
            return ((byte)(200 - 40 * sample), (byte)(60 + 30 * sample), (byte)(40 + 25 * frame));
        return (x / 12 + y / 12) % 2 == 0 ? ((byte)205, (byte)214, (byte)205) : ((byte)188, (byte)198, (byte)190);
    }

    private static ValueRecord Maybe(double? value) => value is { } v ? ValueRecord.Of(v) : ValueRecord.Words("–");
}
