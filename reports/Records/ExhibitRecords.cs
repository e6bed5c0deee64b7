using System.Text.Json.Serialization;

namespace Aim.Reports.Records;

/// <summary>
/// A result that the grid's cells alone do not show: one figure or table of the report. There are five shapes; an experiment says
/// what it found in as many of them as it needs, for example
/// <list type="bullet">
/// <item>costs (paper, computed, difference, honest, streamed, exact, reason), budgets (asked, spent, best fixed setting),
/// ablations,
/// loyalty, hard subsets: <see cref="TableRecord"/>;</item>
/// <item>vision horizon, attention mass by layer, accuracy and FLOPs by number of frames: <see cref="LinesRecord"/>;</item>
/// <item>the (l1, l2) grid, kept positions on the grid of a frame: <see cref="HeatMapRecord"/>;</item>
/// <item>shares of merges (same object, background, across objects), histograms: <see cref="BarsRecord"/>;</item>
/// <item>samples with their frames, answers and provenance: <see cref="GalleryRecord"/>.</item>
/// </list>
/// Every number says how many samples stand behind it, and every exhibit where its numbers come from.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TableRecord), "table")]
[JsonDerivedType(typeof(LinesRecord), "lines")]
[JsonDerivedType(typeof(HeatMapRecord), "heatMap")]
[JsonDerivedType(typeof(BarsRecord), "bars")]
[JsonDerivedType(typeof(GalleryRecord), "gallery")]
public abstract record ExhibitRecord
{
    /// <summary>Unique in its run, and part of the page's addresses: lower-case letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>What it shows and how to read it, in a sentence or a few.</summary>
    public required string Lead { get; init; }

    /// <summary>Where its numbers come from: "cells aim-1/4-default and none-1, test split".</summary>
    public required string From { get; init; }

    /// <summary>
    /// Whether its numbers were not fixed as a question before the run, or rest on few samples: no verdict rests on them.
    /// </summary>
    public bool Exploratory { get; init; }

    /// <summary>What stands beneath it: tests, corrections, what was left out and why.</summary>
    public string? Note { get; init; }
}

/// <summary>Rows of values; the reader may sort and filter them.</summary>
public sealed record TableRecord : ExhibitRecord
{
    /// <summary>Head of the rows' names: "Method", "Setting".</summary>
    public required string RowTitle { get; init; }

    public required IReadOnlyList<ColumnRecord> Columns { get; init; }

    public required IReadOnlyList<RowRecord> Rows { get; init; }
}

/// <summary>A column.</summary>
public sealed record ColumnRecord
{
    public required string Title { get; init; }

    public required Unit Unit { get; init; }

    /// <summary>What stands beneath the head: "points, 95% interval", "Holm-corrected over 12 comparisons".</summary>
    public string? Detail { get; init; }

    /// <summary>Digits after the point; null: as the unit is usually printed.</summary>
    public int? Decimals { get; init; }
}

/// <summary>A row: as many values as there are columns.</summary>
public sealed record RowRecord
{
    public required string Name { get; init; }

    /// <summary>What stands beneath the name: "adapted: mean query for CLS".</summary>
    public string? Detail { get; init; }

    /// <summary>Rows of one group stand together under its name; groups come in the order of their first rows.</summary>
    public string? Group { get; init; }

    /// <summary>Whether the row carries a verdict.</summary>
    public bool Headline { get; init; }

    /// <summary>Whether it is labelled exploratory.</summary>
    public bool Exploratory { get; init; }

    public required IReadOnlyList<ValueRecord> Values { get; init; }
}

/// <summary>Lines over one common axis, in one panel or several (accuracy, then FLOPs).</summary>
public sealed record LinesRecord : ExhibitRecord
{
    public required AxisRecord X { get; init; }

    public required IReadOnlyList<PanelRecord> Panels { get; init; }
}

/// <summary>One plot.</summary>
public sealed record PanelRecord
{
    public required AxisRecord Y { get; init; }

    public required IReadOnlyList<LineRecord> Lines { get; init; }

    /// <summary>Horizontal lines to compare with: chance, the unreduced model.</summary>
    public IReadOnlyList<ReferenceRecord> References { get; init; } = [];
}

/// <summary>One line; a point that was not measured is left out.</summary>
public sealed record LineRecord
{
    public required string Name { get; init; }

    /// <summary>Whether it is a control: drawn dotted.</summary>
    public bool Control { get; init; }

    public required IReadOnlyList<PointRecord> Points { get; init; }
}

/// <summary>A point of a line.</summary>
public sealed record PointRecord
{
    public required double X { get; init; }

    public required double Y { get; init; }

    /// <summary>The 95 % interval of <see cref="Y"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IntervalRecord? Interval { get; init; }

    /// <summary>Samples behind <see cref="Y"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? N { get; init; }
}

/// <summary>A value to compare with.</summary>
public sealed record ReferenceRecord(string Name, double Value);

/// <summary>
/// A grid of values, one or several for each place (accuracy, FLOPs, difference); the reader chooses which is shown.
/// </summary>
public sealed record HeatMapRecord : ExhibitRecord
{
    public required string XTitle { get; init; }

    public required string YTitle { get; init; }

    /// <summary>Names of the columns, from left to right.</summary>
    public required IReadOnlyList<string> X { get; init; }

    /// <summary>Names of the rows, from top to bottom.</summary>
    public required IReadOnlyList<string> Y { get; init; }

    public required IReadOnlyList<HeatLayerRecord> Layers { get; init; }

    /// <summary>Places to point out: the default schedule, the searched one.</summary>
    public IReadOnlyList<MarkRecord> Marks { get; init; } = [];
}

/// <summary>One value for each place of the grid.</summary>
public sealed record HeatLayerRecord
{
    public required string Title { get; init; }

    public required Unit Unit { get; init; }

    /// <summary>Whether 0 is the middle of the colours (differences).</summary>
    public bool Diverging { get; init; }

    /// <summary><c>[y][x]</c>; null where there is no such place (l2 not beyond l1).</summary>
    public required IReadOnlyList<IReadOnlyList<ValueRecord?>> Values { get; init; }
}

/// <summary>A place of a heat map, by index.</summary>
public sealed record MarkRecord(int X, int Y, string Name);

/// <summary>Bars over categories: shares, histograms.</summary>
public sealed record BarsRecord : ExhibitRecord
{
    public required string CategoryTitle { get; init; }

    public required IReadOnlyList<string> Categories { get; init; }

    public required AxisRecord Y { get; init; }

    public required IReadOnlyList<BarSeriesRecord> Series { get; init; }

    /// <summary>Whether the series of a category stand on each other (shares of a whole), not side by side.</summary>
    public bool Stacked { get; init; }

    /// <summary>Values to compare with: what chance gives.</summary>
    public IReadOnlyList<ReferenceRecord> References { get; init; } = [];
}

/// <summary>One value for each category.</summary>
public sealed record BarSeriesRecord(string Name, IReadOnlyList<ValueRecord> Values);
