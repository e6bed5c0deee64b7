using Aim.Reports.Plotly;
using Aim.Reports.Records;
using Aim.Reports.Sections;
using Aim.Reports.Sections.Exhibits;

namespace Aim.Reports;

/// <summary>A run's figures one by one, as its report draws them, for who shows them elsewhere: a notebook.</summary>
public static class ReportFigures
{
    /// <summary>Accuracy against the FLOPs of a prefill: the paper's Figure 1.</summary>
    public static Figure Tradeoff(RunRecord record) => TradeoffSection.Curve(new ReportData(record, null, Place.Page));

    /// <summary>
    /// What an exhibit draws: a plot for every panel of lines, a map for every value of a heat map, one for bars; tables and
    /// galleries draw none.
    /// </summary>
    public static IReadOnlyList<NamedFigure> Of(ExhibitRecord exhibit) => exhibit switch
    {
        LinesRecord lines => [.. lines.Panels.Select(p => new NamedFigure(p.Y.Title, LinesExhibit.Draw(lines, p)))],
        HeatMapRecord map => [.. map.Layers.Select(l => new NamedFigure(l.Title, HeatMapExhibit.Draw(map, [l])))],
        BarsRecord bars => [new NamedFigure(bars.Y.Title, BarsExhibit.Draw(bars))],
        _ => [],
    };
}

/// <summary>A figure and what it shows.</summary>
/// <param name="Name">The title of the values: "Accuracy".</param>
/// <param name="Figure">The figure.</param>
public sealed record NamedFigure(string Name, Figure Figure);
