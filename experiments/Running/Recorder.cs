using Aim.Datasets;
using Aim.Experiments.Analysis;
using Aim.Experiments.Planning;
using Aim.Models;
using Aim.Reduction;

namespace Aim.Experiments.Running;

/// <summary>What a sample's way leaves behind beside its answer: makes the recordings of one prefill.</summary>
internal sealed class Recorder
{
    // Recorded shares and weights: finer than any interval, short on disk.
    private const int Digits = 5;

    private readonly PlannedCell _cell;
    private readonly SampleViews _views;
    private readonly Prompted _prompted;
    private readonly PrefillResult _prefill;

    /// <param name="cell">The cell.</param>
    /// <param name="views">The sample before the method.</param>
    /// <param name="prompted">The prompt behind merging.</param>
    /// <param name="prefill">The prefill, recorded with <see cref="FlagsOf"/>.</param>
    public Recorder(PlannedCell cell, SampleViews views, Prompted prompted, PrefillResult prefill) =>
        (_cell, _views, _prompted, _prefill) = (cell, views, prompted, prefill);

    /// <summary>What the decoder must record for these recordings.</summary>
    public static PrefillRecording FlagsOf(Recordings record) =>
        record.HasFlag(Recordings.Attention) ? PrefillRecording.Attention : PrefillRecording.None;

    /// <summary>The recordings that are asked for.</summary>
    public IEnumerable<Recorded> Of(Recordings record)
    {
        if (record.HasFlag(Recordings.Attention))
        {
            var attention = Attention();
            yield return new Recorded(Recordings.Attention,
                (key, cell, sample) => new SampleRecording(key, cell, sample) { Attention = attention });
        }
        if (record.HasFlag(Recordings.Kept))
        {
            var kept = Kept();
            yield return new Recorded(Recordings.Kept,
                (key, cell, sample) => new SampleRecording(key, cell, sample) { Kept = kept });
        }
        if (record.HasFlag(Recordings.Merges))
        {
            var merges = Merges();
            yield return new Recorded(Recordings.Merges,
                (key, cell, sample) => new SampleRecording(key, cell, sample) { Merges = merges });
        }
        if (record.HasFlag(Recordings.Trace))
        {
            var trace = Trace();
            yield return new Recorded(Recordings.Trace,
                (key, cell, sample) => new SampleRecording(key, cell, sample) { Trace = trace });
        }
    }

    private TraceRecording Trace()
    {
        int side = (int)Math.Round(Math.Sqrt(_views.Places));
        // The merged tokens' slots in the tokens' order, then the newlines'.
        int[] slots = [.. _prompted.Layout.VisualSlots.OrderBy(s => _prompted.TokenAt[s] < 0 ? int.MaxValue
            : _prompted.TokenAt[s])];
        var groups = new TokenTrace(_prompted.Origin, new PatchGrid(_views.Frames, side, side), slots,
            [.. _prefill.Alive.Select(a => a[0])]).Groups();
        return new TraceRecording(groups.Groups, groups.Last);
    }

    /// <summary>What the sample's tokens show before merging, from where the lab draws things.</summary>
    public static TokenOwners OwnersOf(SampleViews views)
    {
        var sample = ((LabTestSample)views.Sample).Lab;
        var clip = sample.Clip;
        int grid = (int)Math.Round(Math.Sqrt(views.Places));
        // All views of a picture show the whole of it.
        var frames = views.Set.Name.IsPicture
            ? [.. Enumerable.Repeat(clip.Owners(0), views.Frames)]
            : sample.FrameIndices.Select(clip.Owners).ToList();
        return TokenOwners.Of(frames, LabWorld.Canvas, grid, clip.Things.Count + 1);
    }

    private AttentionRecording Attention()
    {
        var attention = _prefill.Attention!;
        int layers = attention.Count;
        double Visual(int l) => l == 0 ? _prompted.Layout.Visual : _prefill.Alive[l - 1][0].Count(IsVisual);
        return new AttentionRecording(
            [.. Enumerable.Range(0, layers).Select(l => Round(attention[l][0].Last))],
            [.. Enumerable.Range(0, layers).Select(l => Round(attention[l][0].Text))],
            [.. Enumerable.Range(0, layers).Select(l => Round(Visual(l) / _prefill.TokensPerLayer[0][l]))]);
    }

    private KeptRecording Kept()
    {
        int places = _views.Places, frames = _views.Frames;
        var patches = Patches(_prompted.Origin, places);
        var owners = OwnersOf(_views);
        double OnThings(IReadOnlyList<int> tokens) => tokens.Count == 0 ? 0 : tokens.Average(t => patches[t].Sum(
            p => TokenOwners.OwnerOf(owners.Pixels(p.Frame, p.Place)) > 0 ? p.Weight : 0));

        var layers = new List<int>();
        var histograms = new List<KeptHistogram>();
        var things = new List<double>();
        int before = _prompted.Layout.Visual;
        for (int l = 0; l < _prefill.Alive.Length; l++)
        {
            int[] visual = [.. _prefill.Alive[l][0].Where(IsVisual)];
            int[] tokens = [.. visual.Select(TokenOf).Where(t => t >= 0)];
            if (visual.Length < before && tokens.Length > 0)
            {
                layers.Add(l);
                histograms.Add(KeptPositions.Of(tokens, patches, frames, places));
                things.Add(Round(OnThings(tokens)));
            }
            before = visual.Length;
        }
        return new KeptRecording(
            layers, [.. histograms.Select(h => Rounded(h.Places))], [.. histograms.Select(h => Rounded(h.Frames))], things,
            Round(OnThings([.. Enumerable.Range(0, patches.Count)])));
    }

    private MergesRecording Merges()
    {
        var merger = (AimMerger)_cell.Method.Merger;
        using var scope = NewDisposeScope();
        var steps = merger.Merge(_views.Features(), null).Steps;
        var counts = MergeKinds.Of(OwnersOf(_views), [.. steps.Select(step =>
            new MergeAssignment([.. Enumerable.Range(0, _views.Frames).Select(step.Assign)]))]);
        return new MergesRecording(counts.Observed, [.. counts.Expected.Select(Rounded)]);
    }

    /// <summary>Of every merged token its patches with weights that add up to 1.</summary>
    public static IReadOnlyList<IReadOnlyList<(int Frame, int Place, double Weight)>> Patches(Provenance origin, int places) =>
    [
        .. Enumerable.Range(0, origin.Outputs).Select(token =>
        {
            var (from, weights) = (origin.From(token), origin.Weights(token));
            double sum = weights.Sum(w => (double)w);
            return (IReadOnlyList<(int, int, double)>)
                [.. from.Select((input, k) => (input / places, input % places, sum == 0 ? 1.0 / from.Count : weights[k] / sum))];
        }),
    ];

    // Slots beyond the prompt's are tokens that a pruner made: they have no place.
    private bool IsVisual(int slot) => slot >= _prompted.Layout.Length || _prompted.Layout.IsVisual[slot];

    private int TokenOf(int slot) => slot < _prompted.Layout.Length ? _prompted.TokenAt[slot] : -1;

    private static IReadOnlyList<double> Rounded(IReadOnlyList<double> values) => [.. values.Select(Round)];

    private static double Round(double value) => Math.Round(value, Digits);
}
