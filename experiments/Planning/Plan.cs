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

    /// <summary>What the model offers to methods.</summary>
    public HostTraits Host => HostTraits.Of(Model.Config);

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
        PlannedCell Planned(double? target = null, params IEnumerable<(string Key, string Value)> settings)
        {
            var method = Methods.Create(cell.Method, settings.ToDictionary(s => s.Key, s => s.Value), Host);
            return new(cell, method, schedule, $"{cell.Method} {method.Settings.Canonical} {common}", Geometry, target);
        }

        (string, string) retention = ("retention", $"{cell.Retention}");
        (string, string) pruning = ("schedule", schedule is null ? "none" : $"{schedule.L1},{schedule.L2}");
        switch (cell.Method)
        {
            case Cell.Unreduced:
                return Planned();
            case "downsample":
                var target = Settle(cell with { Method = cell.At!, At = null })!;
                double flops = Mean(cell.Samples, text => target.Executed(text));
                var downsample = Methods.Get(cell.Method);
                var found = TargetSearch.Find(
                    downsample, downsample.Read(new Dictionary<string, string>()), Host, Geometry.Prompt(0), flops,
                    m => Mean(cell.Samples, text => Geometry.Executed(m, text)))!;
                return found.WithinTarget ? Planned(flops, [.. found.Settings.Pairs.Select(p => (p.Key, p.Value))]) : null;
            case "random":
                return Planned(null, retention, pruning, ("seed", $"{Definition.Seed}"));
            default:
                return Planned(null, retention, pruning);
        }
    }

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
