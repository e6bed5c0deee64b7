using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Reports.Records;

namespace Aim.Experiments.Exhibits;

/// <summary>
/// What a definition may ask to be shown beside its cells, by name; recordings and the split by difficulty show themselves. All
/// of it follows from the journals.
/// </summary>
internal static class ExhibitBook
{
    private static readonly (string Name, string Needs, Func<Plan, bool> Fits, Func<Shown,
        IEnumerable<ExhibitRecord>> Make)[] _all =
    [
        ("horizon", "cells of method 'none' with schedule {cut: ...}", plan => LayerExhibits.Cuts(plan).Any(),
            s => [LayerExhibits.Horizon(s)]),
        ("schedule-map", "cells of method 'aim' with explicit layers", plan => LayerExhibits.Grid(plan).Count > 1,
            s => [LayerExhibits.ScheduleMap(s)]),
        ("depth", "cells of methods 'aim' and 'random' with the same explicit layers",
            plan => LayerExhibits.Windows(plan).Count > 1,
            LayerExhibits.Depth),
        ("frames", "cells that are asked at several numbers of frames",
            plan => OutcomeExhibits.Swept(plan) is var swept && swept.Any(l => l[0].Cell.IsBaseline)
                && swept.Any(l => !l[0].Cell.IsBaseline),
            OutcomeExhibits.Frames),
        ("style-shift", "cells that are asked in both styles", plan => OutcomeExhibits.Styles(plan).Count > 0,
            s => [OutcomeExhibits.Shift(s)]),
        ("loyalty", "a cell that reduces", plan => plan.Cells.Any(c => !c.Cell.IsBaseline), s => [OutcomeExhibits.Loyal(s)]),
        ("text-dense", "questions of text-dense kinds",
            plan => plan.Data.IsLab && plan.Sets.Any(s => LabSets.KindsOf(s.Name).Any(LabKinds.IsTextDense)),
            OutcomeExhibits.TextDense),
    ];

    /// <summary>The names under <c>show</c>.</summary>
    public static IReadOnlyList<string> Names => [.. _all.Select(e => e.Name)];

    /// <summary>Checks that a plan has what its exhibits are made of.</summary>
    /// <exception cref="DefinitionException">It lacks something.</exception>
    public static void Check(Plan plan, string file)
    {
        foreach (string name in plan.Definition.Show)
            if (_all.First(e => e.Name == name) is { Needs: var needs } exhibit && !exhibit.Fits(plan))
                throw new DefinitionException($"{file}: show: '{name}' needs {needs}; list them, or leave it out");
        if (Scenes(plan) is { } field && !plan.ShowsScenes)
        {
            string lacks = plan.Data.IsLab
                ? $"{plan.Model.Directory} is a {plan.Model.Config.ModelType} model" : "a file has no scenes";
            throw new DefinitionException(
                $"{file}: {field}: tells from the lab's scenes what tokens show, in the grid of a model of LLaVA-OneVision's "
                    + $"form; {lacks}; leave it out");
        }
    }

    // What in a definition looks into the lab's scenes; null: nothing.
    private static string? Scenes(Plan plan)
    {
        if (plan.Definition.Gallery.Count > 0)
            return "gallery";
        var recorded = plan.Cells.Aggregate(Recordings.None, (all, cell) => all | cell.Cell.Record) & ~Recordings.Attention;
        return recorded == Recordings.None ? null : $"record: {recorded.ToString().ToLowerInvariant()}";
    }

    /// <summary>The exhibits of a run, in a fixed order.</summary>
    public static IReadOnlyList<ExhibitRecord> Of(Shown shown) =>
    [
        .. _all.Where(e => shown.Plan.Definition.Show.Contains(e.Name)).SelectMany(e => e.Make(shown)),
        .. LeftOut(shown.Plan),
        .. shown.Plan.Definition.Easy is { } easy ? [OutcomeExhibits.Hard(shown, easy)] : Array.Empty<ExhibitRecord>(),
        .. BudgetExhibit.Of(shown), .. LayerExhibits.Attention(shown), .. TokenExhibits.Merges(shown),
            .. TokenExhibits.Kept(shown),
        .. shown.Plan.Definition.Gallery.Count > 0 ? [GalleryExhibit.Make(shown)] : Array.Empty<ExhibitRecord>(),
    ];

    /// <summary>What the definition asked for and cannot be, and why: nothing is left out in silence.</summary>
    private static IEnumerable<ExhibitRecord> LeftOut(Plan plan)
    {
        if (plan.LeftOut.Count == 0)
            yield break;
        yield return new TableRecord
        {
            Id = "left-out",
            Title = "Left out, and why",
            Lead = "Settings that the definition asks for and that this model or this budget does not allow.",
            From = "the plan",
            RowTitle = "Setting",
            Columns = [new ColumnRecord { Title = "Reason", Unit = Unit.Text }],
            Rows = [.. plan.LeftOut.Select(l => new RowRecord { Name = l.Id, Values = [ValueRecord.Words(l.Reason)] })],
        };
    }
}
