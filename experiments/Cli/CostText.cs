using System.Globalization;
using Aim.Cost;

namespace Aim.Experiments.Cli;

/// <summary>The cost tables as text of at most 120 columns.</summary>
internal sealed class CostText(TextWriter output, bool steps)
{
    private const int Width = 118;

    // one more than the longest setting
    private const int Setting = 34;

    public void Write(IReadOnlyList<CostTable> tables, TablePricing pricing)
    {
        foreach (var table in tables)
        {
            bool overhead = table.Rows.All(r => r.Milliseconds is null);
            output.WriteLine(overhead
                ? $"{table.Title}: merging and ranking beside the language model"
                : $"{table.Title}: prefill of the language model on {table.Hardware.Name}");
            var shared = Shared(table);
            if (shared != Quirk.None)
                output.WriteLine($"quirks of every priced row: {string.Join(", ", Quirks.Names(shared))}");
            if (overhead)
                Overhead(table, shared);
            else
                Costs(table, shared);
            output.WriteLine();
        }
        Legend(tables, pricing);
        Close(tables);
    }

    private void Costs(CostTable table, Quirk shared)
    {
        output.WriteLine(
            $"{"",-Setting}{Center("FLOPs, TB (1e12)", 24)}{Center("prefill, ms", 27)}{Center("honest", 20)}{"streamed",11}");
        output.WriteLine(
            $"{"",-Setting}{"paper",7}{"computed",10}{"diff",7}{"paper",9}{"computed",11}{"diff",7}{"TB",10}{"ms",10}{"ms",11}");
        foreach (var row in table.Rows)
        {
            var (flops, time) = (row.Flops, row.Milliseconds!);
            output.WriteLine(
                $"{row.Setting,-Setting}{flops.Printed,7}{Number(flops.Computed),10}{Difference(flops),7}"
                + $"{time.Printed,9}{Number(time.Computed),11}{Difference(time),7}"
                + $"{Number(row.Honest?.Flops),10}{Number(row.Honest?.Milliseconds),10}{Number(row.Streamed?.Milliseconds),11}");
            Details(row, shared, "TB");
        }
    }

    private void Overhead(CostTable table, Quirk shared)
    {
        output.WriteLine($"{"",-Setting}{Center("FLOPs, G (1e9)", 46)}");
        output.WriteLine($"{"",-Setting}{"paper",9}{"computed",14}{"diff",9}{"honest",14}");
        foreach (var row in table.Rows)
        {
            output.WriteLine(
                $"{row.Setting,-Setting}{row.Flops.Printed,9}{Number(row.Flops.Computed, 5),14}{Difference(row.Flops),9}"
                + $"{Number(row.Honest?.Flops, 5),14}");
            Details(row, shared, "GFLOPs");
        }
    }

    private void Details(CostRow row, Quirk shared, string unit)
    {
        if ((row.Quirks & ~shared) is not Quirk.None and var own)
            Line($"quirks: {string.Join(", ", Quirks.Names(own))}");
        string?[] reasons = [row.Flops.Reason, row.Milliseconds?.Reason];
        if (reasons[0] is { } both && both == reasons[1])
            Line($"not reproducible: {both}");
        else if (reasons[0] is { } flops)
            Line($"not reproducible, {unit}: {flops}");
        else if (reasons[1] is { } time)
            Line($"not reproducible, ms: {time}");
        if (row.Flops.Status == FigureStatus.Different || row.Milliseconds?.Status == FigureStatus.Different)
            Line("DIFFERENT from what the paper prints, though it should be exact");
        if (row.Note is { } note)
            Line(note);
        if (!steps)
            return;
        foreach (var step in row.Steps)
        {
            string name = Quirks.Names(step.Without).Single();
            Line($"without {name,-24}{Number(step.Price.Flops),10} {unit}{Number(step.Price.Milliseconds),12} ms");
        }
    }

