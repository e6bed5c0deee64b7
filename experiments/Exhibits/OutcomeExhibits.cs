using Aim.Datasets;
using Aim.Experiments.Analysis;
using Aim.Experiments.Planning;
using Aim.Experiments.Statistics;
using Aim.Reports.Records;

namespace Aim.Experiments.Exhibits;

/// <summary>What answers say beyond their accuracy: by frames, by drawing style, by difficulty, by loyalty, by kind.</summary>
internal static class OutcomeExhibits
{
    /// <summary>Accuracy and cost by the number of frames, and each pair of equal cost.</summary>
    public static IEnumerable<ExhibitRecord> Frames(Shown shown)
    {
        var lines = Swept(shown.Plan);
        LineRecord Line(IReadOnlyList<PlannedCell> cells, Func<PlannedCell, PointRecord> of) =>
            new() { Name = cells[0].Cell.Id, Points = [.. cells.Select(of)] };
        yield return new LinesRecord
        {
            Id = "frames",
            Title = "More frames for the same cost",
            Lead = "Accuracy and executed FLOPs of the language model's prefill by the number of sampled frames; the questions "
                + "and clips are the same at every number.",
            From = shown.From(lines.SelectMany(l => l)),
            X = new AxisRecord { Title = "Frames", Unit = Unit.Count, Logarithmic = true },
            Panels =
            [
                new PanelRecord
                {
                    Y = new AxisRecord { Title = "Accuracy", Unit = Unit.Percent },
                    Lines = [.. lines.Select(cells =>
                        Line(cells, c => LayerExhibits.Point(c.Geometry.Frames, shown.Accuracy(c, shown.Samples(c)))))],
                },
                new PanelRecord
                {
                    Y = new AxisRecord { Title = "FLOPs a prefill", Unit = Unit.Flop, Logarithmic = true },
                    Lines = [.. lines.Select(cells => Line(cells, c =>
                        new PointRecord { X = c.Geometry.Frames, Y = shown.Flops(c), N = c.Cell.Samples }))],
                },
            ],
        };
        // Every reduced cell against the dearest unreduced one that costs no less.
        var bases = lines.SelectMany(l => l).Where(c => c.Cell.IsBaseline).OrderBy(shown.Flops).ToList();
        var pairs = lines.SelectMany(l => l).Where(c => !c.Cell.IsBaseline)
            .Select(cell => (Cell: cell, Base: bases.FirstOrDefault(b => shown.Flops(b) >= shown.Flops(cell))
                ?? bases[^1])).ToList();
        double[] corrected = Holm.Adjust([.. pairs.Select(x => shown.Compare(x.Cell, x.Base)?.McNemarP ?? 1)]);
        yield return new TableRecord
        {
            Id = "frames-table",
            Title = "Each reduced setting against the unreduced model at the next higher cost",
            Lead = "The unreduced model sees fewer frames of the same clips; differences are paired on the same questions.",
            From = shown.From(pairs.Select(x => x.Cell)),
            RowTitle = "Setting",
            Columns =
            [
                new ColumnRecord { Title = "Against", Unit = Unit.Text },
                new ColumnRecord { Title = "FLOPs", Unit = Unit.Percent, Detail = "of the other's" },
                new ColumnRecord { Title = "Accuracy", Unit = Unit.Percent },
                new ColumnRecord { Title = "Difference", Unit = Unit.Points, Detail = "95% interval" },
                new ColumnRecord { Title = "p", Unit = Unit.P, Detail = $"exact McNemar, Holm-corrected over {pairs.Count}" },
            ],
            Rows =
            [
                .. pairs.Select((x, i) => Row(
                    x.Cell, ValueRecord.Words(x.Base.Id), ValueRecord.Of(shown.Flops(x.Cell) / shown.Flops(x.Base)),
                    shown.Accuracy(x.Cell, shown.Samples(x.Cell)), Shown.Points(shown.Compare(x.Cell, x.Base)),
                    ValueRecord.Of(corrected[i]))),
            ],
        };
    }

    /// <summary>Cells that differ in the number of frames alone, of those with more than one.</summary>
    public static IReadOnlyList<IReadOnlyList<PlannedCell>> Swept(Plan plan) =>
    [
        .. plan.Cells.Where(c => !c.Set.Name.IsPicture).GroupBy(c => (c.Cell.Id, c.Set.Name.Style, c.Set.Name.Kinds))
            .Where(g => g.Count() > 1).Select(g => g.OrderBy(c => c.Geometry.Frames).ToList()),
    ];

