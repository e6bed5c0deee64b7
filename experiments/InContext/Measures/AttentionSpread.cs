using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Statistics;
using Aim.Fusion;
using Aim.Models;
using Aim.Reports.Records;

namespace Aim.Experiments.InContext.Measures;

/// <summary>
/// Claim R7 and the paper's Figure 3: where attention goes when the first token of the answer is generated, in prompts with all
/// pictures. The paper does not say how it scores that, so both readings are given: the mass that goes to a modality (summed over
/// its tokens) and the density (a token's share), since a picture has many more tokens than a text. Heads are averaged, layers
/// are apart.
/// </summary>
/// <param name="stock">Models and banks.</param>
/// <param name="definition">The experiment.</param>
/// <param name="file">Its file.</param>
internal sealed class AttentionSpread(ModelStock stock, InContextDefinition definition, string file)
{
    private const int Texts = 0, PicturesOfDemonstrations = 1, Random = 2, QueryPicture = 3, QueryText = 4;

    private static readonly string[] s_parts =
        ["demonstrations' texts", "demonstrations' pictures", "random places of demonstrations", "query's picture",
            "query's text"];

    /// <summary>Looks at every prompt.</summary>
    public Finding Run(CancellationToken cancel)
    {
        int shots = definition.Shots[^1];
        var condition = definition.Conditions.First();
        var pack = stock.Prompts(definition, condition, file, cancel);
        var exhibits = new List<ExhibitRecord>();
        var (density, mass, control) = (new List<double>(), new List<double>(), new List<double>());
        var panels = new List<PanelRecord>();
        foreach (var task in definition.Tasks)
        {
            var looks = new List<Look>();
            var episodes = LabEpisodes.Of(task, definition.Episodes + 1, shots);
            foreach (var (episode, other) in episodes.Zip(episodes.Skip(1)))
            {
                cancel.ThrowIfCancellationRequested();
                looks.Add(LookAt(pack, episode, other, shots));
            }

            density.AddRange(looks.Select(l => l.Mean(l.Density, Texts) - l.Mean(l.Density, PicturesOfDemonstrations)));
            mass.AddRange(looks.Select(l => l.Mean(l.Mass, Texts) - l.Mean(l.Mass, PicturesOfDemonstrations)));
            control.AddRange(looks.Select(l => l.Mean(l.Density, Texts) - l.Mean(l.Density, Random)));
            panels.Add(Panel($"Share of attention a token, {InContextReader.NameOf(task)}", looks, l => l.Density,
                [Texts, PicturesOfDemonstrations, Random, QueryPicture, QueryText]));
            panels.Add(Panel($"Share of attention, {InContextReader.NameOf(task)}", looks, l => l.Mass,
                [Texts, PicturesOfDemonstrations, QueryPicture, QueryText]));
            exhibits.Add(Map(task, looks, shots));
            stock.Output.WriteLine($"{definition.Name}: {InContextReader.NameOf(task)}, {looks.Count} prompts");
        }

        exhibits.Insert(0, Figure(panels, shots));
        return new Finding(Claim(MeanOf.Values(density), MeanOf.Values(mass), MeanOf.Values(control)), exhibits);
    }

