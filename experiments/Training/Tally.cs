namespace Aim.Experiments.Training;

/// <summary>Answers right and seen, by kind, over a stretch of training or an evaluation.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, (int Right, int Seen)> byKind = new(StringComparer.Ordinal);

    public double LossSum { get; private set; }

    public int LossCount { get; private set; }

    public IReadOnlyDictionary<string, (int Right, int Seen)> ByKind => byKind;

    public double Loss => LossCount == 0 ? double.NaN : LossSum / LossCount;

    public int Seen => byKind.Values.Sum(v => v.Seen);

    /// <summary>Share of right answers over all kinds.</summary>
    public double Accuracy => Seen == 0 ? double.NaN : byKind.Values.Sum(v => v.Right) / (double)Seen;

    public void Add(string kind, bool right)
    {
        var (r, s) = byKind.GetValueOrDefault(kind);
        byKind[kind] = (r + (right ? 1 : 0), s + 1);
    }

    public void AddLoss(double loss)
    {
        LossSum += loss;
        LossCount++;
    }

    public void Clear()
    {
        byKind.Clear();
        (LossSum, LossCount) = (0, 0);
    }

    public override string ToString() =>
        string.Join(' ', byKind.Select(k => FormattableString.Invariant($"{k.Key} {k.Value.Right / (double)k.Value.Seen:0.00}")));
}