    /// <summary>The same questions in drawings trained on and in others.</summary>
    public static ExhibitRecord Shift(Shown shown)
    {
        var pairs = Styles(shown.Plan);
        return new TableRecord
        {
            Id = "style-shift",
            Title = "The same scenes in drawings never seen",
            Lead = "Every scene exists in the drawing style trained on and in another. What a method loses against the "
                + "unreduced model is shown within each style: a method that leans on what training showed loses more on the "
                + "other.",
            From = shown.From(pairs.SelectMany(x => new[] { x.Seen, x.Other })),
            Exploratory = true,
            RowTitle = "Setting",
            Columns =
            [
                new ColumnRecord { Title = "Trained style", Unit = Unit.Percent },
                new ColumnRecord { Title = "Other style", Unit = Unit.Percent },
                new ColumnRecord { Title = "Loss, trained style", Unit = Unit.Points, Detail = "against unreduced" },
                new ColumnRecord { Title = "Loss, other style", Unit = Unit.Points, Detail = "against unreduced" },
            ],
            Rows =
            [
                .. pairs.Select(x => new RowRecord
                {
                    Name = x.Seen.Cell.Id,
                    Exploratory = true,
                    Values =
                    [
                        shown.Accuracy(x.Seen, shown.Samples(x.Seen)), shown.Accuracy(x.Other, shown.Samples(x.Other)),
                        Loss(shown, x.Seen), Loss(shown, x.Other),
                    ],
                }),
            ],
        };
    }

    /// <summary>Cells that differ in the drawing style alone.</summary>
    public static IReadOnlyList<(PlannedCell Seen, PlannedCell Other)> Styles(Plan plan) =>
    [
        .. from seen in plan.Cells
           where seen.Set.Name.Style == TestSetName.Noto
           from other in plan.Cells
           where other.Cell.Id == seen.Cell.Id && other.Set.Name == seen.Set.Name with { Style = TestSetName.Twemoji }
           select (seen, other),
    ];

    /// <summary>Accuracy on samples that a cheap method answers, and on those that it does not.</summary>
    public static ExhibitRecord Hard(Shown shown, string easy)
    {
        var cheap = shown.Plan.Cells.First(c => c.Cell.Id == easy && c.Set == shown.Plan.Sets[0]);
        var baseline = shown.Plan.BaselineOf(cheap);
        var (easySet, hardSet) = HardSubset.Split(shown.Right(baseline), shown.Right(cheap));
        var counted = shown.Samples(cheap).ToHashSet();
        int[] easyOnes = [.. easySet.Where(counted.Contains)], hardOnes = [.. hardSet.Where(counted.Contains)];
        ValueRecord Score(PlannedCell cell, int[] subset)
        {
            var (correct, samples) = HardSubset.Score(shown.Right(cell), subset);
            return Shown.Share(correct, samples);
        }
        var cells = shown.Plan.Cells.Where(c => c.Set == cheap.Set && !c.Cell.IsBaseline).ToList();
        return new TableRecord
        {
            Id = "hard-subset",
            Title = "Only where down-sampling fails can methods differ",
            Lead = $"Of the samples that the unreduced model has right, '{cheap.Id}' still answers the easy ones and misses the "
                + $"hard ones. An accuracy over all samples is mostly the easy ones; on the hard ones a method shows what it "
                + $"keeps that a coarser picture loses.",
            From = shown.From(cells),
            Exploratory = true,
            Note = "The split is made by one method's answers, so that method has 100 % and 0 % by construction; answers right "
                + "by luck regress among the hard ones for every method.",
            RowTitle = "Setting",
            Columns =
            [
                new ColumnRecord { Title = "Easy", Unit = Unit.Percent, Detail = $"{easyOnes.Length} samples" },
                new ColumnRecord { Title = "Hard", Unit = Unit.Percent, Detail = $"{hardOnes.Length} samples" },
                new ColumnRecord { Title = "All", Unit = Unit.Percent },
                new ColumnRecord { Title = "FLOPs", Unit = Unit.Percent, Detail = "of unreduced" },
            ],
            Rows =
            [
                .. cells.Select(cell => Row(
                    cell, Score(cell, easyOnes), Score(cell, hardOnes), shown.Accuracy(cell, shown.Samples(cell)),
                    ValueRecord.Of(shown.Flops(cell) / shown.Flops(baseline)))),
            ],
        };
    }

