using System.Globalization;
using Aim.Cost;
using Aim.Reports.Records;

namespace Aim.Experiments.Exhibits;

/// <summary>The paper's tables of costs, computed anew: they need no run, and stand before the runs in the report.</summary>
internal static class CostExhibits
{
    /// <summary>One table for each of the paper's.</summary>
    public static IReadOnlyList<ExhibitRecord> All() => [.. CostTables.All().Select(Of)];

    /// <summary>The claim that the printed costs follow from the paper's own model of cost.</summary>
    public static ClaimRecord Claim()
    {
        var tally = CostTally.Of(CostTables.All());
        double share = (double)tally.Exact / tally.Figures;
        string left = tally.NotReproducible.Count == 0 ? "" : $" Not reproducible: {string.Join("; ", tally.NotReproducible)}.";
        return new ClaimRecord
        {
            Id = "printed-costs",
            Claim = "The FLOPs and prefill times that the paper prints are those of its cost model.",
            Source = "Tables 1 to 5, 7, 8, C, D and E",
            Measure = new MeasureRecord
            {
                What = "printed figures that come out to every digit",
                Unit = Unit.Percent,
                Value = ValueRecord.Of(share, n: tally.Figures),
                From = "lib/Cost",
            },
            Verdict = tally.Different.Count > 0 ? ClaimVerdict.NotHere : tally.NotReproducible.Count > 0 ? ClaimVerdict.InPart
                : ClaimVerdict.Holds,
            Reason = string.Create(CultureInfo.InvariantCulture,
                $"{tally.Exact} of {tally.Figures} printed figures come out to every digit, with the script's quirks "
                    + $"named.{left}{(tally.Different.Count == 0 ? "" : $" Different: {string.Join("; ", tally.Different)}.")}"),
            Rule = "Holds if every printed figure comes out to every digit; in part if those that do not have a known reason.",
            Exhibit = "cost-table1",
        };
    }

    private static TableRecord Of(CostTable table)
    {
        var unit = table.FlopsUnit == "TB" ? Unit.Teraflop : Unit.Gigaflop;
        ValueRecord Price(double? value) => value is { } v ? ValueRecord.Of(v) : ValueRecord.Missing;
        bool timed = table.Rows.Any(r => r.Milliseconds is not null);
        ColumnRecord[] columns =
        [
            new ColumnRecord { Title = "Paper", Unit = Unit.Text, Detail = $"FLOPs, {table.FlopsUnit}" },
            new ColumnRecord { Title = "Computed", Unit = unit, Detail = "with the script's quirks" },
            new ColumnRecord { Title = "Honest", Unit = unit, Detail = "what is processed" },
            .. timed
                ? new[]
                {
                    new ColumnRecord { Title = "Paper", Unit = Unit.Text, Detail = "prefill, ms" },
                    new ColumnRecord { Title = "Computed", Unit = Unit.Milliseconds },
                    new ColumnRecord { Title = "Honest", Unit = Unit.Milliseconds },
                    new ColumnRecord { Title = "Streamed", Unit = Unit.Milliseconds, Detail = "honest, scores not stored" },
                }
                : [],
            new ColumnRecord { Title = "Exact", Unit = Unit.YesNo, Detail = "to every printed digit" },
        ];
        return new TableRecord
        {
            Id = $"cost-{table.Id.ToLowerInvariant()}",
            Title = $"Cost: {table.Title}",
            Lead = $"FLOPs and roofline prefill time of the language model on {table.Hardware.Name}: as the paper prints them, "
                + $"as its script computes them, and without the script's quirks.",
            From = "lib/Cost; no run",
            RowTitle = "Setting",
            Columns = columns,
            Rows =
            [
                .. table.Rows.Select(row => new RowRecord
                {
                    Name = row.Setting,
                    Detail = row.Note,
                    Values =
                    [
                        ValueRecord.Words(row.Flops.Printed), Price(row.Computed?.Flops), Price(row.Honest?.Flops),
                        .. timed
                            ? new[]
                            {
                                row.Milliseconds is { } time ? ValueRecord.Words(time.Printed) : ValueRecord.Missing,
                                Price(row.Computed?.Milliseconds), Price(row.Honest?.Milliseconds),
                                    Price(row.HonestStreamed?.Milliseconds),
                            }
                            : [],
                        Exact(row),
                    ],
                }),
            ],
        };
    }

    private static ValueRecord Exact(CostRow row)
    {
        bool exact = row.Flops.Status == FigureStatus.Exact && row.Milliseconds is null or { Status: FigureStatus.Exact };
        return ValueRecord.Of(exact ? 1 : 0, detail: row.Flops.Reason ?? row.Milliseconds?.Reason);
    }
}
