using Aim.Datasets;
using Aim.Experiments;
using Aim.Experiments.InContext;
using Aim.Experiments.Planning;
using Aim.Fusion;
using Aim.Models;
using static Aim.Kernel.Notebook;

namespace Aim.Notebook;

/// <summary>
/// A model to teach by demonstrations, in any form: <c>var model = InContextModel.Load();</c>
/// <c>model.Ask(InContextModel.Episode("object2", 0), shots: 4, form: "fused", layer: 6)</c>.
/// </summary>
public sealed class InContextModel : IDisposable
{
    /// <summary>The single-picture model that comes with the repository.</summary>
    public const string LabSingle = "datasets/lab/models/lab-single";

    private readonly MultimodalFusionHost _host;
    private readonly (FusionProjection Projection, AggregationOptions States)? _shipped;

    private InContextModel(MultimodalFusionHost host, string directory)
    {
        _host = host;
        string shipped = Path.Combine(directory, Projections.ShippedName);
        _shipped = File.Exists(shipped) ? ProjectionFile.Load(shipped, host) : null;
    }

    /// <summary>Loads a model.</summary>
    /// <param name="directory">A checkpoint directory of any family.</param>
    /// <exception cref="DefinitionException">There is no such directory.</exception>
    /// <exception cref="CheckpointException">A file of it is missing or broken.</exception>
    /// <exception cref="ProjectionException">The projection beside it is broken, or another model's.</exception>
    public static InContextModel Load(string directory = LabSingle)
    {
        string path = Places.Model(directory, null);
        return new(MultimodalFusionHost.Of(MultimodalModel.Load(path)), path);
    }

    /// <summary>Layers of its decoder.</summary>
    public int Layers => _host.Layers;

    /// <summary>Its parameters.</summary>
    public long Parameters => _host.ParameterCount;

    /// <summary>
    /// An episode of the lab's in-context tests: demonstrations that teach something invented, and a question about it.
    /// </summary>
    /// <param name="task">
    /// <c>object2</c>, <c>object4</c>, <c>position</c>, <c>count</c>, <c>pair</c>, <c>shift</c> or <c>caption</c>.
    /// </param>
    /// <param name="index">Its number, from 0.</param>
    /// <param name="shots">Demonstrations; fewer are a prefix of more.</param>
    /// <exception cref="ArgumentException">There is no such task, or a number is out of range.</exception>
    public static LabEpisode Episode(string task, int index, int shots = 4)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return LabEpisodes.Of(InContextReader.TaskOf(task), index + 1, shots)[index];
    }

    /// <summary>Answers an episode's question behind its demonstrations, by the most probable of its options.</summary>
    /// <param name="episode">What is shown and asked (<see cref="Episode"/>); one with options.</param>
    /// <param name="shots">How many of its demonstrations are given; null: all.</param>
    /// <param name="form">
    /// How: <c>fused</c> (as virtual tokens, one for each token of their text), <c>raw</c> (pictures and texts), <c>text</c>
    /// (texts alone) or <c>words</c> (texts with the pictures told in words).
    /// </param>
    /// <param name="layer">
    /// Fused: the layer whose states are taken, as they are; null: the states and the trained projection that ship with the model
    /// (without one, the last layer's behind the final norm, as they are).
    /// </param>
    /// <exception cref="ArgumentException">There is no such form or layer, or the episode has no options.</exception>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public InContextAnswer Ask(LabEpisode episode, int? shots = null, string form = "fused", int? layer = null)
    {
        ArgumentNullException.ThrowIfNull(episode);
        int given = shots ?? episode.Shots.Count;
        if (given < 0 || given > episode.Shots.Count)
            throw new ArgumentOutOfRangeException(nameof(shots), $"the episode has {episode.Shots.Count} demonstrations");
        if (episode.Options.Count == 0)
            throw new ArgumentException(
                "a caption has no options to choose among; an InContextStudy generates it", nameof(episode));
        if (layer is { } l && (l < 0 || l > Layers))
            throw new ArgumentOutOfRangeException(nameof(layer), $"the model has the states of layers 0 to {Layers}");
        Interrupted.ThrowIfCancellationRequested();

        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var shipped = layer is null ? _shipped : null;
        var condition = new Condition(form, InContextReader.FormOf(form))
        {
            States = shipped?.States ?? new AggregationOptions(layer, layer is null),
        };
        var prompts = new EpisodePrompts(_host, new Aggregator(_host, condition.States), condition, shipped?.Projection);
        var packed = prompts.Of(episode, episode, given);
        var language = _host.Model.Language;
        using var prefill = language.Prefill(packed.Embeds.unsqueeze(0), [packed.Layout]);
        double[] scores = OptionScores.LogProbabilities(
            language, prefill, [[.. episode.Options.Select(o => (IReadOnlyList<int>)_host.Encode(o))]])[0];
        var options = episode.Options.Zip(scores, (o, s) => new OptionResult(o.Trim(), Math.Exp(s), o == episode.Query.Answer));
        return new InContextAnswer(
            form, given, packed.Length, packed.Layout.Visual,
            [.. options.OrderByDescending(o => o.Probability)], episode.Query.Answer.Trim());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _shipped?.Projection.Dispose();
        _host.Model.Dispose();
    }
}

/// <summary>An answer that was learnt from demonstrations, or not.</summary>
/// <param name="Form">How they were given.</param>
/// <param name="Shots">How many.</param>
/// <param name="Tokens">Tokens of the prompt.</param>
/// <param name="VisualTokens">The visual ones among them.</param>
/// <param name="Options">What could be answered, the most probable first.</param>
/// <param name="Expected">The right answer.</param>
public sealed record InContextAnswer(
    string Form, int Shots, int Tokens, int VisualTokens, IReadOnlyList<OptionResult> Options, string Expected)
{
    /// <summary>The answer.</summary>
    public string Answer => Options[0].Option;

    /// <summary>Whether it is right.</summary>
    public bool Right => Options[0].Right;
}

/// <summary>An option.</summary>
/// <param name="Option">Its text.</param>
/// <param name="Probability">Of its tokens behind the prompt.</param>
/// <param name="Right">Whether it is the right one.</param>
public sealed record OptionResult(string Option, double Probability, bool Right);
