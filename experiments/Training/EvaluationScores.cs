using System.Globalization;
using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>Counts of an evaluation in progress and the record they become.</summary>
internal sealed class EvaluationScores
{
    private readonly Dictionary<string, Tally> controls = [];
    private readonly SortedDictionary<int, Tally> layers = [];

    public Tally Full { get; } = new();

    public Tally Control(string name) => controls.TryGetValue(name, out var tally) ? tally : controls[name] = new Tally();

    public Tally AtLayer(int layer) => layers.TryGetValue(layer, out var tally) ? tally : layers[layer] = new Tally();

    /// <summary>Counts what the commonest answer of <paramref name="known"/> questions gets right.</summary>
    public void AddMajority(IEnumerable<LabSample> known, IEnumerable<LabSample> asked)
    {
        foreach (var (kind, _, samples, correct) in LabControls.Majority(known, asked))
        {
            for (var i = 0; i < samples; i++)
            {
                Control("majority").Add(kind, i < correct);
            }
        }
    }

    /// <summary>The kinds' figures and verdicts.</summary>
    public IReadOnlyList<KindEvaluation> Kinds(IReadOnlyList<string> kinds) => [.. kinds.Select(Kind)];

    private KindEvaluation Kind(string kind)
    {
        var full = Share(Full, kind);
        var byControl = controls.OrderBy(c => c.Key, StringComparer.Ordinal).ToDictionary(c => c.Key, c => Share(c.Value, kind));
        var order = LabKinds.DependsOnOrder(kind) && controls.ContainsKey("shuffled");
        var (counts, reason) = Verdict(full, byControl, order);
        return new KindEvaluation
        {
            Kind = kind,
            Order = order,
            Counts = counts,
            Reason = reason,
            Full = full,
            Controls = byControl,
            Horizon = [.. layers.Where(l => l.Value.ByKind.ContainsKey(kind)).Select(l =>
                new HorizonPoint(l.Key, Share(l.Value, kind)))],
        };
    }

    /// <summary>
    /// Whether a kind counts: 30 points above the better of blank frames and text alone; order kinds 20 above shuffled frames.
    /// </summary>
    internal static (bool Counts, string Reason) Verdict(Proportion full, IReadOnlyDictionary<string, Proportion> controls,
        bool order)
    {
        var blind = Math.Max(controls["blank"].Accuracy, controls["text"].Accuracy);
        var overBlind = full.Accuracy - blind;
        var overShuffled = order ? full.Accuracy - controls["shuffled"].Accuracy : 0;
        var counts = overBlind >= LabEvaluation.BlindMargin && (!order || overShuffled >= LabEvaluation.ShuffledMargin);
        var reason = string.Create(CultureInfo.InvariantCulture,
            $"{100 * overBlind:+0.0;-0.0} points over blind ({100 * LabEvaluation.BlindMargin:0} needed)");
        if (order)
        {
            reason += string.Create(CultureInfo.InvariantCulture,
                $", {100 * overShuffled:+0.0;-0.0} over shuffled frames ({100 * LabEvaluation.ShuffledMargin:0} needed)");
        }

        return (counts, reason);
    }

    private static Proportion Share(Tally tally, string kind)
    {
        var (right, seen) = tally.ByKind[kind];
        return Proportion.Of(right, seen);
    }
}