    private ClaimRecord Claim(MeanOf density, MeanOf mass, MeanOf control)
    {
        bool holds = density.Interval.Low > 0, controlled = control.Interval.Low > 0;
        string agrees = mass.Interval.Low > 0 ? "The mass agrees" : mass.Interval.High < 0
            ? "The mass says the opposite: all texts together get less than all pictures"
            : "The mass is undecided";
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"A token of a demonstration's text gets {100 * density.Mean:+0.000;-0.000} % more attention than one of its "
                + $"picture (95 % interval {100 * density.Interval.Low:+0.000;-0.000} to "
                + $"{100 * density.Interval.High:+0.000;-0.000}). {agrees} ({100 * mass.Mean:+0.0;-0.0} %). Mean over layers, "
                + $"{density.Samples} prompts.");
        return Finding.ClaimOf(
            definition, holds ? controlled ? ClaimVerdict.Holds : ClaimVerdict.InPart : density.Interval.High < 0
                ? ClaimVerdict.NotHere : ClaimVerdict.CannotBeTestedHere, reason,
            "Holds if a text token's share less a picture token's, mean over layers, is above 0 with its whole 95 % interval; "
                + "control: also above that of places of demonstrations drawn at random. The mass is reported beside it",
            Of("attention a token: demonstrations' texts minus their pictures", density),
                Of("attention a token: demonstrations' texts minus random places of demonstrations", control));
    }

    private static MeasureRecord Of(string what, MeanOf mean) => new()
    {
        What = what,
        Unit = Unit.Percent,
        Value = ValueRecord.Of(mean.Mean, new IntervalRecord(mean.Interval.Low, mean.Interval.High), mean.Samples),
    };

    private static Look LookAt(EpisodePrompts pack, LabEpisode episode, LabEpisode other, int shots)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var packed = pack.Of(episode, other, shots);
        using var prefill = pack.Host.Model.Language.Prefill(packed.Embeds.unsqueeze(0), [packed.Layout],
            record: PrefillRecording.LastRow);
        // Spans: what opens the sequence, picture and text of each demonstration, the query's picture, its text.
        int[][] segments = [.. packed.Spans.Skip(1).Select(s => Slots(s, packed.Length))];
        int[] texts = [.. Enumerable.Range(0, shots).SelectMany(i => segments[(2 * i) + 1])],
            pictures = [.. Enumerable.Range(0, shots).SelectMany(i => segments[2 * i])];
        int[] both = [.. pictures, .. texts];
        int[] random = [.. new LabRandom((ulong)episode.Task, (ulong)episode.Index).Distinct(texts.Length,
            both.Length).Select(i => both[i])];
        int[][] parts = [texts, pictures, random, segments[^2], segments[^1]];
        double[] Mass(float[] row) => [.. parts.Select(slots => slots.Sum(s => (double)row[s]))];
        var rows = prefill.LastRow!;
        return new Look(
            [.. rows.Select(r => Mass(r[0]))], [.. rows.Select(r =>
                Mass(r[0]).Zip(parts, (m, slots) => m / Math.Max(1, slots.Length)).ToArray())],
            [.. rows.Select(r => segments.Select(slots => slots.Sum(s => (double)r[0][s])).ToArray())],
                [.. segments.Select(s => s.Length)]);
    }

    private static int[] Slots(Range span, int length)
    {
        var (from, count) = span.GetOffsetAndLength(length);
        return [.. Enumerable.Range(from, count)];
    }

    private LinesRecord Figure(IReadOnlyList<PanelRecord> panels, int shots) => new()
    {
        Id = Finding.IdOf(definition),
        Title = definition.Title,
        Lead = definition.Question,
        From = From(shots),
        Exploratory = definition.Limit is not null,
        X = new AxisRecord { Title = "Decoder layer", Unit = Unit.Count },
        Panels = panels,
    };

    private static PanelRecord Panel(string title, IReadOnlyList<Look> looks, Func<Look, double[][]> of, int[] parts) => new()
    {
        Y = new AxisRecord { Title = title, Unit = Unit.Percent, FromZero = true },
        Lines = [.. parts.Select(part => new LineRecord
        {
            Name = s_parts[part],
            Control = part == Random,
            Points = [.. Enumerable.Range(0, of(looks[0]).Length).Select(layer =>
            {
                var mean = MeanOf.Values([.. looks.Select(l => of(l)[layer][part])]);
                return new PointRecord { X = layer + 1, Y = mean.Mean,
                    Interval = new IntervalRecord(mean.Interval.Low, mean.Interval.High), N = mean.Samples };
            })],
        })],
    };

    // The paper's figure: brighter is more.
    private HeatMapRecord Map(LabTask task, IReadOnlyList<Look> looks, int shots) => new()
    {
        Id = $"{Finding.IdOf(definition)}-{InContextReader.NameOf(task)}",
        Title = $"Attention of the first answer token by place and layer, {InContextReader.NameOf(task)}",
        Lead = "From left to right the prompt: picture and text of each demonstration, then the query's; from top to bottom the "
            + "layers. A token's share, as a multiple of what each of the prompt's tokens would get of an even spread, or "
            + "the share "
            + "of all tokens there.",
        From = From(shots),
        Exploratory = definition.Limit is not null,
        XTitle = "Place in the prompt",
        YTitle = "Decoder layer",
        X = [.. Enumerable.Range(1, shots).SelectMany(i => (string[])[$"picture {i}", $"text {i}"]), "query's picture",
            "query's text"],
        Y = [.. Enumerable.Range(1, looks[0].Mass.Length).Select(l => l.ToString(CultureInfo.InvariantCulture))],
        Layers =
        [
            new HeatLayerRecord { Title = "A token's share, times an even spread", Unit = Unit.Ratio,
                Values = Cells(looks, perToken: true) },
            new HeatLayerRecord { Title = "Share of all tokens there", Unit = Unit.Percent,
                Values = Cells(looks, perToken: false) },
        ],
    };

    private static IReadOnlyList<IReadOnlyList<ValueRecord?>> Cells(IReadOnlyList<Look> looks, bool perToken) =>
    [
        .. Enumerable.Range(0, looks[0].Segments.Length).Select(layer => (IReadOnlyList<ValueRecord?>)
            [.. Enumerable.Range(0, looks[0].Lengths.Length).Select(s =>
                ValueRecord.Of(looks.Average(l => l.Segments[layer][s] * (perToken ? (double)l.Lengths.Sum() / l.Lengths[s]
                    : 1)), n: looks.Count))]),
    ];

    private string From(int shots) => string.Create(CultureInfo.InvariantCulture,
        $"{definition.Name}, {definition.Episodes} episodes a task, {shots} demonstrations with their pictures, last token of "
            + $"the prompt");

    /// <summary>One prompt's attention.</summary>
    /// <param name="Mass"><c>[layer][part]</c>.</param>
    /// <param name="Density"><c>[layer][part]</c>, divided by the part's tokens.</param>
    /// <param name="Segments"><c>[layer][segment]</c>: pictures and texts in the order of the prompt.</param>
    /// <param name="Lengths">Tokens of each segment.</param>
    private sealed record Look(double[][] Mass, double[][] Density, double[][] Segments, int[] Lengths)
    {
        public double Mean(double[][] of, int part) => of.Average(layer => layer[part]);
    }
}
