using Aim.Experiments.Statistics;

namespace Aim.Notebook;

/// <summary>Two settings of a run on the same questions: what one has beyond the other. Shares are in [-1, 1].</summary>
/// <param name="Cell">The first setting's name.</param>
/// <param name="Other">The second one's.</param>
/// <param name="Samples">Questions that count and both were asked.</param>
/// <param name="Difference">The first one's accuracy less the second one's.</param>
/// <param name="Low">Lower end of its 95 % interval (paired t).</param>
/// <param name="High">Upper end.</param>
/// <param name="Wins">Questions that only the first has right.</param>
/// <param name="Losses">Questions that only the second has right.</param>
/// <param name="P">Exact McNemar's p.</param>
public sealed record PairedResult(
    string Cell, string Other, int Samples, double Difference, double Low, double High, int Wins, int Losses, double P);

/// <summary>Comparing settings of a run with each other, not only with the unreduced model.</summary>
public static class PairedResults
{
    /// <summary>Compares two settings on the questions that count.</summary>
    /// <param name="run">The run.</param>
    /// <param name="cell">A setting's name, as <see cref="StudyRun.Cells"/> show it.</param>
    /// <param name="other">The one that it is compared with.</param>
    /// <exception cref="KeyNotFoundException">The run has no such setting.</exception>
    /// <exception cref="ArgumentException">No question that counts was asked of both.</exception>
    public static PairedResult Compare(this StudyRun run, string cell, string other)
    {
        ArgumentNullException.ThrowIfNull(run);
        var counting = run.Kinds.Where(k => k.Counts).Select(k => k.Kind).ToHashSet();
        Dictionary<string, bool> Right(string name) => run.Answers
            .Where(a => a.Cell == run[name].Cell && counting.Contains(a.Kind)).ToDictionary(a => a.Sample, a => a.Right);
        var (mine, theirs) = (Right(cell), Right(other));
        string[] shared = [.. mine.Keys.Where(theirs.ContainsKey)];
        if (shared.Length == 0)
            throw new ArgumentException($"'{cell}' and '{other}' were asked no question in common that counts: raise the limit");
        bool[] first = [.. shared.Select(s => mine[s])], second = [.. shared.Select(s => theirs[s])];
        var paired = PairedComparison.Of(first, second);
        return new PairedResult(cell, other, paired.Samples, paired.Difference, paired.Interval.Low, paired.Interval.High,
            paired.Wins, paired.Losses, paired.McNemarP);
    }
}