    private void Legend(IReadOnlyList<CostTable> tables, TablePricing pricing)
    {
        var used = tables.SelectMany(t => t.Rows).Aggregate(Quirk.None, (all, r) => all | r.Quirks);
        output.WriteLine("diff      computed less paper, at the printed digits");
        string kept = string.Join(", ", Quirks.Names(Quirks.KeptInHonest));
        output.WriteLine($"honest    without the quirks, but for {kept}: the tokens that are really processed");
        output.WriteLine("streamed  the computed row if attention streamed its scores (FlashAttention writing its output once)");
        output.WriteLine("quirks of the paper's script (leave one out with --without QUIRK; all one by one: --steps):");
        foreach (var (_, name, about) in Quirks.All.Where(q => used.HasFlag(q.Quirk)))
            output.WriteLine($"  {name,-22} {about}");
        output.WriteLine(HardwareLine(pricing));
        output.WriteLine();
    }

    private void Close(IReadOnlyList<CostTable> tables)
    {
        var tally = CostTally.Of(tables);
        List("not reproducible:", tally.NotReproducible);
        List("DIFFERENT, though it should be exact:", tally.Different);
        output.WriteLine(
            $"{tally.Exact} of {tally.Figures} printed figures exact, {tally.NotReproducible.Count} not reproducible"
            + (tally.NotReproducible.Count > 0 ? " (listed)" : "")
            + (tally.Different.Count > 0 ? $", {tally.Different.Count} DIFFERENT" : "")
            + (tally.NotCompared > 0 ? $", {tally.NotCompared} not compared (priced otherwise than the paper)" : ""));
    }

    private void List(string title, IReadOnlyList<string> figures)
    {
        if (figures.Count == 0)
            return;
        output.WriteLine(title);
        foreach (string figure in figures)
            Line(figure);
    }

    /// <summary>Peak, bandwidth and bytes that times were computed with.</summary>
    internal static string HardwareLine(TablePricing pricing)
    {
        var hardware = pricing.Hardware;
        string peak = hardware.PeakFlops >= 1e12
            ? string.Create(CultureInfo.InvariantCulture, $"{hardware.PeakFlops / 1e12:0.#} TFLOP/s")
            : string.Create(CultureInfo.InvariantCulture, $"{hardware.PeakFlops / 1e9:0.#} GFLOP/s");
        string bandwidth = string.Create(CultureInfo.InvariantCulture, $"{hardware.BytesPerSecond / 1e9:0.#} GB/s");
        return $"{hardware.Name}: {peak}, {bandwidth}{(hardware.IsChecked ? "" : " (data sheet, unchecked)")}; "
            + $"{pricing.WeightBytes} bytes a weight, {pricing.ActivationBytes} an activation";
    }

    internal static string Number(double? value, int decimals = 4) =>
        value is { } number ? number.ToString($"F{decimals}", CultureInfo.InvariantCulture) : "-";

    private static string Difference(CostFigure figure) => figure.Difference switch
    {
        null => "-",
        > 0 and var d => "+" + d.ToString(CultureInfo.InvariantCulture),
        { } d => d.ToString(CultureInfo.InvariantCulture),
    };

    private static Quirk Shared(CostTable table) => table.Rows.Where(r => r.Flops.Computed is not null)
        .Aggregate((Quirk)~0, (all, r) => all & r.Quirks);

    private static string Center(string text, int width) =>
        text.PadLeft(text.Length + (width - text.Length + 1) / 2).PadRight(width);

    // Indented; what is longer than a line goes on below.
    private void Line(string text)
    {
        string indent = "    ";
        while (indent.Length + text.Length > Width && text.LastIndexOf(' ', Width - indent.Length) is > 0 and var at)
        {
            output.WriteLine(indent + text[..at]);
            (text, indent) = (text[(at + 1)..], "      ");
        }
        output.WriteLine(indent + text);
    }
}
