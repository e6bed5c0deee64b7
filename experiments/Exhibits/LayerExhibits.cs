using System.Globalization;
using Aim.Experiments.Analysis;
using Aim.Experiments.Planning;
using Aim.Experiments.Statistics;
using Aim.Reports.Records;

namespace Aim.Experiments.Exhibits;

/// <summary>
/// Where in the decoder the frames are read: attention by layer, accuracy when vision is cut, schedules, criteria by depth.
/// </summary>
internal static class LayerExhibits
{
    /// <summary>Attention on visual tokens by layer, of every cell that records it.</summary>
    public static IEnumerable<ExhibitRecord> Attention(Shown shown)
    {
        PlannedCell[] cells = [.. shown.Plan.Cells.Where(c => c.Cell.Record.HasFlag(Recordings.Attention))];
        if (cells.Length == 0)
            yield break;
        yield return new LinesRecord
        {
            Id = "attention-mass",
            Title = "Attention on visual tokens, layer by layer",
            Lead = "The share of attention that goes to visual tokens, averaged over heads and samples: of the prompt's last "
                + "token, from which the answer comes, and of the text behind the frames. Dotted: what an even spread over all "
                + "tokens would give.",
            From = shown.From(cells),
            Exploratory = true,
            X = new AxisRecord { Title = "Decoder layer", Unit = Unit.Count },
            Panels =
            [
                .. cells.Select(cell =>
                {
                    var recorded = shown.Recordings(cell, Recordings.Attention);
                    int[] samples = shown.Samples(cell);
                    LineRecord Line(string name, Func<Running.AttentionRecording, IReadOnlyList<double>> of,
                        bool control = false) =>
                        ByLayer(name, AttentionMass.ByLayer([.. samples.Select(i => of(recorded[i].Attention!))]), control);
                    return new PanelRecord
                    {
                        Y = new AxisRecord { Title = $"Attention on visual tokens, {cell.Id}", Unit = Unit.Percent,
                            FromZero = true },
                        Lines = [Line("last token", a => a.Last), Line("text behind the frames", a => a.Text),
                            Line("even spread", a => a.Even, true)],
                    };
                }),
            ],
        };
        var first = cells[0];
        var all = shown.Recordings(first, Recordings.Attention);
        yield return new LinesRecord
        {
            Id = "attention-by-kind",
            Title = "The last token's attention on visual tokens, by kind of question",
            Lead = "The same share for each kind of question: kinds with text work behind the look should read the frames "
                + "earlier.",
            From = shown.From([first]),
            Exploratory = true,
            X = new AxisRecord { Title = "Decoder layer", Unit = Unit.Count },
            Panels =
            [
                new PanelRecord
                {
                    Y = new AxisRecord { Title = "Attention on visual tokens", Unit = Unit.Percent, FromZero = true },
                    Lines = [.. shown.Kinds([first]).Select(kind => ByLayer(kind,
                        AttentionMass.ByLayer([.. shown.Samples(first, k => k == kind).Select(i => all[i].Attention!.Last)]),
                            false))],
                },
            ],
        };
    }

    /// <summary>Accuracy when all visual tokens are taken away before a layer, by kind.</summary>
    public static ExhibitRecord Horizon(Shown shown)
    {
        PlannedCell[] cuts = [.. Cuts(shown.Plan).OrderBy(c => c.Cell.Schedule.First)];
        var baseline = shown.Plan.BaselineOf(cuts[0]);
        int layers = baseline.Geometry.Shape.Layers;
        LineRecord Line(string name, Func<string, bool>? kinds) => new()
        {
            Name = name,
            Points = [.. cuts.Append(baseline).Select(cell =>
                Point(cell == baseline ? layers : cell.Cell.Schedule.First, shown.Accuracy(cell, shown.Samples(cell, kinds))))],
        };
        return new LinesRecord
        {
            Id = "horizon",
            Title = "How deep the frames are needed: accuracy with vision cut before a layer",
            Lead = "All visual tokens are removed before the layer on the axis; the last point is the unreduced model. Where a "
                + "line reaches its right end, the kind has read what it needs: pruning behind that layer is free.",
            From = shown.From(cuts.Append(baseline)),
            Exploratory = true,
            X = new AxisRecord { Title = "Vision cut before layer", Unit = Unit.Count },
            Panels =
            [
                new PanelRecord
                {
                    Y = new AxisRecord { Title = "Accuracy", Unit = Unit.Percent, FromZero = true },
                    Lines = [Line("all kinds", null), .. shown.Kinds(cuts).Select(kind => Line(kind, k => k == kind))],
                },
            ],
        };
    }

