namespace Aim.Cost;

/// <summary>A table of the paper, priced: what a report or a terminal shows.</summary>
/// <param name="Id">As users name it: <c>table1</c>, <c>tableC</c>.</param>
/// <param name="Title">What it is about.</param>
/// <param name="FlopsUnit">The unit of every FLOP figure in it: "TB" (1e12, the paper's name for it) or "GFLOPs" (1e9).</param>
/// <param name="Hardware">What the times are for.</param>
/// <param name="Rows">In the paper's order.</param>
public sealed record CostTable(string Id, string Title, string FlopsUnit, Hardware Hardware, IReadOnlyList<CostRow> Rows);

/// <summary>
/// A row: the printed figures, what the model computes with the script's quirks, and what it costs without them.
/// </summary>
public sealed record CostRow
{
    /// <summary>Model, method and setting.</summary>
    public required string Setting { get; init; }

    /// <summary>FLOPs, in the table's unit.</summary>
    public required CostFigure Flops { get; init; }

    /// <summary>Prefill time in milliseconds; null in Table 7, which has none.</summary>
    public CostFigure? Milliseconds { get; init; }

    /// <summary>The computed figures as one price, memory included. Null where no setting is known.</summary>
    public CostPrice? Computed { get; init; }

    /// <summary>The quirks of the script in the computed figures.</summary>
    public Quirk Quirks { get; init; }

    /// <summary>
    /// What is really processed: the mask one layer later, the counts that merging keeps, the newline token, two FLOPs a
    /// multiply-add, the model's own sizes and slopes. All quirks off but <see cref="Quirks.KeptInHonest"/>. Null where no
    /// setting is known.
    /// </summary>
    public CostPrice? Honest { get; init; }

    /// <summary>
    /// The computed row with attention that streams its scores and writes its output once. Null where no setting is known.
    /// </summary>
    public CostPrice? Streamed { get; init; }

    /// <summary><see cref="Honest"/> with streamed attention.</summary>
    public CostPrice? HonestStreamed { get; init; }

    /// <summary>From the computed cost to the honest one and on: the row's quirks taken off one after the other.</summary>
    public IReadOnlyList<CostStep> Steps { get; init; } = [];

    /// <summary>Tokens per layer behind the computed figures, <c>[layers]</c>.</summary>
    public IReadOnlyList<int>? TokensPerLayer { get; init; }

    /// <summary>What a reader should know besides.</summary>
    public string? Note { get; init; }
}

/// <summary>A cost in its table's unit.</summary>
/// <param name="Flops">FLOPs.</param>
/// <param name="Milliseconds">Roofline prefill time; null in Table 7.</param>
/// <param name="Gigabytes">Memory held, 1e9 bytes, as the script counts it; null in Table 7.</param>
public sealed record CostPrice(double Flops, double? Milliseconds = null, double? Gigabytes = null);

/// <summary>The cost after a quirk was taken off, together with those of the steps before.</summary>
/// <param name="Without">The quirk.</param>
/// <param name="Price">What is left.</param>
public sealed record CostStep(Quirk Without, CostPrice Price);

/// <summary>How many of the printed figures come out.</summary>
/// <param name="Figures">Printed figures that were compared; one that several tables print counts in each.</param>
/// <param name="Exact">Those equal to every digit.</param>
/// <param name="NotReproducible">Those that are not, with table, setting, unit, difference and reason in words.</param>
/// <param name="Different">Those that should be equal and are not, in the same words.</param>
/// <param name="NotCompared">Figures priced otherwise than the paper did.</param>
public sealed record CostTally(
    int Figures, int Exact, IReadOnlyList<string> NotReproducible, IReadOnlyList<string> Different, int NotCompared)
{
    /// <summary>Counts.</summary>
    public static CostTally Of(IEnumerable<CostTable> tables)
    {
        var figures = tables.SelectMany(t => t.Rows.SelectMany(r => Figures(t, r))).ToList();
        int Count(FigureStatus status) => figures.Count(f => f.Figure.Status == status);
        string[] Words(FigureStatus status) => [.. figures.Where(f => f.Figure.Status == status).Select(f => f.Words)];
        return new CostTally(
            figures.Count - Count(FigureStatus.NotCompared),
            Count(FigureStatus.Exact),
            Words(FigureStatus.NotReproducible),
            Words(FigureStatus.Different),
            Count(FigureStatus.NotCompared));

        static IEnumerable<(CostFigure Figure, string Words)> Figures(CostTable table, CostRow row)
        {
            yield return (row.Flops, Spell(table, row, row.Flops, table.FlopsUnit));
            if (row.Milliseconds is { } time)
                yield return (time, Spell(table, row, time, "ms"));
        }
    }

    private static string Spell(CostTable table, CostRow row, CostFigure figure, string unit) =>
        $"{table.Id}, {row.Setting}: {figure.Printed} {unit}{(figure.Rounded is { } r ? $", computed {r}" : "")}"
        + (figure.Reason is { } reason ? $" ({reason})" : "");
}
