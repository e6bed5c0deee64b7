using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Fusion;

namespace Aim.Experiments.InContext;

/// <summary>
/// The projections of an output directory, one file each, found by all that they depend on; one that is missing is trained, which goes on where
/// it was ended.
/// </summary>
/// <param name="directory">Where they lie.</param>
/// <param name="output">Takes progress.</param>
internal sealed class Projections(string directory, TextWriter output)
{
    /// <summary>Stories that a projection is trained on, again and again: their demonstrations are read once.</summary>
    private const int Stories = 2000;

    /// <summary>Stories held out, for the perplexity.</summary>
    public const int HeldOut = 200;

    /// <summary>How all of them are trained.</summary>
    public static ProjectionRecipe Recipe { get; } = new();

    /// <summary>The story of a number, the same whatever the projection's seed.</summary>
    public static FusionDocument Story(int index) => StoryDocuments.Document(LabStories.Of(1, index));

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
        var options = new ProjectionOptions { LayerNorm = condition.LayerNorm, Start = ProjectionStart.Random, Seed = (ulong)seed };
        if (condition.Projection == ProjectionUse.Untrained)
            return new FusionProjection(host.Dim, options);
        // States of the last layer behind the norm are no embeddings: a scaled identity brings them to their size. Others pass as they are.
        var some = source.Aggregate([.. Enumerable.Range(0, 32).SelectMany(i => Story(i).Demonstrations)]);
        options = options with
        {
            Start = ProjectionStart.Identity,
            Scale = condition.States.LayerIn(host) == host.Layers
                ? Math.Round(FusionProjection.ScaleFor(host, some, [.. LabWorld.Objects.Select(o => " " + o.Name)]), 3)
                : 1,
        };
        foreach (var tensor in some)
            tensor.Dispose();
        string data = string.Create(CultureInfo.InvariantCulture, $"lab stories {LabWorld.Version}/1 of {Stories}, seed {seed}");
        string name = CanonicalForm.Sha256(
            $"{host.Hash}\n{source.Options.Canonical(host)}\n{options}\n{Recipe.Canonical}\n{data}\n{Machine.Isa}")[..16];
        string path = Path.Combine(directory, $"{name}.safetensors"), state = Path.Combine(directory, $"{name}.state");
        if (!File.Exists(path))
        {
            output.WriteLine($"training W_p ({condition.Name}, seed {seed}) to {path}");
            var training = Training(source, seed);
            using var projection = training.Train(options, state, data, p =>
            {
                if (p.Step % 250 == 0)
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  step {p.Step} of {p.Steps}, loss {p.Loss:0.000}"));
            }, cancel);
            ProjectionFile.Save(path, projection, host, source.Options, new Dictionary<string, string> { ["training"] = $"{Recipe.Canonical}; {data}" });
            File.Delete(state);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  trained {projection.ParameterCount} of {host.ParameterCount + projection.ParameterCount} parameters; the rest is frozen, its checksum unchanged"));
        }

        return ProjectionFile.Load(path, host).Projection;
    }

    /// <summary>The training of a seed: the same stories in another order.</summary>
    public static ProjectionTraining Training(IAggregateSource source, int seed)
    {
        int documents = Recipe.Documents;
        return new ProjectionTraining(source, (step, item) =>
        {
            long place = ((long)step * documents) + item;
            var random = new LabRandom(0x57u, (ulong)seed, (ulong)(place / Stories));
            return Story(random.Distinct(Stories, Stories)[(int)(place % Stories)]);
        }, Recipe);
    }
}