    /// <summary>The cells with vision cut on the definition's own questions.</summary>
    public static IEnumerable<PlannedCell> Cuts(Plan plan) =>
        plan.Cells.Where(c => c.Cell is { Method: Cell.Unreduced, Schedule.Name: "cut" } && c.Set == plan.Sets[0]);

    /// <summary>The (l1, l2) grid at the retention that has the most schedules.</summary>
    public static ExhibitRecord ScheduleMap(Shown shown)
    {
        var grid = Grid(shown.Plan);
        int[] l1 = [.. grid.Select(c => c.Schedule!.L1).Distinct().Order()],
            l2 = [.. grid.Select(c => c.Schedule!.L2).Distinct().Order()];
        PlannedCell? At(int y, int x) => grid.FirstOrDefault(c => c.Schedule!.L1 == l1[y] && c.Schedule.L2 == l2[x]);
        IReadOnlyList<IReadOnlyList<ValueRecord?>> Values(Func<PlannedCell, ValueRecord> of) =>
            [.. l1.Select((_, y) =>
                (IReadOnlyList<ValueRecord?>)[.. l2.Select((_, x) => At(y, x) is { } cell ? of(cell) : null)])];
        var marks = new List<MarkRecord>();
        foreach (string name in new[] { "default", "searched" })
            if (shown.Plan.Cells.FirstOrDefault(c => c.Cell.Method == "aim" && c.Cell.Schedule.Name == name)?.Schedule is { } s
                && Array.IndexOf(l1, s.L1) is >= 0 and var y && Array.IndexOf(l2, s.L2) is >= 0 and var x)
                marks.Add(new MarkRecord(x, y, name));
        return new HeatMapRecord
        {
            Id = "schedule-map",
            Title = $"Pruning schedules (l1, l2) at {grid[0].Cell.Retention.Label} of the tokens",
            Lead = "Pruning starts behind layer l1 and leaves no visual token from layer l2 on. The difference is paired with "
                + "the unreduced model.",
            From = shown.From(grid),
            Exploratory = true,
            XTitle = "l2: first layer without visual tokens",
            YTitle = "l1: first pruning layer",
            X = [.. l2.Select(l => l.ToString(CultureInfo.InvariantCulture))],
            Y = [.. l1.Select(l => l.ToString(CultureInfo.InvariantCulture))],
            Layers =
            [
                new HeatLayerRecord
                {
                    Title = "Accuracy against unreduced", Unit = Unit.Points, Diverging = true,
                    Values = Values(c => Shown.Points(shown.Compare(c, shown.Plan.BaselineOf(c)))),
                },
                new HeatLayerRecord { Title = "Accuracy", Unit = Unit.Percent,
                    Values = Values(c => shown.Accuracy(c, shown.Samples(c))) },
                new HeatLayerRecord
                {
                    Title = "Executed FLOPs", Unit = Unit.Flop,
                    Values = Values(c => ValueRecord.Of(shown.Flops(c), n: c.Cell.Samples)),
                },
            ],
            Marks = marks,
        };
    }

    /// <summary>The largest set of AIM's cells that differ in explicit layers alone.</summary>
    public static IReadOnlyList<PlannedCell> Grid(Plan plan) =>
        plan.Cells.Where(c => c.Cell is { Method: "aim", Schedule.Name: "layers" or "scaled", Target: null, Settings.Count: 0 })
            .GroupBy(c => (c.Cell.Retention, c.Set.Name)).OrderByDescending(g => g.Count()).Select(g =>
                g.ToList()).FirstOrDefault() ?? [];

