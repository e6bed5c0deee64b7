using Aim.Reports.Html;
using Aim.Reports.Plotly;
using Aim.Reports.Records;

namespace Aim.Reports.Sections;

/// <summary>
/// Accuracy by kind of question: over the grid, without evidence (controls), and by how deep the layers still see the frames.
/// </summary>
internal static class KindSections
{
    private static readonly object[][] Scale = [[0.0, "var(--heat-0)"], [0.5, "var(--heat-1)"], [1.0, "var(--heat-2)"]];

    private static readonly string[] LineColors =
    [
        "var(--series-merge)", "var(--series-default)", "var(--series-searched)", "var(--series-random)", "var(--series-other)",
            "var(--series-downsample)",
    ];

    private static readonly string[] Symbols = ["circle", "square", "diamond", "triangle-up", "cross", "x", "star", "pentagon"];

    public static Markup ByKind(ReportData data)
    {
        var (kinds, cells) = (data.Kinds, data.MainCells);
        var figure = new Figure(
            [
                new Heatmap
                {
                    Name = "accuracy",
                    X = kinds.Select(k => Label(data, k)).ToList(),
                    Y = cells.Select(Name).ToList(),
                    Z = cells.Select(c =>
                        (IReadOnlyList<double?>)kinds.Select(k => Score(c.ByKind, k)?.Accuracy).ToList()).ToList(),
                    ColorScale = Scale,
                    TextTemplate = "%{z:.0%}",
                    HoverTemplate = "<b>%{x}</b><br>%{y}<br>accuracy %{z:.1%}<extra></extra>",
                },
            ],
            new Layout
            {
                Height = 60 + 24 * cells.Count,
                ShowLegend = false,
                Margin = new Margin(8, 40, 34, 8),
                XAxis = new Axis
                {
                    Type = "category",
                    Side = "top",
                    ShowGrid = false,
                    ShowLine = false,
                    Ticks = "",
                    TickLabelStandoff = 6
                },
                YAxis = new Axis
                {
                    Type = "category",
                    AutoRange = "reversed",
                    ShowGrid = false,
                    ShowLine = false,
                    Ticks = "",
                    TickLabelStandoff = 6
                },
            });
        return Block.Section(
            data.Place,
            "by-kind",
            "Accuracy by kind of question",
            Markup.Of($"What a setting loses is seldom spread evenly. "
                + $"Kinds marked with an asterisk do not beat their controls and do not count in the headline."),
            Block.Figure(
                data.Place.Id("figure-by-kind"),
                figure,
                $"Heat map of accuracy, {cells.Count} settings by {kinds.Count} kinds of question; the table that follows has "
                    + $"all values.",
                Markup.Of($"Accuracy by kind (columns) and setting (rows), of the controls those of the headline."),
                Block.Details("All settings as a table", Block.Table(
                    data.Place.Id("table-by-kind"),
                    "Accuracy by kind and setting, with 95% interval",
                    kinds.Select(k => Block.Head(Label(data, k))).Prepend(Block.Head("Setting")),
                    [Block.Body(data.Cells.Select(c => Block.Row(Name(c), kinds.Select(k => Cell(Score(c.ByKind, k))))))])),
                minimumWidth: 240 + 64 * kinds.Count));
    }

    public static Markup Controls(ReportData data)
    {
        var (record, controls) = (data.Record, data.Record.Controls.OrderBy(c => Rank(c.Name)).ToList());
        if (controls.Count == 0)
            return Block.Section(data.Place, "controls", "Controls",
                Markup.Of($"Whether the model needs the frames at all: {Format.NotMeasured}."), Markup.None);
        return Block.Section(
            data.Place,
            "controls",
            "Controls",
            Markup.Of($"The unreduced model without its evidence. "
                + $"A kind counts only where it beats these by the definition's margins: "
                + $"otherwise its accuracy says nothing about what merging and pruning keep."),
            Block.Table(
                data.Place.Id("table-controls"),
                "Accuracy of the unreduced model and of its controls by kind, with 95% interval",
                [Block.Head("Kind"), Block.Head("Unreduced"), .. controls.Select(c => Block.Head(ControlName(c.Name))),
                    Block.TextHead("Counts")],
                [
                    Block.Body(data.Kinds.Select(k =>
                    {
                        var kind = record.Kinds.FirstOrDefault(r => r.Kind == k);
                        return Markup.Of($"""
                            <tr><th scope="row">{k}<small>{kind?.Description}</small></th>
                            {Cell(Score(data.Baseline.ByKind, k))}
                            {Markup.Join(controls.Select(c => Cell(Score(c.ByKind, k))))}
                            <td class="text"><strong>{(data.Counts(k) ? "yes" : "no")}</strong><small>{kind?.Reason}</small></td></tr>
                            """);
                    })),
                ]));
    }

