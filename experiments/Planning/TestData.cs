using Aim.Datasets;
using Aim.Experiments.Scoring;
using Aim.Models;

namespace Aim.Experiments.Planning;

/// <summary>The data that a definition asks its questions from: the lab, or a file of questions.</summary>
internal sealed class TestData
{
    private readonly Definition _definition;
    private readonly PlannedModel _model;
    private readonly QuestionFile? _file;
    private readonly string _path = "";

    /// <param name="definition">What is asked.</param>
    /// <param name="definitionFile">Where it stands: its data's path may be relative to it.</param>
    /// <param name="model">The model that is asked.</param>
    /// <exception cref="DefinitionException">There is no such file of questions.</exception>
    /// <exception cref="QuestionFileException">It is wrong.</exception>
    public TestData(Definition definition, string definitionFile, PlannedModel model)
    {
        (_definition, _model) = (definition, model);
        if (definition.DataPath is not { } path)
            return;
        _path = Places.Data(path, definitionFile);
        _file = QuestionFile.Load(_path);
    }

    /// <summary>Whether the questions are the lab's.</summary>
    public bool IsLab => _file is null;

    /// <summary>What reports call it.</summary>
    public string Name => IsLab ? _definition.Data : Path.GetFileName(_path);

    /// <summary>Version of the lab's generator, or the file's hash; what pictures hold is part of each sample's key.</summary>
    public string Version => _file is null ? LabWorld.Version : $"sha256 {_file.Sha256[..16]}";

    /// <summary>The kinds of question that go round in a set.</summary>
    public IReadOnlyList<string> KindsOf(TestSetName set) => _file is null ? LabSets.KindsOf(set)
        : [.. QuestionsOf(set).Select(q => q.Kind).Distinct()];

    /// <summary>Which kinds count.</summary>
    public KindTable Kinds(IReadOnlyList<string> kinds, bool pictures) =>
        IsLab ? KindTable.Load(kinds, _model, pictures) : KindTable.OfFile(kinds);

    /// <summary>A set's samples and their lengths.</summary>
    /// <param name="name">The set.</param>
    /// <param name="first">How many first samples.</param>
    /// <param name="counting">How many of kinds that count, those among the first included.</param>
    /// <exception cref="DefinitionException">The model cannot be asked such questions, or there are too few.</exception>
    /// <exception cref="IOException">A picture or video is missing or broken; the message names it.</exception>
    public TestSet Set(TestSetName name, int first, int counting)
    {
        if (!name.IsPicture && !_model.Config.TakesVideos)
            throw new DefinitionException(
                $"{_model.Directory}: a {_model.Config.ModelType} model takes no videos, its prompts have no placeholder for "
                    + "one; write 'source: picture'");
        IReadOnlyList<TestSample> samples = IsLab ? Lab(name, first, counting) : OfFile(name, first, counting);
        int[][] ids = [.. samples.Select(s => _model.Prompt(s, name))];
        SampleShape[] prompts = [.. samples.Select((s, i) => _model.ShapeOf(s, name, ids[i]))];
        var views = prompts[0].Visual.Views;
        return new TestSet(
            name, samples, ids, prompts,
            new Geometry(
                Shapes.Of(_model.Config.Text, _model.Name), name.IsPicture ? views.Count : name.Frames, views[0].PerFrame,
                Shapes.Pricing(_model.Config.Text)),
            first);
    }

    private IReadOnlyList<TestSample> Lab(TestSetName name, int first, int counting)
    {
        var split = _definition.Split == "test" ? LabSplit.Test : LabSplit.Validation;
        var counts = Kinds(KindsOf(name), name.IsPicture).Counts;
        return [.. LabSets.Samples(name, split, first, counting, counts).Select(s => new LabTestSample(s))];
    }

    // In the file's order. All kinds count, so that questions that count are further ones.
    private IReadOnlyList<TestSample> OfFile(TestSetName name, int first, int counting)
    {
        foreach (string kind in name.KindList)
            if (_file!.Questions.All(q => q.Kind != kind))
                throw new DefinitionException(
                    $"{_path}: kinds: no question is of kind '{kind}'; there are "
                        + $"{string.Join(", ", _file.Questions.Select(q => q.Kind).Distinct())}");
        var questions = QuestionsOf(name);
        int wanted = Math.Max(first, counting);
        return questions.Count >= wanted
            ? [.. questions.Take(wanted).Select(q => new FileTestSample(q))]
            : throw new DefinitionException(
                $"{_path}: samples: {wanted} are asked for, but there are {questions.Count} questions about "
                    + $"{(name.IsPicture ? "pictures" : "videos")}; "
                    + (questions.Count > 0 ? $"write 'samples: {questions.Count}'"
                        : $"write 'source: {(name.IsPicture ? TestSetName.Video : TestSetName.Picture)}'"));
    }

    private List<FileQuestion> QuestionsOf(TestSetName set) =>
        [.. _file!.Questions.Where(q => q.IsVideo != set.IsPicture && (set.Kinds.Length == 0 || set.KindList.Contains(q.Kind)))];
}
