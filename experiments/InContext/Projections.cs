using System.Diagnostics;
using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Fusion;

namespace Aim.Experiments.InContext;

/// <summary>
/// The projections of an output directory, one file each, found by all that they depend on; one that is missing is trained, which
/// goes on where it was ended.
/// </summary>
/// <param name="directory">Where they lie.</param>
/// <param name="output">Takes progress.</param>
/// <param name="recipe">How all of them are trained.</param>
/// <param name="takeShipped">
/// Whether one that ships beside its model is taken where it was trained in the same way, on whatever instruction set.
/// </param>
internal sealed class Projections(string directory, TextWriter output, ProjectionRecipe recipe, bool takeShipped = false)
{
    /// <summary>The file in a model's directory that holds the projection which ships with it.</summary>
    public const string ShippedName = "projection.safetensors";

    /// <summary>Stories that a projection is trained on, again and again: their demonstrations are read once.</summary>
    private const int Stories = 2000;

    /// <summary>Stories that the scale of a start is measured on.</summary>
    private const int ScaleStories = 32;

    /// <summary>How all of them are trained.</summary>
    public ProjectionRecipe Recipe => recipe;

    // The story of a number, the same whatever the projection's seed.
    private static FusionDocument Story(int index) => StoryDocuments.Document(LabStories.Of(1, index));

    /// <summary>A condition's projection; null where it has none.</summary>
    /// <param name="source">Reads demonstrations.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="seed">Its seed: of a random start, and of the order of stories.</param>
    /// <param name="cancel">Ends a training; its state is kept.</param>
    public FusionProjection? Of(IAggregateSource source, Condition condition, int seed, CancellationToken cancel)
    {
        if (condition.Projection == ProjectionUse.None)
            return null;
        var host = source.Host;
        var options = new ProjectionOptions
        {
            LayerNorm = condition.LayerNorm,
            Start = ProjectionStart.Random,
            Seed = (ulong)seed,
        };
        if (condition.Projection == ProjectionUse.Untrained)
            return new FusionProjection(host.Dim, options);
        options = options with
        {
            Start = ProjectionStart.Identity,
            Scale = condition.States.LayerIn(host) == host.Layers ? Scale(source) : 1,
        };
        string data = string.Create(CultureInfo.InvariantCulture, $"lab stories {LabWorld.Version}/1 of {Stories}, seed {seed}");
        string training = $"{recipe.Canonical}; {data}";
        if (takeShipped && Shipped(source, condition, training) is { } shipped)
            return shipped;
        string name = CanonicalForm.Sha256(
            $"{host.Hash}\n{source.Options.Canonical(host)}\n{options}\n{recipe.Canonical}\n{data}\n{Machine.Isa}")[..16];
        string path = Path.Combine(directory, $"{name}.safetensors"), state = Path.Combine(directory, $"{name}.state");
        if (!File.Exists(path))
        {
            output.WriteLine($"training W_p ({condition.Name}, seed {seed}) to {path}");
            var clock = Stopwatch.StartNew();
            using var projection = Training(source, seed).Train(options, state, data, p =>
            {
                if (p.Step % 250 == 0)
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"  step {p.Step} of {p.Steps}, loss {p.Loss:0.000}"));
            }, cancel);
            var notes = new Dictionary<string, string> { [ProjectionFile.Training] = training };
            ProjectionFile.Save(path, projection, host, source.Options, notes);
            File.Delete(state);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  trained {projection.ParameterCount} of {host.ParameterCount + projection.ParameterCount} parameters in "
                    + $"{clock.Elapsed.TotalMinutes:0.0} minutes; the rest is frozen, its checksum unchanged"));
        }

        return ProjectionFile.Load(path, host).Projection;
    }

    // The projection beside the model, if it was trained so and maps the states that the condition takes.
    private static FusionProjection? Shipped(IAggregateSource source, Condition condition, string training)
    {
        if (source.Host is not MultimodalFusionHost { Model.Config.Directory: { } model })
            return null;
        string path = Path.Combine(model, ShippedName);
        if (!File.Exists(path) || ProjectionFile.TrainingOf(path) != training)
            return null;
        var (projection, states) = ProjectionFile.Load(path, source.Host);
        if (states.Canonical(source.Host) == source.Options.Canonical(source.Host)
            && projection.Options.LayerNorm == condition.LayerNorm)
            return projection;
        projection.Dispose();
        return null;
    }

    // States of the last layer behind the norm are no embeddings: a scaled identity brings them to their size. Others pass as
    // they are.
    private static double Scale(IAggregateSource source)
    {
        using var scope = NewDisposeScope();
        var some = source.Aggregate([.. Enumerable.Range(0, ScaleStories).SelectMany(i => Story(i).Demonstrations)]);
        return Math.Round(FusionProjection.ScaleFor(source.Host, some, [.. LabWorld.Objects.Select(o => " " + o.Name)]), 3);
    }

    // The training of a seed: the same stories, in an order of its own each time round.
    private ProjectionTraining Training(IAggregateSource source, int seed)
    {
        var orders = new Dictionary<long, int[]>();
        return new ProjectionTraining(source, (step, item) =>
        {
            long place = ((long)step * recipe.Documents) + item, round = place / Stories;
            if (!orders.TryGetValue(round, out int[]? order))
                orders.Add(round, order = new LabRandom((ulong)seed, (ulong)round).Distinct(Stories, Stories));
            return Story(order[(int)(place % Stories)]);
        }, recipe);
    }
}
