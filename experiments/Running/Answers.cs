using Aim.Experiments.Planning;

namespace Aim.Experiments.Running;

/// <summary>A finished plan's answers and recordings, cell by cell in the order of the samples.</summary>
internal sealed class Answers
{
    private readonly Func<PlannedCell, int, SampleResult> _answer;
    private readonly Func<PlannedCell, int, Recordings, SampleRecording> _recording;
    private readonly Dictionary<string, IReadOnlyList<SampleResult>> _known = new(StringComparer.Ordinal);

    /// <summary>The answers that a run's journals hold.</summary>
    public Answers(Plan plan, RunJournals journals, RunKeys keys)
        : this(plan, (cell, i) => journals.Answer(RunKeys.Answer(keys.Hash, cell, i)),
            (cell, i, kind) => journals.Recording(RunKeys.Recording(keys.Hash, cell, i, kind)))
    {
    }

    /// <param name="plan">What was run.</param>
    /// <param name="answer">A cell's answer to one sample.</param>
    /// <param name="recording">A recording of a cell and sample.</param>
    public Answers(Plan plan, Func<PlannedCell, int, SampleResult> answer, Func<PlannedCell, int, Recordings,
        SampleRecording> recording) =>
        (Plan, _answer, _recording) = (plan, answer, recording);

    public Plan Plan { get; }

    /// <summary>A cell's answers.</summary>
    public IReadOnlyList<SampleResult> Of(PlannedCell cell)
    {
        if (!_known.TryGetValue(cell.Id, out var answers))
            _known[cell.Id] = answers = [.. Enumerable.Range(0, cell.Cell.Samples).Select(i => _answer(cell, i))];
        return answers;
    }

    /// <summary>Whether each of a cell's answers is right.</summary>
    public bool[] Right(PlannedCell cell) => [.. Of(cell).Select((a, i) => cell.Set.Samples[i].IsRight(a.Answer))];

    /// <summary>A cell's recordings of one kind.</summary>
    public IReadOnlyList<SampleRecording> Recordings(PlannedCell cell, Recordings kind) =>
        [.. Enumerable.Range(0, cell.Cell.Samples).Select(i => _recording(cell, i, kind))];
}
