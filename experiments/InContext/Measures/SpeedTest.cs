using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Experiments.Statistics;
using Aim.Fusion;
using Aim.Reports.Records;

namespace Aim.Experiments.InContext.Measures;

/// <summary>
/// Claim R6 and the paper's Figure 1, by the clock: seconds to the first token and of the decoder's prefill, over shots, of all
/// conditions in turn so that a change of the machine's mood meets all of them; whether the bank's answers have the same bits as
/// those of reading anew; what it found, and what an entry weighs beside the keys and values that the rival keeps.
/// </summary>
/// <param name="stock">Models, banks and projections.</param>
/// <param name="definition">The experiment.</param>
/// <param name="file">Its file.</param>
internal sealed class SpeedTest(ModelStock stock, InContextDefinition definition, string file)
{
    private const int Repeats = 5;

    private readonly List<Measured> _measured = [];

    /// <summary>Measures; nothing of it is kept for another run.</summary>
    /// <exception cref="DefinitionException">A condition that is compared is not there.</exception>
    public Finding Run(CancellationToken cancel)
    {
        var (raw, warm, cold) = (Needed(Form.Raw, Reuse.None), Needed(Form.Fused, Reuse.Bank), Needed(Form.Fused, Reuse.None));
        var prefix = definition.Conditions.FirstOrDefault(c => c.Reuse == Reuse.Prefix);
        var prompts = definition.Conditions.ToDictionary(c => c.Name, c => stock.Prompts(definition, c, file, cancel));
        string directory = Path.Combine(stock.Directory, "timed-bank");
        bool same = true;
        long entryBytes = 0;
        var use = new BankUse();
        foreach (int shots in definition.Shots)
        {
            foreach (var episode in definition.Tasks.SelectMany(t =>
                LabEpisodes.Of(t, definition.Episodes, definition.Shots[^1])))
            {
                var timed = definition.Conditions.Select(c =>
                    (Condition: c, Prompt: new TimedPrompt(prompts[c.Name], episode, shots,
                        reader => stock.BankIn(directory, reader)))).ToList();
                try
                {
                    var before = timed.First(t => t.Condition == warm).Prompt.Use!.Value;
                    var logits = new Dictionary<string, float[]>(StringComparer.Ordinal);
                    // Round -1 warms caches, pools and the just-in-time compiler up.
                    for (int round = -1; round < Repeats; round++)
                    {
                        foreach (var (condition, prompt) in timed)
                        {
                            cancel.ThrowIfCancellationRequested();
                            var run = prompt.Run();
                            logits[condition.Name] = run.Logits;
                            if (round >= 0)
                                _measured.Add(new Measured(condition.Name, shots, run, prompt.Held));
                        }
                    }

                    var bits = logits[warm.Name].Select(BitConverter.SingleToInt32Bits);
                    same &= bits.SequenceEqual(logits[cold.Name].Select(BitConverter.SingleToInt32Bits));
                    var after = timed.First(t => t.Condition == warm).Prompt.Use!.Value;
                    use = new BankUse(use.Hits + after.Hits - before.Hits, use.Misses + after.Misses - before.Misses, 0);
                }
                finally
                {
                    timed.ForEach(t => t.Prompt.Dispose());
                }
            }

            stock.Output.WriteLine($"{definition.Name}: {shots} shots, ms to the first token: "
                + string.Join("  ", definition.Conditions.Select(c =>
                string.Create(CultureInfo.InvariantCulture, $"{c.Name} {1000 * Median(c.Name, shots, r => r.Total):0.0}"))));
        }

        if (BankMaintenance.Measure(directory) is { Entries: > 0 } held)
            entryBytes = held.Bytes / held.Entries;
        return new Finding(Claim(raw, warm, cold, prefix, same), [Figure(), Table(prefix, use, entryBytes)], IsTimed: true);
    }

