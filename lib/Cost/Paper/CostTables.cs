namespace Aim.Cost;

/// <summary>
/// Every table of costs in the paper as typed rows: printed, computed, honest, with streamed attention, exact or not and why.
/// Made for reports: nothing here prints.
/// </summary>
public static class CostTables
{
    private static readonly (string Id, string Title, Func<IReadOnlyList<PaperRow>> Rows)[] _tables =
    [
        ("table1", "Table 1, general video benchmarks", PaperTables.Table1),
        ("table2", "Table 2, long video", PaperTables.Table2),
        ("table3", "Table 3, image benchmarks", PaperTables.Table3),
        ("table4", "Table 4, merging only", PaperTables.Table4),
        ("table5", "Table 5, pruning schedules at 25 % merging", PaperTables.Table5),
        (OverheadTable.Id, OverheadTable.Title, () => []),
        ("table8", "Table 8, merging and pruning", PaperTables.Table8),
        ("tableC", "Table C, base models", PaperTables.TableC),
        ("tableD", "Table D, FlashAttention and pruning", PaperTables.TableD),
        ("tableE", "Table E, at the cost of PruMerge", PaperTables.TableE),
    ];

    /// <summary>The names of the tables, in the paper's order.</summary>
    public static IReadOnlyList<string> Ids { get; } = [.. _tables.Select(t => t.Id)];

    /// <summary>All tables.</summary>
    /// <param name="pricing">With what; by default as the paper did. Figures priced otherwise are not compared.</param>
    public static IReadOnlyList<CostTable> All(TablePricing? pricing = null) => [.. Ids.Select(id => Get(id, pricing))];

    /// <summary>One table.</summary>
    /// <param name="id">One of <see cref="Ids"/>, upper and lower case alike.</param>
    /// <param name="pricing">With what; by default as the paper did. Figures priced otherwise are not compared.</param>
    /// <exception cref="ArgumentException">There is no such table; the message lists them.</exception>
    public static CostTable Get(string id, TablePricing? pricing = null)
    {
        pricing ??= new TablePricing();
        var table = _tables.FirstOrDefault(t => string.Equals(t.Id, id, StringComparison.OrdinalIgnoreCase));
        if (table.Id is null)
            throw new ArgumentException($"table '{id}': unknown; known: {string.Join(", ", Ids)}");
        return table.Id == OverheadTable.Id
            ? OverheadTable.Build(pricing)
            : new CostTable(table.Id, table.Title, "TB", pricing.Hardware, [.. table.Rows().Select(r => Row(r, pricing))]);
    }

    private static CostRow Row(PaperRow row, TablePricing pricing)
    {
        var quirks = row.Quirks & ~pricing.Without;
        // Without a setting nothing was priced otherwise: the figure stays one that cannot be reproduced.
        var asPrinted = row.Tokens is null || quirks == row.Quirks;
        var computed = row.Cost(quirks, pricing);
        var honest = quirks & Quirks.KeptInHonest;
        return new CostRow
        {
            Setting = row.Setting,
            Flops = CostFigure.Of(
                row.Teraflops, computed?.Teraflops, row.FlopsReason, quirks.HasFlag(Quirk.RoundedTwice), asPrinted),
            Milliseconds = CostFigure.Of(
                row.Milliseconds,
                computed?.Milliseconds,
                row.TimeReason,
                compared: asPrinted && (computed is null || pricing.TimesAsPrinted)),
            Computed = Price(computed),
            Quirks = quirks,
            Honest = Price(row.Cost(honest, pricing)),
            Streamed = Price(row.Cost(quirks & ~Quirk.FlashWritesScores, pricing, streamed: true)),
            HonestStreamed = Price(row.Cost(honest, pricing, streamed: true)),
            Steps = [.. Steps(row, quirks, pricing)],
            TokensPerLayer = row.Tokens?.Invoke(quirks),
            Note = row.Note,
        };
    }

    private static IEnumerable<CostStep> Steps(PaperRow row, Quirk quirks, TablePricing pricing)
    {
        if (row.Tokens is null)
            yield break;
        foreach (var (quirk, _, _) in Quirks.All)
        {
            if (!quirks.HasFlag(quirk) || quirk == Quirk.RoundedTwice)
                continue;
            quirks &= ~quirk;
            yield return new CostStep(quirk, Price(row.Cost(quirks, pricing))!);
        }
    }

    private static CostPrice? Price(PrefillCost? cost) =>
        cost is null ? null : new CostPrice(cost.Teraflops, cost.Milliseconds, cost.MemoryBytes / 1e9);
}
