using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Experiments.Training;
using Aim.Reports.Records;

namespace Aim.Experiments.Scoring;

/// <summary>
/// Which kinds of question count: those on which the model beats its blind controls, as measured by <c>aim lab evaluate</c> and
/// kept with the model. The headline is taken over these alone; a kind that text answers says nothing about visual tokens.
/// </summary>
internal sealed class KindTable
{
    private static readonly Dictionary<string, string> _controlNames = new(StringComparer.Ordinal) { ["oneFrame"] = "one-frame" };
    private readonly IReadOnlyList<KindEvaluation>? _evaluation;
    private readonly IReadOnlyList<string> _kinds;
    private readonly bool _isFile;

    private KindTable(IReadOnlyList<string> kinds, IReadOnlyList<KindEvaluation>? evaluation) =>
        (_kinds, _evaluation) = (kinds, evaluation);

    private KindTable(IReadOnlyList<string> kinds) => (_kinds, _isFile) = (kinds, true);

    /// <summary>The kinds of a file's questions: all count, and nobody knows which of them need what they are shown.</summary>
    public static KindTable OfFile(IReadOnlyList<string> kinds) => new(kinds);

    /// <summary>Reads a model's evaluation; a model that has none counts with every kind.</summary>
    /// <param name="kinds">The kinds that the samples have, in order of appearance.</param>
    /// <param name="model">The checkpoint.</param>
    /// <param name="pictures">Whether they are asked of single pictures: the same kind may count there and not of clips.</param>
    /// <exception cref="DefinitionException">The evaluation is damaged or belongs to other weights.</exception>
    public static KindTable Load(IReadOnlyList<string> kinds, PlannedModel model, bool pictures = false)
    {
        string path = Path.Combine(model.Directory, "evaluation.json");
        if (!File.Exists(path))
            return new KindTable(kinds, null);
        EvaluationRecord evaluation;
        try
        {
            evaluation = EvaluationRecord.Load(path);
        }
        catch (System.Text.Json.JsonException error)
        {
            throw new DefinitionException(
                $"{path}: not an evaluation ({error.Message.ReplaceLineEndings(" ")}); run 'aim lab evaluate' again");
        }
        return evaluation.ModelSha256 == model.Sha256
            ? new KindTable(kinds, pictures ? evaluation.Pictures : evaluation.Kinds)
            : throw new DefinitionException(
                $"{path}: made for other weights ({evaluation.ModelSha256[..8]}, the model is {model.Sha256[..8]}); run 'aim "
                    + $"lab evaluate' again");
    }

    /// <summary>Whether a kind enters the headline. Where none does, all are shown and nothing is decided.</summary>
    public bool Counts(string kind) => _evaluation?.FirstOrDefault(k => k.Kind == kind)?.Counts ?? _evaluation is null;

    /// <summary>Whether some kind counts and some does not.</summary>
    public bool IsMixed => _kinds.Any(Counts) && !_kinds.All(Counts);

    /// <summary>Whether any kind counts.</summary>
    public bool Any => _kinds.Any(Counts);

    /// <summary>Why nothing can be decided on these kinds; null where it can.</summary>
    public string? Undecided =>
        _isFile ? "no blind control was asked these questions, so none is known to need what it is shown"
        : _evaluation is null ? "the model has no evaluation.json, so no kind is known to need the frames: run 'aim lab evaluate'"
        : Any ? null : "no kind of question counts: the model beats its controls on none";

    public IReadOnlyList<KindRecord> Kinds =>
    [
        .. _kinds.Select(kind => new KindRecord(
            kind, _isFile ? "of a file of questions" : Describe(kind), Counts(kind), _isFile
                ? "counted without controls: a file's questions are asked as they are"
                : _evaluation is null
                ? "counted without controls: the model has no evaluation.json"
                : _evaluation.FirstOrDefault(k => k.Kind == kind) is { } known ? ReasonOf(known)
                    : "not in the model's evaluation.json")),
    ];

    /// <summary>The unreduced model without (part of) its evidence, as evaluated.</summary>
    public IReadOnlyList<ControlRecord> Controls
    {
        get
        {
            if (_evaluation is null)
                return [];
            IEnumerable<string> names = _evaluation.SelectMany(k => k.Controls.Keys).Distinct();
            return
            [
                .. names.Select(name =>
                {
                    KindScoreRecord[] kinds =
                    [
                        .. _evaluation.Where(k => k.Controls.ContainsKey(name))
                            .Select(k => (k.Kind, Score: k.Controls[name]))
                            .Select(k => CellFigures.KindScore(k.Kind, k.Score.Samples, k.Score.Correct)),
                    ];
                    int samples = kinds.Sum(k => k.Samples), correct = kinds.Sum(k => k.Correct);
                    return new ControlRecord(
                        _controlNames.GetValueOrDefault(name, name), samples, correct, CellFigures.Share(correct, samples),
                        kinds);
                }),
            ];
        }
    }

    public IReadOnlyList<HorizonRecord> Horizon => _evaluation is null ? [] :
    [
        .. _evaluation.Where(k => k.Horizon.Count > 0).Select(k => new HorizonRecord(
            k.Kind,
            [
                .. k.Horizon.Select(p => new Reports.Records.HorizonPoint(
                    p.Layer, p.Result.Samples, p.Result.Correct, CellFigures.Share(p.Result.Correct, p.Result.Samples))),
            ])),
    ];

    // A kind that is left out of the figures has the model card's in their place.
    private static string ReasonOf(KindEvaluation kind) => kind.Counts
        ? kind.Reason
        : string.Create(CultureInfo.InvariantCulture,
            $"{kind.Reason}; by the model card {100 * kind.Full.Accuracy:0.0} % right of {kind.Full.Samples}, unreduced");

    private static string Describe(string kind) =>
        LabKinds.DependsOnOrder(kind) ? "depends on the order of the frames" : "does not depend on the order of the frames";
}