    private ClaimRecord Claim(Condition raw, Condition warm, Condition cold, Condition? prefix, bool same)
    {
        int most = definition.Shots[^1];
        double decoder = Ratio(raw.Name, warm.Name, r => r.Prefill), whole = Ratio(raw.Name, warm.Name, r => r.Total);
        double reading = Ratio(cold.Name, warm.Name, r => r.Total);
        bool fast = decoder >= definition.Factor && whole >= definition.Factor, warmer = reading >= 1;
        string rival = prefix is null ? "" : string.Create(CultureInfo.InvariantCulture,
            $" Against KV-prefix caching: {Ratio(prefix.Name, warm.Name, r => r.Prefill):0.00} times as fast in the decoder, "
                + $"{Ratio(prefix.Name, warm.Name, r => r.Total):0.00} to the first token.");
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"With {most} demonstrations and the bank warm the decoder's prefill is {decoder:0.0} times faster than with all "
                + $"pictures, the whole way to the first token {whole:0.0} times; {reading:0.0} times faster than reading the "
                + $"demonstrations anew. Logits warm and cold "
                + $"{(same ? "have the same bits at every number of shots" : "DIFFER")}.{rival} Ratios of medians.");
        MeasureRecord Of(string what, string slow, Func<TimedRun, double> of) => new()
        {
            What = what,
            Unit = Unit.Ratio,
            Value = ValueRecord.Of(Ratio(slow, warm.Name, of), n: Times(warm.Name, most, of).Length, detail: string.Create(
                CultureInfo.InvariantCulture,
                $"from {Times(slow, most, of).Min() / Times(warm.Name, most, of).Max():0.0} (fastest by slowest repeat) to "
                    + $"{Times(slow, most, of).Max() / Times(warm.Name, most, of).Min():0.0}")),
        };
        return Finding.ClaimOf(
            definition, same && fast && warmer ? ClaimVerdict.Holds : same || fast ? ClaimVerdict.InPart
                : ClaimVerdict.NotHere, reason,
            string.Create(CultureInfo.InvariantCulture,
                $"Holds if with the most demonstrations a warm fused prompt is at least {definition.Factor} times faster than "
                    + $"one with all pictures, in the decoder's prefill and to the first token, and no slower than a cold one, "
                    + $"by medians of one run, and if warm and cold logits have the same bits"),
            Of($"prefill with all pictures by that of a warm fused prompt, {most} demonstrations", raw.Name, r => r.Prefill),
            prefix is null ? null : Of($"the same of KV-prefix caching, {most} demonstrations", prefix.Name, r => r.Prefill));
    }

    private LinesRecord Figure() => new()
    {
        Id = Finding.IdOf(definition),
        Title = definition.Title,
        Lead = definition.Question,
        From = From,
        Exploratory = definition.Limit is not null,
        Note = "Medians over prompts and repeats; the table has the fastest and the slowest.",
        X = new AxisRecord { Title = "Demonstrations", Unit = Unit.Count },
        Panels =
        [
            Panel("To the first token", Unit.Milliseconds, (c, n) => Times(c, n, r => 1000 * r.Total)),
            Panel("Decoder's prefill", Unit.Milliseconds, (c, n) => Times(c, n, r => 1000 * r.Prefill)),
            Panel("Prompts a second", Unit.Number, (c, n) => Times(c, n, r => 1 / r.Total)),
        ],
    };

    private PanelRecord Panel(string title, Unit unit, Func<string, int, double[]> of) => new()
    {
        Y = new AxisRecord { Title = title, Unit = unit, FromZero = true },
        Lines = [.. definition.Conditions.Select(c => new LineRecord
        {
            Name = c.Name,
            Control = c.Form != Form.Fused,
            Points = [.. definition.Shots.Select(n => new PointRecord
            {
                X = n,
                Y = Percentile.Median(of(c.Name, n)),
                N = of(c.Name, n).Length,
            })],
        })],
    };

    private TableRecord Table(Condition? prefix, BankUse use, long entryBytes)
    {
        int most = definition.Shots[^1];
        string rawName = Needed(Form.Raw, Reuse.None).Name;
        long prefixBytes = prefix is null ? 0 : _measured.Where(m => m.Condition == prefix.Name && m.Shots == most).Max(m =>
            m.Held) / Math.Max(1, most);
        return new TableRecord
        {
            Id = Finding.IdOf(definition) + "-numbers",
            Title = Finding.TitleOf(definition, $"with {most} demonstrations, in numbers"),
            Lead = string.Create(CultureInfo.InvariantCulture,
                $"While warm prompts were timed the bank was asked for {use.Hits + use.Misses} aggregates and found "
                    + $"{100 * use.HitRate:0.0} % of them."),
            From = From,
            Exploratory = definition.Limit is not null,
            RowTitle = "Condition",
            Columns =
            [
                new ColumnRecord { Title = "To the first token", Unit = Unit.Milliseconds, Detail = "median" },
                new ColumnRecord { Title = "Decoder's prefill", Unit = Unit.Milliseconds, Detail = "median" },
                new ColumnRecord { Title = "Times faster", Unit = Unit.Ratio, Detail = "to the first token, than all pictures" },
                new ColumnRecord { Title = "Executed", Unit = Unit.Flop, Detail = "pictures, demonstrations and prefill" },
                new ColumnRecord { Title = "Kept", Unit = Unit.Bytes, Detail = "for each demonstration, between prompts" },
            ],
            Rows = [.. definition.Conditions.Select(c => new RowRecord
            {
                Name = c.Name,
                Values =
                [
                    ValueRecord.Of(1000 * Median(c.Name, most, r => r.Total), detail: Spread(c.Name, r => r.Total)),
                    ValueRecord.Of(1000 * Median(c.Name, most, r => r.Prefill), detail: Spread(c.Name, r => r.Prefill)),
                    ValueRecord.Of(Ratio(rawName, c.Name, r => r.Total)),
                    ValueRecord.Of(Times(c.Name, most, r => r.Flops).Average()),
                    c.Reuse switch
                    {
                        Reuse.Bank => ValueRecord.Of(entryBytes, detail: "on disk, in any order"),
                        Reuse.Prefix => ValueRecord.Of(prefixBytes, detail: "in memory, in one order"),
                        _ => ValueRecord.Of(0),
                    },
                ],
            })],
        };
    }

    private Condition Needed(Form form, Reuse reuse) =>
        definition.Conditions.FirstOrDefault(c => c.Form == form && c.Reuse == reuse)
        ?? throw new DefinitionException($"{file}: conditions: 'measure: speed' compares raw, fused with the bank, and fused "
            + $"with 'reuse: none'; one is missing");

    private double[] Times(string condition, int shots, Func<TimedRun, double> of)
        => [.. _measured.Where(m => m.Condition == condition && m.Shots == shots).Select(m => of(m.Run))];

    private double Median(string condition, int shots, Func<TimedRun, double> of) =>
        Percentile.Median(Times(condition, shots, of));

    private double Ratio(string slow, string fast, Func<TimedRun, double> of)
        => Median(slow, definition.Shots[^1], of) / Median(fast, definition.Shots[^1], of);

    // The fastest and the slowest, in milliseconds.
    private string Spread(string condition, Func<TimedRun, double> of)
    {
        double[] all = Times(condition, definition.Shots[^1], of);
        return string.Create(CultureInfo.InvariantCulture, $"{1000 * all.Min():0.0} to {1000 * all.Max():0.0}");
    }

    private string From => string.Create(CultureInfo.InvariantCulture,
        $"{definition.Name}, {definition.Episodes} prompts a task, {Repeats} repeats each, conditions in turn, one prompt at a "
            + $"time, {torch.get_num_threads()} threads");

    private sealed record Measured(string Condition, int Shots, TimedRun Run, long Held);
}