    public static Markup Horizon(ReportData data)
    {
        var horizon = data.Record.Horizon;
        if (horizon.Count == 0)
            return Block.Section(data.Place, "horizon", "Horizon by kind",
                Markup.Of($"How deep the layers still read the frames: {Format.NotMeasured}."), Markup.None);
        var layers = horizon.SelectMany(h => h.Points).Select(p => p.Layer).Distinct().Order().ToList();
        var figure = new Figure(
            horizon.Select((h, i) => (Trace)new Scatter
            {
                Name = h.Kind,
                X = h.Points.Select(p => (double)p.Layer).ToList(),
                Y = h.Points.Select(p => p.Accuracy).ToList(),
                Marker = new Marker { Symbol = Symbols[i % Symbols.Length], Color = LineColors[i % LineColors.Length], Size = 8 },
                Line = new Line
                {
                    Color = LineColors[i % LineColors.Length],
                    Width = 2,
                    Dash = i < LineColors.Length ? null
                    : "dash"
                },
                HoverTemplate = "<b>%{fullData.name}</b><br>frames visible to the first %{x} layers<br>accuracy "
                    + "%{y:.1%}<extra></extra>",
            }).ToList(),
            new Layout
            {
                XAxis = new Axis { Title = new Title("Layers that see the frames"), DTick = 1.0 },
                YAxis = new Axis { Title = new Title("Accuracy"), TickFormat = "~%", RangeMode = "tozero" },
                Legend = new Legend(),
            });
        return Block.Section(
            data.Place,
            "horizon",
            "Horizon by kind",
            Markup.Of($"Accuracy of the unreduced model when its visual tokens are taken away after the first layers. "
                + $"Where a curve is flat, pruning from there on can cost nothing; where it still climbs, every schedule pays."),
            Block.Figure(
                data.Place.Id("figure-horizon"),
                figure,
                $"Accuracy against the number of layers that see the frames, one line for each of {horizon.Count} kinds; the "
                    + $"table that follows has all values.",
                Markup.Of($"The rightmost point is the unreduced model."),
                Block.Details("The same as a table", Block.Table(
                    data.Place.Id("table-horizon"),
                    "Accuracy by number of layers that see the frames",
                    layers.Select(l => Block.Head(Format.Count(l))).Prepend(Block.Head("Kind")),
                    [
                        Block.Body(horizon.Select(h => Block.Row(h.Kind, layers.Select(l =>
                            h.Points.FirstOrDefault(p => p.Layer == l) is { } p ? Block.Number(Format.Percent(p.Accuracy))
                                : Block.Missing())))),
                    ]))));
    }

    private static string Label(ReportData data, string kind) => data.Counts(kind) ? kind : kind + " *";

    private static string Name(CellRecord cell) => ReportData.ShortNameOf(cell);

    private static KindScoreRecord? Score(IReadOnlyList<KindScoreRecord> scores, string kind) =>
        scores.FirstOrDefault(s => s.Kind == kind);

    private static Markup Cell(KindScoreRecord? score) => score is null
        ? Block.Missing()
        : Block.Number(Format.Percent(score.Accuracy),
            $"{Format.Percent(score.Wilson.Low, 0)} to {Format.Percent(score.Wilson.High, 0)}, n {Format.Count(score.Samples)}");

    /// <summary>From nothing seen to most seen; the majority's answer, which needs no model, last.</summary>
    private static int Rank(string name) =>
        name switch { "blank" => 0, "text" => 1, "one-frame" => 2, "shuffled" => 3, "majority" => 5, _ => 4 };

    private static string ControlName(string name) => name switch
    {
        "blank" => "Blank frames",
        "text" => "Text only",
        "one-frame" => "One frame",
        "shuffled" => "Shuffled frames",
        "majority" => "Majority answer",
        _ => name,
    };
}
