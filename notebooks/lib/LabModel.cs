using Aim.Datasets;
using Aim.Experiments;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Models;
using Aim.Reduction;
using static Aim.Kernel.Notebook;

namespace Aim.Notebook;

/// <summary>
/// A model to ask about the lab's clips, with any method, and to look into: <c>var model = LabModel.Load();</c>
/// <c>model.Ask(model.Sample(3), merge: "1/4")</c>. Answers are those that a study's run gives.
/// </summary>
public sealed class LabModel : IDisposable
{
    private const int AnswerTokens = 4, Seed = 1;

    private readonly PlannedModel _planned;
    private readonly MultimodalModel _model;
    private readonly SampleComputation _computation;

    private LabModel(PlannedModel planned)
    {
        _planned = planned;
        _model = MultimodalModel.Load(
            planned.Directory, products: Machinery.Residency(MultimodalModel.WeightBytes(planned.Directory)));
        _computation = new SampleComputation(_model, planned.Directory, AnswerTokens);
    }

    /// <summary>Loads a model.</summary>
    /// <param name="directory">
    /// A checkpoint directory of LLaVA-OneVision's form; at first the one that comes with the repository.
    /// </param>
    /// <exception cref="DefinitionException">There is no such directory, or its model is of another form.</exception>
    /// <exception cref="CheckpointException">A file of it is missing or broken.</exception>
    public static LabModel Load(string directory = Places.LabModel)
    {
        var planned = PlannedModel.Open(directory, null);
        return planned.Config is LlavaOnevisionConfig
            ? new LabModel(planned)
            : throw new DefinitionException(
                $"{planned.Directory}: a {planned.Config.ModelType} model; what tokens show is told of LLaVA-OneVision's form "
                    + "alone: ask this one with Study, or 'aim ask'");
    }

    /// <summary>Its name.</summary>
    public string Name => _planned.Name;

    /// <summary>Layers of its decoder.</summary>
    public int Layers => _planned.Config.Text.NumHiddenLayers;

    /// <summary>Its parameters.</summary>
    public long Parameters => _model.Weights.ParameterCount;

    /// <summary>The kinds of question about clips.</summary>
    public static IReadOnlyList<string> Kinds => LabKinds.Clip;

    /// <summary>A question of the lab's test set: a clip, its frames and what is asked.</summary>
    /// <param name="index">Its place in the set, from 0.</param>
    /// <param name="frames">Frames that are taken from the clip: 8 to 64.</param>
    /// <param name="kind">The only kind to go through; null: the test set's kinds go round.</param>
    /// <param name="validation">Whether it is taken from the validation split.</param>
    /// <exception cref="ArgumentException">There is no such kind or number of frames.</exception>
    public static LabSample Sample(int index, int frames = 8, string? kind = null, bool validation = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return LabData.Test(
            validation ? LabSplit.Validation : LabSplit.Test, index + 1, frames, kind is null ? null : [kind])[index];
    }

    /// <summary>The first questions of the lab's test set; see <see cref="Sample"/>.</summary>
    public static IReadOnlyList<LabSample> Samples(int count, int frames = 8, string? kind = null) =>
        LabData.Test(LabSplit.Test, count, frames, kind is null ? null : [kind]);

    /// <summary>Answers, whole or reduced, and keeps what was seen on the way.</summary>
    /// <param name="sample">What is shown and asked (<see cref="Sample"/>).</param>
    /// <param name="merge">Share of the visual tokens that AIM's merging keeps: <c>1/4</c>; null: nothing is merged.</param>
    /// <param name="prune">Layers between which AIM prunes: <c>6,9</c>, <c>default</c>; null: nothing is pruned.</param>
    /// <param name="method">Another method; null: AIM where something is merged or pruned, else none.</param>
    /// <param name="settings">The method's settings, as <c>("keep", "1/4")</c>.</param>
    /// <param name="question">Another question about the same clip; null: the sample's.</param>
    /// <exception cref="ArgumentException">There is no such method or setting, or a value is wrong.</exception>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public LabAnswer Ask(
        LabSample sample, string? merge = null, string? prune = null, string? method = null,
        IReadOnlyList<(string Name, string Value)>? settings = null, string? question = null)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (sample.Medium != LabMedium.Video)
            throw new ArgumentException("the sample is a single picture; LabModel.Sample gives clips", nameof(sample));
        var asked = question is null ? sample : sample with { Question = question, Before = "" };
        var values = (settings ?? []).ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal);
        if (merge is not null)
            values["retention"] = merge;
        if (prune is not null)
            values["schedule"] = prune;
        string name = method ?? (values.Count > 0 ? "aim" : Cell.Unreduced);
        var ready = Methods.Create(name, values, HostTraits.Of(_planned.Config, video: true));
        if (ready.Tower is not null)
            throw new ArgumentException(
                $"{name} merges within the vision tower, where tokens have no places to draw", nameof(method));

        var set = SetOf(asked);
        var cell = new PlannedCell(new Cell(name, set.Name, 1, false), name, set, ready, null, "", null);
        using var views = _computation.Look(set, 0, Interrupted);
        const Recordings Seen = Recordings.Attention | Recordings.Trace;
        var (answer, recorded) = _computation.Answer(cell, views, Seen, Interrupted);
        var lines = recorded.Select(r => r.Line("", cell.Id, asked.Id)).ToList();
        return new LabAnswer(asked, question is null, ready, set.Prompts[0].Text, answer,
            lines.First(l => l.Attention is not null).Attention!, lines.First(l => l.Trace is not null).Trace!);
    }

    /// <summary>The model as the libraries have it, to compute with.</summary>
    public MultimodalModel Core => _model;

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private TestSet SetOf(LabSample sample)
    {
        var name = new TestSetName(TestSetName.Video, TestSetName.Noto, sample.FrameIndices.Length);
        var shown = new LabTestSample(sample);
        int[] ids = _planned.Prompt(shown, name);
        var shape = _planned.ShapeOf(shown, name, ids);
        var geometry = new Geometry(
            Shapes.Of(_planned.Config.Text, Name), name.Frames, shape.Visual.Views[0].PerFrame,
            Shapes.Pricing(_planned.Config.Text));
        return new TestSet(name, [shown], [ids], [shape], geometry, 1);
    }
}
