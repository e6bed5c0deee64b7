using Aim.Datasets;
using Aim.Models;
using Aim.Reduction;

namespace Aim.Experiments.Planning;

/// <summary>
/// A definition made concrete for its model and data: the samples, and every cell with its counts. Nothing has been run.
/// </summary>
internal sealed class Plan
{
    private Plan(Definition definition, PlannedModel model, Geometry geometry, IReadOnlyList<LabSample> samples,
        IReadOnlyList<int> text)
    {
        (Definition, Model, Geometry, Samples, Text) = (definition, model, geometry, samples, text);
        var cells = new List<PlannedCell>();
        var leftOut = new List<(Cell, string)>();
        foreach (var cell in Cell.Expand(definition))
        {
            if (Settle(cell) is { } planned)
                cells.Add(planned);
            else
                leftOut.Add((cell, "even one token a frame costs more FLOPs than its target"));
        }
        (Cells, LeftOut) = (cells, leftOut);
    }

    public Definition Definition { get; }

    public PlannedModel Model { get; }

    public Geometry Geometry { get; }

    /// <summary>The samples of the largest cell; every cell takes the first ones.</summary>
    public IReadOnlyList<LabSample> Samples { get; }

    /// <summary>Text tokens of each sample's prompt.</summary>
    public IReadOnlyList<int> Text { get; }

    public IReadOnlyList<PlannedCell> Cells { get; }

    /// <summary>Cells that cannot exist, and why.</summary>
    public IReadOnlyList<(Cell Cell, string Reason)> LeftOut { get; }

    /// <summary>The unreduced model's cell, to which every other is compared.</summary>
    public PlannedCell Baseline => Cells.First(c => c.Cell.Method == Cell.Unreduced);

    /// <summary>All of a sample that an answer depends on: its scene, frames and question.</summary>
    public string SampleKey(int index)
    {
        var sample = Samples[index];
        return string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{sample.Id} {sample.Clip.SceneHash:x16} {string.Join(',', sample.FrameIndices)} {sample.Question}");
    }

    /// <summary>Mean over a cell's samples of something that depends on the text's length.</summary>
    public double Mean(PlannedCell cell, Func<int, double> value) => Mean(cell.Cell.Samples, value);

    /// <summary>Finds model and data and settles every cell.</summary>
    /// <exception cref="DefinitionException">The model, its stored schedule or the settings do not fit.</exception>
    /// <exception cref="CheckpointException">The checkpoint is missing or damaged.</exception>
    public static Plan Make(Definition definition, string definitionFile)
    {
        var model = PlannedModel.Open(definition.Model, definitionFile);
        int count = definition.Groups.Max(g => g.Samples);
        var split = definition.Split == "test" ? LabSplit.Test : LabSplit.Validation;
        var samples = LabData.Test(split, count, definition.Frames);
        var geometry = new Geometry(Shapes.Of(model.Config, Path.GetFileName(model.Directory)), definition.Frames,
            model.Config.TokensPerFrame);
        return new Plan(definition, model, geometry, samples, [.. samples.Select(s => model.TextTokens(s.Question))]);
    }

    /// <summary>Mean over the first samples of something that depends on the text's length.</summary>
    public double Mean(int samples, Func<int, double> value) =>
        Text.Take(samples).GroupBy(t => t).OrderBy(g => g.Key).Sum(g => value(g.Key) * g.Count()) / samples;

    /// <summary>Settles a cell for this model; null where no grid keeps to its target.</summary>
    public PlannedCell? Settle(Cell cell)
    {
        var schedule = Schedule(cell.Schedule);
        string common = $"frames={Definition.Frames} answer={Definition.AnswerTokens}";
        string pruned = schedule is null ? "none" : $"{schedule.L1},{schedule.L2}";
        PlannedCell Planned(string settings, ReductionSettings of, double? target = null) =>
            new(cell, Methods.Create(cell.Method, of), schedule, $"{cell.Method} {settings}{common}", Geometry, target);

        switch (cell.Method)
        {
            case Cell.Unreduced:
                return Planned("", new ReductionSettings());
            case "downsample":
                var target = Settle(cell with { Method = cell.At!, At = null })!;
                double flops = Mean(cell.Samples, text => target.Executed(text));
                var (side, _, within) = DownsampleMerger.Largest(
                    Geometry.TokensPerFrame, flops, kept => Mean(cell.Samples, text => Flat(kept, text)));
                return within ? Planned($"side={side} ", new ReductionSettings { Side = side }, flops) : null;
            case "random":
                return Planned($"retention={cell.Retention} prune={pruned} seed={Definition.Seed} ",
                    new ReductionSettings { Retention = cell.Retention, Schedule = schedule, Seed = (ulong)Definition.Seed });
            default:
                return Planned($"retention={cell.Retention} prune={pruned} ",
                    new ReductionSettings { Retention = cell.Retention, Schedule = schedule });
        }
    }

    private double Flat(int tokensPerFrame, int text) => Cost.CostModel.MatmulFlops(
        Geometry.Shape, Cost.TokenSchedule.Flat(
            Geometry.Shape.Layers, Geometry.Frames * tokensPerFrame + Geometry.ExtraVisual + text), causal: true);

    private PruneSchedule? Schedule(ScheduleName name)
    {
        int layers = Geometry.Shape.Layers;
        return name.Name switch
        {
            "none" => null,
            "default" => PruneSchedule.Default(layers),
            "searched" => StoredSchedule.Load(Model.Directory, Model.Sha256) is var stored
                ? new PruneSchedule(stored.L1, stored.L2, layers) : null,
            _ => new PruneSchedule(name.First, name.Last, layers),
        };
    }
}
