using System.Text.Encodings.Web;
using System.Text.Json;
using Aim.Cost;

namespace Aim.Experiments.Cli;

/// <summary>The cost tables, and a model's costs, as JSON; units are in the names or beside the figures.</summary>
internal static class CostJson
{
    // The relaxed encoder leaves ' and + as they are: this is read by people and jq, not put into a page.
    private static readonly JsonSerializerOptions _options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Tables(IReadOnlyList<CostTable> tables, TablePricing pricing)
    {
        var tally = CostTally.Of(tables);
        return JsonSerializer.Serialize(
            new
            {
                Hardware = Machine(pricing),
                Without = Quirks.Names(pricing.Without),
                Quirks = Quirks.All.Select(q => new { q.Name, q.About }),
                Tables = tables.Select(t => new { t.Id, t.Title, t.FlopsUnit, TimeUnit = "ms", Rows = t.Rows.Select(Row) }),
                Summary = tally,
            },
            _options);
    }

    public static string Serialize(object value) => JsonSerializer.Serialize(value, _options);

    public static object Machine(TablePricing pricing) => new
    {
        pricing.Hardware.Name,
        FlopsPerSecond = pricing.Hardware.PeakFlops,
        pricing.Hardware.BytesPerSecond,
        Checked = pricing.Hardware.IsChecked,
        pricing.WeightBytes,
        pricing.ActivationBytes,
    };

    private static object Row(CostRow row) => new
    {
        row.Setting,
        Quirks = Quirks.Names(row.Quirks),
        Flops = Figure(row.Flops),
        Milliseconds = row.Milliseconds is { } time ? Figure(time) : null,
        Gigabytes = row.Computed?.Gigabytes,
        row.Honest,
        row.Streamed,
        row.HonestStreamed,
        Steps = row.Steps.Select(s => new { Without = Quirks.Names(s.Without).Single(), s.Price.Flops, s.Price.Milliseconds }),
        row.TokensPerLayer,
        row.Note,
    };

    private static object Figure(CostFigure figure) => new
    {
        figure.Printed,
        figure.Computed,
        figure.Difference,
        Status = Spell(figure.Status),
        figure.Reason,
    };

    private static string Spell(FigureStatus status) => status switch
    {
        FigureStatus.Exact => "exact",
        FigureStatus.NotReproducible => "not-reproducible",
        FigureStatus.Different => "different",
        _ => "not-compared",
    };
}
