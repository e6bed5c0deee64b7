using System.Buffers.Binary;

namespace Aim.Reports.Records;

/// <summary>What the types of exhibits cannot say: shapes that must agree, finite numbers, pictures that are pictures.</summary>
internal static class ExhibitValidation
{
    private const int LargestPicture = 512;

    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public static void Check(Checker check, IReadOnlyList<ExhibitRecord> exhibits)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < exhibits.Count; i++)
        {
            var (exhibit, at) = (exhibits[i], $"exhibits[{i}]");
            check.Key(exhibit.Id, $"{at}.id");
            check.That(ids.Add(exhibit.Id), $"{at}.id", $"'{exhibit.Id}' is used twice");
            check.Text(exhibit.Title, $"{at}.title");
            check.Text(exhibit.Lead, $"{at}.lead");
            check.Text(exhibit.From, $"{at}.from");
            switch (exhibit)
            {
                case TableRecord table: CheckTable(check, at, table); break;
                case LinesRecord lines: CheckLines(check, at, lines); break;
                case HeatMapRecord map: CheckMap(check, at, map); break;
                case BarsRecord bars: CheckBars(check, at, bars); break;
                case GalleryRecord gallery: CheckGallery(check, at, gallery); break;
            }
        }
    }

    public static void CheckValue(Checker check, string at, ValueRecord value, Unit unit)
    {
        if (value.Value is { } number)
            check.Finite(number, $"{at}.value");
        check.That(unit != Unit.Text || value.Value is null || value.Text is not null, $"{at}.text",
            "is missing, but the column's unit is text");
        check.That(value.N is null or >= 0, $"{at}.n", $"is {value.N}, but should not be negative");
        check.That(value.Interval is null || value.Value is not null, $"{at}.interval", "has no value that it belongs to");
        CheckInterval(check, at, value.Interval);
    }

    private static void CheckInterval(Checker check, string at, IntervalRecord? interval)
    {
        if (interval is null)
            return;
        check.Finite(interval.Low, $"{at}.interval.low");
        check.Finite(interval.High, $"{at}.interval.high");
        check.That(interval.Low <= interval.High, $"{at}.interval", "has its low end above its high end");
    }

    private static void CheckTable(Checker check, string at, TableRecord table)
    {
        for (var r = 0; r < table.Rows.Count; r++)
        {
            var values = table.Rows[r].Values;
            check.Count(values.Count, table.Columns.Count, $"{at}.rows[{r}].values", $"{at}.columns");
            for (var c = 0; c < values.Count; c++)
                CheckValue(check, $"{at}.rows[{r}].values[{c}]", values[c], table.Columns[c].Unit);
        }
    }

    private static void CheckLines(Checker check, string at, LinesRecord lines)
    {
        CheckAxis(check, $"{at}.x", lines.X);
        for (var p = 0; p < lines.Panels.Count; p++)
        {
            CheckAxis(check, $"{at}.panels[{p}].y", lines.Panels[p].Y);
            for (var l = 0; l < lines.Panels[p].Lines.Count; l++)
            {
                var points = lines.Panels[p].Lines[l].Points;
                for (var i = 0; i < points.Count; i++)
                {
                    var (point, here) = (points[i], $"{at}.panels[{p}].lines[{l}].points[{i}]");
                    check.Finite(point.X, $"{here}.x");
                    check.Finite(point.Y, $"{here}.y");
                    check.That(!lines.X.Logarithmic || point.X > 0, $"{here}.x", "should be positive on a logarithmic axis");
                    check.That(!lines.Panels[p].Y.Logarithmic || point.Y > 0, $"{here}.y",
                        "should be positive on a logarithmic axis");
                    check.That(i == 0 || point.X >= points[i - 1].X, $"{here}.x", "is below the point before it");
                    CheckInterval(check, here, point.Interval);
                    check.That(point.N is null or >= 0, $"{here}.n", $"is {point.N}, but should not be negative");
                }
            }

            CheckReferences(check, $"{at}.panels[{p}]", lines.Panels[p].References);
        }
    }

    private static void CheckMap(Checker check, string at, HeatMapRecord map)
    {
        check.That(map.Layers.Count > 0, $"{at}.layers", "is empty");
        for (var l = 0; l < map.Layers.Count; l++)
        {
            var (layer, here) = (map.Layers[l], $"{at}.layers[{l}]");
            check.Count(layer.Values.Count, map.Y.Count, $"{here}.values", $"{at}.y");
            for (var y = 0; y < layer.Values.Count; y++)
            {
                check.Count(layer.Values[y].Count, map.X.Count, $"{here}.values[{y}]", $"{at}.x");
                for (var x = 0; x < layer.Values[y].Count; x++)
                {
                    if (layer.Values[y][x] is { } value)
                        CheckValue(check, $"{here}.values[{y}][{x}]", value, layer.Unit);
                }
            }
        }

        for (var m = 0; m < map.Marks.Count; m++)
        {
            var mark = map.Marks[m];
            check.That(mark.X >= 0 && mark.X < map.X.Count && mark.Y >= 0 && mark.Y < map.Y.Count, $"{at}.marks[{m}]",
                "lies outside the grid");
        }
    }

    private static void CheckBars(Checker check, string at, BarsRecord bars)
    {
        CheckAxis(check, $"{at}.y", bars.Y);
        for (var s = 0; s < bars.Series.Count; s++)
        {
            var values = bars.Series[s].Values;
            check.Count(values.Count, bars.Categories.Count, $"{at}.series[{s}].values", $"{at}.categories");
            for (var i = 0; i < values.Count; i++)
                CheckValue(check, $"{at}.series[{s}].values[{i}]", values[i], bars.Y.Unit);
        }

        CheckReferences(check, at, bars.References);
    }

    private static void CheckGallery(Checker check, string at, GalleryRecord gallery)
    {
        check.That(gallery.Layers > 0, $"{at}.layers", $"is {gallery.Layers}, but should be positive");
        var settings = gallery.Settings.Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        check.That(settings.Count == gallery.Settings.Count, $"{at}.settings", "has an id twice");
        for (var s = 0; s < gallery.Samples.Count; s++)
        {
            var (sample, here) = (gallery.Samples[s], $"{at}.samples[{s}]");
            for (var f = 0; f < sample.Frames.Count; f++)
                CheckPicture(check, $"{here}.frames[{f}].png", sample.Frames[f].Png);
            for (var a = 0; a < sample.Answers.Count; a++)
            {
                var (answer, field) = (sample.Answers[a], $"{here}.answers[{a}]");
                check.That(settings.Contains(answer.Setting), $"{field}.setting",
                    $"'{answer.Setting}' is not the id of a setting");
                check.Count(answer.VisualTokens.Count, gallery.Layers, $"{field}.visualTokens", $"{at}.layers");
                if (answer.Provenance.Count == 0)
                    continue;
                check.Count(answer.Provenance.Count, sample.Frames.Count, $"{field}.provenance", $"{here}.frames");
                for (var f = 0; f < answer.Provenance.Count; f++)
                    CheckProvenance(check, $"{field}.provenance[{f}]", answer.Provenance[f], gallery.Layers);
            }
        }
    }

    private static void CheckProvenance(Checker check, string at, ProvenanceRecord provenance, int layers)
    {
        check.That(provenance.Rows is > 0 and <= 256 && provenance.Columns is > 0 and <= 256, $"{at}.rows",
            "and columns should lie in 1..256");
        var patches = provenance.Rows * provenance.Columns;
        check.That(provenance.Groups.Count == patches, $"{at}.groups",
            $"has {provenance.Groups.Count} entries, but the grid has {patches}");
        check.That(provenance.LastLayers.Count == patches, $"{at}.lastLayers",
            $"has {provenance.LastLayers.Count} entries, but the grid has {patches}");
        for (var i = 0; i < patches; i++)
        {
            check.That(provenance.Groups[i] >= -1, $"{at}.groups[{i}]", $"is {provenance.Groups[i]}, but should be -1 or more");
            check.That(provenance.LastLayers[i] >= -1 && provenance.LastLayers[i] < layers, $"{at}.lastLayers[{i}]",
                $"is {provenance.LastLayers[i]}, but should lie in -1..{layers - 1}");
            check.That(provenance.Groups[i] >= 0 || provenance.LastLayers[i] == -1, $"{at}.lastLayers[{i}]",
                "should be -1 for a patch that was dropped");
        }
    }

    private static void CheckAxis(Checker check, string at, AxisRecord axis)
    {
        check.Text(axis.Title, $"{at}.title");
        check.That(axis.Unit is not (Unit.Text or Unit.YesNo), $"{at}.unit", "is no unit of an axis");
        check.That(!axis.Logarithmic || !axis.FromZero, $"{at}.fromZero", "cannot be true for a logarithmic axis");
    }

    private static void CheckReferences(Checker check, string at, IReadOnlyList<ReferenceRecord> references)
    {
        for (var r = 0; r < references.Count; r++)
            check.Finite(references[r].Value, $"{at}.references[{r}].value");
    }

    private static void CheckPicture(Checker check, string at, byte[] png)
    {
        // signature, then the IHDR chunk with the size
        check.That(png.Length > 33 && png.AsSpan(0, 8).SequenceEqual(Signature), at, "is not a PNG file");
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(16)),
            BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(20)));
        check.That(width is > 0 and <= LargestPicture && height is > 0 and <= LargestPicture, at,
            $"is {width} x {height} pixels, but should have 1 to {LargestPicture} a side");
    }
}
