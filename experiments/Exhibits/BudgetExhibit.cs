using Aim.Experiments.Planning;
using Aim.Reduction;
using Aim.Reports.Records;

namespace Aim.Experiments.Exhibits;

/// <summary>
/// Budgets: what was asked, what was spent, and how that does beside the best setting that is one for all samples.
/// </summary>
internal static class BudgetExhibit
{
    /// <summary>A table where the plan has cells with budgets.</summary>
    public static IEnumerable<ExhibitRecord> Of(Shown shown)
    {
        var cells = shown.Plan.Cells.Where(c => c.Controller is not null).ToList();
        if (cells.Count == 0)
            yield break;
        yield return new TableRecord
        {
            Id = "budgets",
            Title = "Budgets asked and spent",
            Lead = "For each sample the controller takes, by its token counts alone, the setting of best validation accuracy "
                + "that the budget "
                + "allows. Beside it two settings that are one for all samples: the best that keeps every one of them within "
                + "the budget, and the "
                + "best that costs no more on average than what the controller spent.",
            From = shown.From(cells),
            Note = "FLOPs are executed ones, a share of the unreduced model's on the same prompt. Latency and memory are the "
                + "cost model's.",
            RowTitle = "Budget",
            Columns =
            [
                new() { Title = "Asked", Unit = Unit.Text }, new() { Title = "Spent, mean", Unit = Unit.Text },
                new() { Title = "Spent, most", Unit = Unit.Text }, new() { Title = "Settings chosen", Unit = Unit.Text },
                new() { Title = "Accuracy", Unit = Unit.Percent },
                new() { Title = "Best fixed within the budget", Unit = Unit.Percent },
                new() { Title = "Against that", Unit = Unit.Points, Detail = "95% interval" },
                new() { Title = "Best fixed of the same mean cost", Unit = Unit.Percent },
                new() { Title = "Against this", Unit = Unit.Points, Detail = "95% interval" },
            ],
            Rows = [.. cells.Select(cell => Row(shown, cell))],
        };
    }

    private static RowRecord Row(Shown shown, PlannedCell cell)
    {
        var spent = cell.Controller!.Spending(cell.Prompts);
        PlannedCell[] beside = [.. Plan.FixedBeside(cell).Select(best =>
            shown.Plan.Cells.First(c => c.Set == cell.Set && c.Cell.Id == best.Id))];
        int[] samples = shown.Samples(cell);
        ValueRecord Fixed(PlannedCell at, BudgetChoice choice) => shown.Accuracy(at, samples) with
        {
            Detail = $"{choice.Point} at {spent.Asked.Describe(choice.Cost)}",
        };
        ValueRecord Words(double cost) => ValueRecord.Words(spent.Asked.Describe(cost), cost);
        return new RowRecord
        {
            Name = cell.Id,
            Values =
            [
                ValueRecord.Words(cell.Cell.Budget!.Amount, spent.Asked.Limit), Words(spent.Mean), Words(spent.Most),
                ValueRecord.Words(string.Join(", ", spent.Chosen.Select(c => $"{c.Point}: {c.Samples}"))),
                shown.Accuracy(cell, samples), Fixed(beside[0], spent.Fixed), Shown.Points(shown.Compare(cell, beside[0])),
                Fixed(beside[1], spent.AtMean), Shown.Points(shown.Compare(cell, beside[1])),
            ],
        };
    }
}
