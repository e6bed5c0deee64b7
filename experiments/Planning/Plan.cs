using System.Globalization;
using Aim.Experiments.Exhibits;
using Aim.Experiments.Scoring;
using Aim.Models;
using Aim.Reduction;

namespace Aim.Experiments.Planning;

/// <summary>
/// A definition made concrete for its model and data: the test sets with their samples, and every cell with its counts. Nothing
/// has been run.
/// </summary>
internal sealed class Plan
{
    private Plan(Definition definition, PlannedModel model, TestData data)
    {
        (Definition, Model, Data) = (definition, model, data);
        Sets = [.. definition.Cells.GroupBy(c => c.Set).Select(g =>
            data.Set(g.Key, g.Max(c => c.Samples), g.Max(c => c.Counting)))];
        var cells = new List<PlannedCell>();
        var leftOut = new List<(string, string)>();
        foreach (var cell in definition.Cells)
        {
            var (planned, reason) = Settle(
                cell with { Samples = Sets.First(s => s.Name == cell.Set).Asked(cell, Counts(cell.Set)) });
            if (planned is null)
            {
                leftOut.Add((definition.IdOf(cell), reason!));
                continue;
            }
            cells.Add(planned);
            // A budget's answers are compared with those of the best settings that are one for all samples.
            foreach (var best in planned.Controller is null ? [] : FixedBeside(planned))
                if (!definition.Cells.Concat(cells.Select(c => c.Cell)).Any(c => c.Set == cell.Set && c.Id == best.Id))
                    cells.Add(Settle(best).Cell!);
        }
        (Cells, LeftOut) = (cells, leftOut);
    }

    public Definition Definition { get; }

    public PlannedModel Model { get; }

    /// <summary>Where the questions come from.</summary>
    public TestData Data { get; }

    /// <summary>The directory with the records of other seeds' runs; null where there is none.</summary>
    public string? SeedRecords { get; private init; }

    /// <summary>What the model offers to methods: it pools frames, but not pictures.</summary>
    public HostTraits HostOf(TestSet set) => HostTraits.Of(Model.Config, video: !set.Name.IsPicture);

    /// <summary>Whether tokens can be told from the lab's scenes: they lie in the grids of its own frames, all alike.</summary>
    public bool ShowsScenes => Data.IsLab && Model.Config is LlavaOnevisionConfig
        && Sets.All(s => s.Prompts[0].Visual.Views.All(v => v.Rows == v.Columns && v.PerFrame == s.Geometry.TokensPerFrame));

    /// <summary>The test sets in the order of the cells.</summary>
    public IReadOnlyList<TestSet> Sets { get; }

    public IReadOnlyList<PlannedCell> Cells { get; }

    /// <summary>The cells' methods that were registered from outside the library, and the sha256 of what they are.</summary>
    public IReadOnlyList<(string Name, string Sha256)> Registered =>
    [
        .. Cells.Select(c => c.Method.Name).Distinct().Where(n => Methods.SourceOf(n) is not null)
            .Select(n => (n, Methods.SourceOf(n)!)),
    ];

    /// <summary>Cells that cannot exist, by name, and why.</summary>
    public IReadOnlyList<(string Id, string Reason)> LeftOut { get; }

    /// <summary>The unreduced model on the definition's own test set.</summary>
    public PlannedCell Baseline => Cells.First(c => c.Cell.IsBaseline);

    /// <summary>The unreduced model on a cell's questions: every difference is taken to it.</summary>
    public PlannedCell BaselineOf(PlannedCell cell) => Cells.First(c => c.Cell.IsBaseline && c.Set == cell.Set);

    /// <summary>Finds model and data and settles every cell.</summary>
    /// <exception cref="DefinitionException">The model, its stored schedule or the settings do not fit.</exception>
    /// <exception cref="CheckpointException">The checkpoint is missing or damaged.</exception>
    public static Plan Make(Definition definition, string definitionFile)
    {
        var model = PlannedModel.Open(definition.Model, definitionFile);
        var plan = new Plan(definition, model, new TestData(definition, definitionFile, model))
        {
            SeedRecords = Places.SeedRecords(definitionFile),
        };
        ExhibitBook.Check(plan, definitionFile);
        return plan;
    }

