using System.Globalization;
using Aim.Experiments.Analysis;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Experiments.Statistics;
using Aim.Reports.Records;

namespace Aim.Experiments.Exhibits;

/// <summary>
/// Which tokens merge and which are kept: redundancy and bias, held against what the lab knows of its pictures.
/// </summary>
internal static class TokenExhibits
{
    /// <summary>The kinds of merges, as readers are told of them.</summary>
    public static IReadOnlyList<(MergeKind Kind, string Name)> Kinds { get; } =
    [
        (MergeKind.Background, "background with background"), (MergeKind.SameObject, "two parts of one object"),
        (MergeKind.ObjectAndBackground, "object with background"), (MergeKind.AcrossObjects, "two different objects"),
    ];

    /// <summary>What merges with what, step by step, and what chance would give.</summary>
    public static IEnumerable<ExhibitRecord> Merges(Shown shown)
    {
        foreach (var cell in shown.Plan.Cells.Where(c => c.Cell.Record.HasFlag(Recordings.Merges)))
        {
            MergesRecording[] all = [.. shown.Recordings(cell, Recordings.Merges).Select(r => r.Merges!)];
            int steps = all[0].Observed.Count;
            var categories = new List<string>();
            var shares = Kinds.Select(_ => new List<ValueRecord>()).ToList();
            for (int step = 0; step < steps; step++)
            {
                long merges = all.Sum(r => r.Observed[step].Sum(v => (long)v));
                double chance = all.Sum(r => r.Expected[step].Sum());
                categories.Add(string.Create(CultureInfo.InvariantCulture, $"step {step + 1}"));
                categories.Add(string.Create(CultureInfo.InvariantCulture, $"step {step + 1}, by chance"));
                for (int k = 0; k < Kinds.Count; k++)
                {
                    int kind = (int)Kinds[k].Kind;
                    shares[k].Add(ShareOf(all, r => r.Observed[step][kind], r => r.Observed[step].Sum(v => (double)v), merges));
                    shares[k].Add(ShareOf(all, r => r.Expected[step][kind], r => r.Expected[step].Sum(), merges));
                }
            }
            yield return new BarsRecord
            {
                Id = $"merges{Suffix(shown, cell)}",
                Title = $"What merges with what: {cell.Id}",
                Lead = "Every merge joins two tokens of a frame; the lab knows what each of them shows (a token belongs to the "
                    + "thing that covers at least half of it). Merging is harmless where it joins background with background or "
                    + "two parts of one object. By chance: the same sources, each with a destination drawn evenly from its "
                    + "frame.",
                From = shown.From([cell]),
                Exploratory = true,
                Note = "Intervals are over samples, which weigh by their merges.",
                CategoryTitle = "Merging step",
                Categories = categories,
                Y = new AxisRecord { Title = "Share of merges", Unit = Unit.Percent, FromZero = true },
                Series = [.. Kinds.Select((k, i) => new BarSeriesRecord(k.Name, shares[i]))],
                Stacked = true,
            };
        }
    }

    /// <summary>Where kept tokens lie, at the first and at the last layer that prunes and still keeps some.</summary>
    public static IEnumerable<ExhibitRecord> Kept(Shown shown)
    {
        PlannedCell[] cells = [.. shown.Plan.Cells.Where(c => c.Cell.Record.HasFlag(Recordings.Kept))];
        var rows = new List<RowRecord>();
        foreach (var cell in cells)
        {
            KeptRecording[] all = [.. shown.Recordings(cell, Recordings.Kept).Select(r => r.Kept!)];
            int[] layers = [.. all.SelectMany(k => k.Layers).Distinct().Order()];
            if (layers.Length == 0)
                continue;
            yield return Places(shown, cell, all, layers);
            rows.AddRange(layers.Select(layer => Row(cell, all, layer)));
        }
        if (rows.Count > 0)
            yield return new TableRecord
            {
                Id = "kept-bias",
                Title = "Is pruning blind to place? How uneven kept tokens lie",
                Lead = "Unevenness is the share of kept tokens that would have to move to make the histogram even: 0 is even. "
                    + "It is shown over the places of the grid and over the frames, beside the share of kept tokens that lies "
                    + "on an object, and the same share before pruning. A method that looks keeps objects; one that is biased "
                    + "keeps places.",
                From = shown.From(cells),
                Exploratory = true,
                RowTitle = "Cell, after layer",
                Columns =
                [
                    new ColumnRecord { Title = "Kept", Unit = Unit.Number, Detail = "tokens, mean", Decimals = 1 },
                    new ColumnRecord { Title = "Uneven over places", Unit = Unit.Percent, Detail = "histogram of all samples" },
                    new ColumnRecord { Title = "Uneven over frames", Unit = Unit.Percent, Detail = "histogram of all samples" },
                    new ColumnRecord { Title = "On objects", Unit = Unit.Percent, Detail = "95% interval over samples" },
                    new ColumnRecord { Title = "Before pruning", Unit = Unit.Percent, Detail = "on objects" },
                ],
                Rows = rows,
            };
    }

