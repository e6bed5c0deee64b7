using Aim.Reports.Html;
using Aim.Reports.Plotly;
using Aim.Reports.Records;

namespace Aim.Reports.Sections;

/// <summary>The trade-off of models of the same training from other seeds beside the run's own: what a seed decides.</summary>
internal static class SeedSection
{
    private static readonly string?[] Dashes = [null, "dash", "dot", "dashdot", "longdash"];

    public static Markup Render(ReportData data)
    {
        var models = Models(data);
        if (models.Count < 2)
            return Markup.None;
        return Block.Section(
            data.Place,
            "seeds",
            "Trade-off by seed",
            Markup.Of($"{Format.Count(models.Count)} models, trained alike from different seeds. Each is compared with itself "
                + $"unreduced, on the same questions, of the kinds that count for it."),
            Markup.Join(
            [
                Block.Figure(
                    data.Place.Id("figure-seeds"),
                    Curve(data, models),
                    $"Accuracy minus the unreduced model's against prefill FLOPs on a logarithmic axis, a line for each of "
                        + $"{models.Count} seeds and schedule; the table below has all values.",
                    Markup.Of($"Filled markers: the model of this report. Intervals stand in the table."),
                    Markup.None),
                Table(data, models),
            ]));
    }

    private static IReadOnlyList<Model> Models(ReportData data) =>
    [
        new(Name(data.Record.Model.Seed) ?? "this model",
            data.Cells.Where(c => ReportData.Shown(c).Paired is not null).ToDictionary(c => c.Id, Own, StringComparer.Ordinal)),
        .. data.Record.Seeds.Select(s => new Model(
            Name(s.Seed) ?? Format.ShortHash(s.Sha256), s.Cells.ToDictionary(c => c.Id, StringComparer.Ordinal))),
    ];

    private static string? Name(ulong? seed) => seed is { } known ? FormattableString.Invariant($"seed {known}") : null;

    private static SeedCellRecord Own(CellRecord cell)
    {
        var paired = ReportData.Shown(cell).Paired!;
        return new(cell.Id, paired.Samples, paired.Difference, paired.Interval, cell.FlopsHonest);
    }

    /// <summary>Accuracy minus the unreduced model's against FLOPs, a line for each seed and schedule.</summary>
    private static Figure Curve(ReportData data, IReadOnlyList<Model> models) => new(
        [
            .. from series in Methods(data)
               from model in models.Index()
               let cells = series.Cells.Select(c => model.Item.Cells.GetValueOrDefault(c.Id)).OfType<SeedCellRecord>()
               select Line(data, series.Series, model.Item, model.Index, [.. cells.Where(c => c.Flops > 0)]),
        ],
        TradeoffSection.AgainstFlops(480, "Accuracy minus unreduced", 0));

    // A control shows what chance does on the same model, which the trade-off itself has.
    private static IEnumerable<(Series Series, IReadOnlyList<CellRecord> Cells)> Methods(ReportData data) => data.Series
        .Where(s => !s.Series.IsControl)
        .Select(s => (s.Series, (IReadOnlyList<CellRecord>)[.. s.Cells.Where(c => !data.IsBaseline(c))]))
        .Where(s => s.Item2.Count > 0);

    private static Scatter Line(
        ReportData data, Series series, Model model, int index, IReadOnlyList<SeedCellRecord> cells)
    {
        var ordered = cells.OrderBy(c => c.Flops).ThenBy(c => c.Id, StringComparer.Ordinal).ToList();
        string color = data.ColorOf(series), name = $"{model.Name}, {Kind(series)}";
        return new Scatter
        {
            Name = name,
            X = [.. ordered.Select(c => c.Flops!.Value)],
            Y = [.. ordered.Select(c => c.Difference)],
            Mode = ordered.Count > 1 ? "lines+markers" : "markers",
            Marker = new Marker
            {
                Symbol = data.SymbolOf(series) + (index == 0 ? "" : "-open"),
                Color = color,
                Size = index == 0 ? 9 : 7,
            },
            Line = new Line { Color = color, Width = index == 0 ? 2.25 : 1.25, Dash = Dashes[index % Dashes.Length] },
            CustomData = [.. ordered.Select(c => (IReadOnlyList<string>)
            [
                Markup.Of($"{name}: {c.Id}").Text, $"{Difference(c)}, n = {Format.Count(c.Samples)}",
                $"{Format.Si(c.Flops!.Value)}FLOP",
            ])],
            HoverTemplate = "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
        };
    }

    private static string Kind(Series series) => series.Schedule is { } schedule ? $"{schedule.Name} schedule"
        : series.Method == "aim" ? "merging only" : series.Label;

    private static string Difference(SeedCellRecord cell) =>
        $"{Format.Points(cell.Difference)} points ({Format.Points(cell.Interval.Low)} to {Format.Points(cell.Interval.High)})";

    private static Markup Table(ReportData data, IReadOnlyList<Model> models) => Block.Table(
        data.Place.Id("table-seeds"),
        "Accuracy minus unreduced in points, with the paired 95% interval, of each seed",
        [Block.Head("Setting"), .. models.Select(m => Block.Head(m.Name)), Block.Head("Mean")],
        [
            .. Methods(data).Select(series => Block.Body(series.Cells.Select(cell => Row(cell, models)).Prepend(
                Block.GroupRow(series.Series.Schedule is null ? series.Series.Label : $"AIM + pruning, {Kind(series.Series)}",
                    models.Count + 2)))),
        ]);

    private static Markup Row(CellRecord cell, IReadOnlyList<Model> models)
    {
        SeedCellRecord?[] all = [.. models.Select(m => m.Cells.GetValueOrDefault(cell.Id))];
        return Block.Row(cell.RetentionPrinted,
        [
            .. all.Select(c => c is null ? Block.Missing() : Block.Number(Format.Points(c.Difference),
                $"{Format.Points(c.Interval.Low)} to {Format.Points(c.Interval.High)}", c.Difference)),
            all.All(c => c is not null) && all.Average(c => c!.Difference) is var mean
                ? Block.Number(Format.Points(mean), mean) : Block.Missing(),
        ]);
    }

    private sealed record Model(string Name, IReadOnlyDictionary<string, SeedCellRecord> Cells);
}