    /// <summary>How many answers a method changes, right or wrong.</summary>
    public static ExhibitRecord Loyal(Shown shown)
    {
        var cells = shown.Plan.Cells.Where(c => !c.Cell.IsBaseline).ToList();
        ValueRecord Same(PlannedCell cell, Func<int, bool> where)
        {
            var unreduced = shown.Of(shown.Plan.BaselineOf(cell));
            var answers = shown.Of(cell);
            int[] samples = [.. shown.Samples(cell).Where(where)];
            return Shown.Share(samples.Count(i => answers[i].Answer == unreduced[i].Answer), samples.Length);
        }
        return new TableRecord
        {
            Id = "loyalty",
            Title = "Loyalty: how many answers a method leaves as they are",
            Lead = "Two methods of equal accuracy may change different numbers of answers: gains by luck hide losses. Loyalty "
                + "is the share of answers that equal the unreduced model's, over all samples and apart for those that it has "
                + "right and wrong.",
            From = shown.From(cells),
            RowTitle = "Setting",
            Columns =
            [
                new ColumnRecord { Title = "Loyalty", Unit = Unit.Percent, Detail = "95% interval" },
                new ColumnRecord { Title = "Where unreduced is right", Unit = Unit.Percent },
                new ColumnRecord { Title = "Where unreduced is wrong", Unit = Unit.Percent },
                new ColumnRecord { Title = "Accuracy against unreduced", Unit = Unit.Points, Detail = "95% interval" },
                new ColumnRecord { Title = "FLOPs", Unit = Unit.Percent, Detail = "of unreduced" },
            ],
            Rows =
            [
                .. cells.Select(cell =>
                {
                    var baseline = shown.Plan.BaselineOf(cell);
                    bool[] right = shown.Right(baseline);
                    return Row(
                        cell, Same(cell, _ => true), Same(cell, i => right[i]), Same(cell, i => !right[i]), Loss(shown, cell),
                        ValueRecord.Of(shown.Flops(cell) / shown.Flops(baseline)));
                }),
            ],
        };
    }

    /// <summary>Text-dense questions apart from the others.</summary>
    public static IEnumerable<ExhibitRecord> TextDense(Shown shown)
    {
        var cells = shown.Plan.Cells.Where(c => shown.Samples(c, LabKinds.IsTextDense).Length > 0).ToList();
        if (cells.Count == 0)
            yield break;
        ValueRecord Part(PlannedCell cell, bool dense) =>
            Shown.Points(shown.Compare(cell, shown.Plan.BaselineOf(cell), k => LabKinds.IsTextDense(k) == dense));
        yield return new TableRecord
        {
            Id = "text-dense",
            Title = "Text-dense pictures apart",
            Lead = "Small digits and letters need every patch; the paper names text-dense pictures as its known weakness.",
            From = shown.From(cells),
            RowTitle = "Setting",
            Columns =
            [
                new ColumnRecord { Title = "Text-dense", Unit = Unit.Percent },
                new ColumnRecord { Title = "Others", Unit = Unit.Percent },
                new ColumnRecord { Title = "Text-dense against unreduced", Unit = Unit.Points, Detail = "95% interval" },
                new ColumnRecord { Title = "Others against unreduced", Unit = Unit.Points, Detail = "95% interval" },
            ],
            Rows =
            [
                .. cells.Select(cell => Row(
                    cell, shown.Accuracy(cell, shown.Samples(cell, LabKinds.IsTextDense)),
                    shown.Accuracy(cell, shown.Samples(cell, k => !LabKinds.IsTextDense(k))),
                    cell.Cell.IsBaseline ? ValueRecord.Missing : Part(cell, true),
                    cell.Cell.IsBaseline ? ValueRecord.Missing : Part(cell, false))),
            ],
        };
    }

    /// <summary>A cell's row: in bold where verdicts rest on it, else marked as exploratory.</summary>
    private static RowRecord Row(PlannedCell cell, params ValueRecord[] values) =>
        new() { Name = cell.Id, Headline = cell.Cell.Headline, Exploratory = !cell.Cell.Headline, Values = values };

    private static ValueRecord Loss(Shown shown, PlannedCell cell) =>
        cell.Cell.IsBaseline ? ValueRecord.Missing : Shown.Points(shown.Compare(cell, shown.Plan.BaselineOf(cell)));
}