    /// <summary>Settles a cell, its samples counted, for this model; where that is not possible, says why.</summary>
    public (PlannedCell? Cell, string? Reason) Settle(Cell cell)
    {
        var set = Sets.First(s => s.Name == cell.Set);
        var schedule = Schedule(cell.Schedule);
        if (cell.Budget is { } budget)
            return (Within(cell, budget, set), null);
        double? target = cell.Target is { } goal ? Flops(goal, cell, set) : null;
        var (method, reason) = MethodBook.Create(cell, schedule, Definition.Seed, set, HostOf(set), target);
        if (method is null)
            return (null, reason);
        string settings = string.Create(CultureInfo.InvariantCulture,
            $"{method.Name} {method.Settings.Canonical} frames={cell.Set.Frames} answer={Definition.AnswerTokens}");
        // The assemblies that every key holds do not say what a method is that was registered from elsewhere.
        if (Methods.SourceOf(method.Name) is { } source)
            settings += $" source={source}";
        var shown = schedule ?? (cell.Target?.Cell is { } other ? Schedule(CellOf(other, set).Schedule) : null);
        return (new PlannedCell(cell, Definition.IdOf(cell), set, method, shown, settings, target), null);
    }

    /// <summary>
    /// The settings that a budget's cell is compared with: the best that keeps all its samples within the budget, and the best of
    /// no more mean cost.
    /// </summary>
    public static IReadOnlyList<Cell> FixedBeside(PlannedCell cell) =>
        [Fixed(cell, cell.Controller!.FixedFor(cell.Prompts).Point),
            Fixed(cell, cell.Controller.FixedAtMean(cell.Prompts).Point)];

    private static Cell Fixed(PlannedCell cell, FrontPoint point)
    {
        var schedule = point.Schedule == ScheduleChoice.None
            ? ScheduleName.None : new ScheduleName("layers", point.Schedule.L1, point.Schedule.L2);
        return point.Retention.IsAll && schedule.IsNone
            ? new Cell(Cell.Unreduced, cell.Cell.Set, cell.Cell.Samples, false)
            : new Cell("aim", cell.Cell.Set, cell.Cell.Samples, false) { Retention = point.Retention, Schedule = schedule };
    }

    // Every sample's setting is chosen here, from lengths alone: a budget that one of them cannot meet is an error before
    // anything runs.
    private PlannedCell Within(Cell cell, BudgetName budget, TestSet set)
    {
        string id = Definition.IdOf(cell);
        try
        {
            var front = StoredFront.Load(Model.Directory, Model.Sha256);
            var host = HostOf(set);
            var controller = new BudgetController(
                front, Budget.Parse(budget.Resource, budget.Amount), budget.Hardware, set.Geometry, host);
            var planned = new PlannedCell(cell, id, set, Methods.Create(Cell.Unreduced, new Dictionary<string, string>(), host),
                null,
                string.Create(CultureInfo.InvariantCulture,
                    $"{controller.Settings} frames={cell.Set.Frames} answer={Definition.AnswerTokens}"), null)
            {
                Controller = controller,
            };
            return planned with { Method = controller.MethodOf(controller.FixedFor(planned.Prompts).Point) };
        }
        catch (BudgetException error)
        {
            throw new DefinitionException($"{id}: {error.Message}");
        }
    }

    private Func<string, bool> Counts(TestSetName set) => Data.Kinds(Data.KindsOf(set), set.IsPicture).Counts;

    private double Flops(FlopsTarget target, Cell cell, TestSet set)
    {
        var at = target.Cell is { } id ? CellOf(id, set) : new Cell(Cell.Unreduced, set.Name, cell.Samples, false);
        var planned = Settle(at with { Samples = cell.Samples }).Cell!;
        return planned.Mean(prompt => planned.Executed(prompt)) * (double)((target.Percent ?? 100) / 100);
    }

    private Cell CellOf(string id, TestSet set) =>
        Definition.Cells.First(c => c.Set == set.Name && c.Id == id && c.Target is null);

    private PruneSchedule? Schedule(ScheduleName name)
    {
        int layers = Sets[0].Geometry.Shape.Layers;
        switch (name.Name)
        {
            case "none":
                return null;
            case "default":
                return PruneSchedule.Default(layers, Model.Config.ModelType);
            case "searched":
                var stored = StoredSchedule.Load(Model.Directory, Model.Sha256);
                return new PruneSchedule(stored.L1, stored.L2, layers);
            case "cut":
                return new PruneSchedule(name.First - 1, name.First, layers);
            default:
                var (l1, l2) = name.At(layers);
                return new PruneSchedule(l1, l2, layers);
        }
    }
}