    /// <summary>Page Rank against random pruning, by where a window of equal width stands.</summary>
    public static IEnumerable<ExhibitRecord> Depth(Shown shown)
    {
        var pairs = Windows(shown.Plan);
        int width = pairs[0].Aim.Schedule!.L2 - pairs[0].Aim.Schedule!.L1;
        double[] p = [.. pairs.Select(x => shown.Compare(x.Aim, x.Random)?.McNemarP ?? 1)];
        double[] corrected = Holm.Adjust(p);
        var baseline = shown.Plan.BaselineOf(pairs[0].Aim);
        LineRecord Line(string name, Func<(PlannedCell Aim, PlannedCell Random), PlannedCell> of, bool control) => new()
        {
            Name = name,
            Control = control,
            Points = [.. pairs.Select(x => Point(of(x).Schedule!.L1, shown.Accuracy(of(x), shown.Samples(of(x)))))],
        };
        yield return new LinesRecord
        {
            Id = "depth",
            Title = "Does the criterion matter deep in the decoder? Page Rank against random pruning",
            Lead = $"Tokens are pruned over a window of {width} layers that starts behind the layer on the axis, once by Page "
                + $"Rank importance and once at random, at equal counts. arXiv 2512.07580 says that deep layers do not care "
                + $"which tokens go.",
            From = shown.From(pairs.SelectMany(x => new[] { x.Aim, x.Random }).Append(baseline)),
            Exploratory = true,
            X = new AxisRecord { Title = "l1: first pruning layer", Unit = Unit.Count },
            Panels =
            [
                new PanelRecord
                {
                    Y = new AxisRecord { Title = "Accuracy", Unit = Unit.Percent, FromZero = true },
                    Lines = [Line("Page Rank", x => x.Aim, false), Line("random", x => x.Random, true)],
                    References = [new ReferenceRecord("unreduced", shown.Accuracy(baseline, shown.Samples(baseline)).Value ?? 0)],
                },
            ],
        };
        yield return new TableRecord
        {
            Id = "depth-table",
            Title = "Page Rank minus random, by depth",
            Lead = "Paired on the same samples.",
            From = shown.From(pairs.SelectMany(x => new[] { x.Aim, x.Random })),
            Exploratory = true,
            RowTitle = "Schedule",
            Columns =
            [
                new ColumnRecord { Title = "Page Rank", Unit = Unit.Percent },
                new ColumnRecord { Title = "Random", Unit = Unit.Percent },
                new ColumnRecord { Title = "Difference", Unit = Unit.Points, Detail = "95% interval" },
                new ColumnRecord { Title = "p", Unit = Unit.P, Detail = $"exact McNemar, Holm-corrected over {pairs.Count}" },
            ],
            Rows =
            [
                .. pairs.Select((x, i) => new RowRecord
                {
                    Name = $"{x.Aim.Schedule}",
                    Exploratory = true,
                    Values =
                    [
                        shown.Accuracy(x.Aim, shown.Samples(x.Aim)), shown.Accuracy(x.Random, shown.Samples(x.Random)),
                        Shown.Points(shown.Compare(x.Aim, x.Random)), ValueRecord.Of(corrected[i]),
                    ],
                }),
            ],
        };
    }

    /// <summary>AIM's and random cells with the same window, of the width and retention that has the most.</summary>
    public static IReadOnlyList<(PlannedCell Aim, PlannedCell Random)> Windows(Plan plan)
    {
        var pairs =
            from aim in plan.Cells
            where aim.Cell is { Method: "aim", Schedule.Name: "layers", Target: null, Settings.Count: 0 }
            from random in plan.Cells
            where random.Cell.Method == "random" && random.Set == aim.Set && random.Cell.Schedule == aim.Cell.Schedule
                && random.Cell.Retention == aim.Cell.Retention && random.Cell.Target is null
            select (Aim: aim, Random: random);
        return pairs.GroupBy(x => (x.Aim.Cell.Retention, Width: x.Aim.Schedule!.L2 - x.Aim.Schedule.L1, x.Aim.Set.Name))
            .OrderByDescending(g => g.Count()).Select(g => g.OrderBy(x => x.Aim.Schedule!.L1).ToList()).FirstOrDefault() ?? [];
    }

    private static LineRecord ByLayer(string name, IReadOnlyList<MeanOf> means, bool control) => new()
    {
        Name = name,
        Control = control,
        Points = [.. means.Select((m, l) =>
            new PointRecord { X = l, Y = m.Mean, Interval = Shown.Interval(m.Interval), N = m.Samples })],
    };

    internal static PointRecord Point(double x, ValueRecord value) =>
        new() { X = x, Y = value.Value ?? 0, Interval = value.Interval, N = value.N };
}