    private static HeatMapRecord Places(Shown shown, PlannedCell cell, KeptRecording[] all, int[] layers)
    {
        int places = all.SelectMany(k => k.Places).First().Count, side = (int)Math.Round(Math.Sqrt(places));
        string[] names = [.. Enumerable.Range(1, side).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        return new HeatMapRecord
        {
            Id = $"kept-places{Suffix(shown, cell)}",
            Title = $"Where kept tokens lie in the frame: {cell.Id}",
            Lead = "The share of kept tokens at every place of the grid, over all frames and samples, relative to an even "
                + "spread: 1 is even.",
            From = shown.From([cell]),
            Exploratory = true,
            XTitle = "Column",
            YTitle = "Row",
            X = names,
            Y = names,
            Layers =
            [
                .. layers.Select(layer =>
                {
                    double[] histogram = Sum(all, layer, k => k.Places);
                    double even = histogram.Sum() / places;
                    return new HeatLayerRecord
                    {
                        Title = $"After layer {layer}",
                        Unit = Unit.Ratio,
                        Values = [.. Enumerable.Range(0, side).Select(y => (IReadOnlyList<ValueRecord?>)
                            [.. Enumerable.Range(0,
                                side).Select(x => ValueRecord.Of(histogram[y * side + x] / even, n: all.Length))])],
                    };
                }),
            ],
        };
    }

    private static RowRecord Row(PlannedCell cell, KeptRecording[] all, int layer)
    {
        double[] places = Sum(all, layer, k => k.Places), frames = Sum(all, layer, k => k.Frames);
        KeptRecording[] own = [.. all.Where(k => k.Layers.Contains(layer))];
        var on = MeanOf.Values([.. own.Select(k => k.OnThings[IndexOf(k, layer)])]);
        var before = MeanOf.Values([.. own.Select(k => k.Things)]);
        return new RowRecord
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"{cell.Id}, after layer {layer}"),
            Group = cell.Id,
            Exploratory = true,
            Values =
            [
                ValueRecord.Of(places.Sum() / own.Length, n: own.Length),
                    ValueRecord.Of(KeptPositions.Unevenness(places), n: own.Length),
                ValueRecord.Of(KeptPositions.Unevenness(frames), n: own.Length),
                ValueRecord.Of(on.Mean, Shown.Interval(on.Interval), on.Samples),
                    ValueRecord.Of(before.Mean, Shown.Interval(before.Interval), before.Samples),
            ],
        };
    }

    private static double[] Sum(KeptRecording[] all, int layer, Func<KeptRecording, IReadOnlyList<IReadOnlyList<double>>> of)
    {
        double[]? sum = null;
        foreach (var kept in all)
            if (IndexOf(kept, layer) is >= 0 and var at)
                sum = sum is null ? [.. of(kept)[at]] : [.. sum.Zip(of(kept)[at], (a, b) => a + b)];
        return sum!;
    }

    private static int IndexOf(KeptRecording kept, int layer) => kept.Layers.ToList().IndexOf(layer);

    // A ratio of sums over samples; its interval is that of the ratio estimator: residuals against the ratio, by the mean
    // denominator.
    private static ValueRecord ShareOf(MergesRecording[] all, Func<MergesRecording, double> part, Func<MergesRecording,
        double> whole, long merges)
    {
        double total = all.Sum(whole);
        if (total == 0)
            return ValueRecord.Missing;
        double ratio = all.Sum(part) / total, mean = total / all.Length;
        var residual = MeanOf.Values([.. all.Select(r => ratio + (part(r) - ratio * whole(r)) / mean)]);
        return ValueRecord.Of(ratio,
            new IntervalRecord(Math.Min(residual.Interval.Low, ratio), Math.Max(residual.Interval.High, ratio)), all.Length,
            string.Create(CultureInfo.InvariantCulture, $"of {merges} merges"));
    }

    // The first such cell has the plain id, so that claims can point to it.
    private static string Suffix(Shown shown, PlannedCell cell)
    {
        var kind = cell.Cell.Record;
        int index = shown.Plan.Cells.Where(c =>
            (c.Cell.Record & kind & (Recordings.Kept | Recordings.Merges)) != 0).ToList().IndexOf(cell);
        return index <= 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{index + 1}");
    }
}
