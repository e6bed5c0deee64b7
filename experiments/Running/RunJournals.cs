using Aim.Experiments.Planning;

namespace Aim.Experiments.Running;

/// <summary>A run's journals of answers and of recordings, with everything that is known by its content key.</summary>
internal sealed class RunJournals : IDisposable
{
    private readonly Journal<SampleResult> _answers;
    private readonly Journal<SampleRecording> _recordings;
    private readonly Dictionary<string, SampleResult> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SampleRecording> _recorded = new(StringComparer.Ordinal);

    private RunJournals(Journal<SampleResult> answers, Journal<SampleRecording> recordings) =>
        (_answers, _recordings) = (answers, recordings);

    /// <summary>Opens a run's journals and takes over what other runs with the same keys know and the plan wants.</summary>
    /// <param name="run">The run.</param>
    /// <param name="stored">The other runs' journals; what is of use is copied, so that a run stands alone.</param>
    /// <param name="plan">What is wanted.</param>
    /// <param name="keys">What computes it.</param>
    /// <exception cref="DefinitionException">A journal is in use or damaged.</exception>
    public static RunJournals Open(RunDirectory run, IEnumerable<RunDirectory> stored, Plan plan, RunKeys keys)
    {
        var answers = Journal<SampleResult>.Open(run.Journal, out var replayed);
        Journal<SampleRecording> recordings;
        IReadOnlyList<SampleRecording> recorded;
        try
        {
            recordings = Journal<SampleRecording>.Open(run.Recordings, out recorded);
        }
        catch
        {
            answers.Dispose();
            throw;
        }
        var journals = new RunJournals(answers, recordings);
        foreach (var line in replayed)
            journals._known[line.Key] = line;
        foreach (var line in recorded)
            journals._recorded[line.Key] = line;
        var (wanted, wantedRecordings) = Runner.Wanted(plan, keys.Hash);
        foreach (var other in stored)
            journals.Add(
                [.. Lines<SampleResult>(other.Journal).Where(r => wanted.Contains(r.Key)).DistinctBy(r => r.Key)
                    .Where(r => !journals.Has(r.Key))],
                [.. Lines<SampleRecording>(other.Recordings).Where(r => wantedRecordings.Contains(r.Key)).DistinctBy(r => r.Key)
                    .Where(r => !journals.HasRecording(r.Key))]);
        return journals;
    }

    public bool Has(string key) => _known.ContainsKey(key);

    public bool HasRecording(string key) => _recorded.ContainsKey(key);

    public SampleResult Answer(string key) => _known[key];

    public SampleRecording Recording(string key) => _recorded[key];

    /// <summary>Appends what is new.</summary>
    public void Add(IReadOnlyList<SampleResult> answers, IEnumerable<SampleRecording> recordings)
    {
        // A batch that a kill cut is computed whole: what the journals have of it already is the same and stays as it is.
        SampleResult[] fresh = [.. answers.Where(a => !_known.ContainsKey(a.Key))];
        SampleRecording[] recorded = [.. recordings.Where(r => !_recorded.ContainsKey(r.Key))];
        if (fresh.Length > 0)
            _answers.Append(fresh);
        if (recorded.Length > 0)
            _recordings.Append(recorded);
        foreach (var line in fresh)
            _known[line.Key] = line;
        foreach (var line in recorded)
            _recorded[line.Key] = line;
    }

    /// <summary>Waits until everything is on the disk.</summary>
    public void Flush()
    {
        _answers.Flush();
        _recordings.Flush();
    }

    public void Dispose()
    {
        _answers.Dispose();
        _recordings.Dispose();
    }

    private static IReadOnlyList<T> Lines<T>(string path) where T : class, IJournalLine<T> =>
        File.Exists(path) ? Journal<T>.Read(path) : [];
}
