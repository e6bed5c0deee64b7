using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Fusion;
using Aim.Reports.Records;

namespace Aim.Experiments.InContext.Measures;

/// <summary>
/// Claim R5 and the paper's Figure 1: the most memory that a prompt takes at once, beyond the weights, over shots; with what a
/// server keeps for the demonstrations between prompts. One prompt at a time, the same attention kernel in all conditions.
/// </summary>
/// <param name="stock">Models, banks and projections.</param>
/// <param name="definition">The experiment.</param>
/// <param name="file">Its file.</param>
internal sealed class MemoryUse(ModelStock stock, InContextDefinition definition, string file)
{
    private readonly Dictionary<(string Condition, int Shots), double> _bytes = [];

    /// <summary>Measures.</summary>
    /// <exception cref="DefinitionException">A condition that is compared is not there.</exception>
    public Finding Run(CancellationToken cancel)
    {
        string raw = Needed(Form.Raw, Reuse.None), warm = Needed(Form.Fused, Reuse.Bank);
        string directory = Path.Combine(stock.Directory, "timed-bank");
        bool counted = true;
        double text = 0, picture = 0;
        foreach (var condition in definition.Conditions)
        {
            var prompts = stock.Prompts(definition, condition, file, cancel);
            foreach (int shots in definition.Shots)
            {
                var taken = new List<double>();
                foreach (var episode in definition.Tasks.SelectMany(t =>
                    LabEpisodes.Of(t, definition.Episodes, definition.Shots[^1])))
                {
                    cancel.ThrowIfCancellationRequested();
                    using var prompt = new TimedPrompt(prompts, episode, shots, reader => stock.BankIn(directory, reader));
                    // Once before: the kernels' scratch grows, and stays.
                    prompt.Run();
                    long? peak = MemoryMeter.PeakOf(() => prompt.Run());
                    counted &= peak is not null;
                    taken.Add((peak ?? 0) + prompt.Held);
                    var (words, seen) = Tokens(prompts, episode);
                    (text, picture) = (text + words, picture + seen);
                }

                _bytes[(condition.Name, shots)] = taken.Average();
            }

            stock.Output.WriteLine($"{definition.Name}: {condition.Name}, MB: " + string.Join("  ", definition.Shots.Select(n =>
                string.Create(CultureInfo.InvariantCulture, $"{n}: {_bytes[(condition.Name, n)] / 1e6:0.0}"))));
        }

        return counted ? new Finding(Claim(raw, warm, text / (text + picture)), [Figure(), Table()], IsTimed: true)
            : NotCounted();
    }

    private ClaimRecord Claim(string raw, string warm, double share)
    {
        double vanilla = Slope(raw), fused = Slope(warm);
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"A demonstration takes {vanilla / 1e6:0.000} MB with its picture and {fused / 1e6:0.000} MB fused (least squares "
                + $"over shots), {100 * fused / vanilla:0.00} % of it; its text is {100 * share:0.00} % of its tokens. From "
                + $"{definition.Shots[0]} to {definition.Shots[^1]} demonstrations memory grows "
                + $"{_bytes[(raw, definition.Shots[^1])] / _bytes[(raw, definition.Shots[0])]:0.0} times with pictures, "
                + $"{_bytes[(warm, definition.Shots[^1])] / _bytes[(warm, definition.Shots[0])]:0.00} times fused.");
        return Finding.ClaimOf(
            definition, fused <= share * vanilla ? ClaimVerdict.Holds : fused < vanilla / 2 ? ClaimVerdict.InPart
                : ClaimVerdict.NotHere, reason,
            "Holds if memory grows with a fused demonstration by at most the share of a raw one's growth that its text has of "
                + "its tokens; by less than half of it: in part",
            new MeasureRecord { What = "growth a fused demonstration", Unit = Unit.Bytes, Value = ValueRecord.Of(fused) },
            new MeasureRecord
            {
                What = "growth a demonstration with its picture",
                Unit = Unit.Bytes,
                Value = ValueRecord.Of(vanilla)
            });
    }

    private double Slope(string condition)
    {
        double x = definition.Shots.Average(), y = definition.Shots.Average(n => _bytes[(condition, n)]);
        return definition.Shots.Sum(n => (n - x) * (_bytes[(condition, n)] - y)) / definition.Shots.Sum(n => (n - x) * (n - x));
    }

    // Of an episode's demonstrations: text tokens, and those of their pictures.
    private static (double Text, double Pictures) Tokens(EpisodePrompts prompts, LabEpisode episode)
    {
        var host = prompts.Host;
        return (episode.Shots.Sum(s => host.Encode(s.Instruction + s.Answer + s.Closing).Count), episode.Shots.Sum(s =>
        {
            using var visual = host.Model.Pictures([StoryDocuments.Picture(s.Picture)])[0];
            return visual.Tokens;
        }));
    }

    private LinesRecord Figure() => new()
    {
        Id = Finding.IdOf(definition),
        Title = definition.Title,
        Lead = definition.Question,
        From = From,
        Exploratory = definition.Limit is not null,
        X = new AxisRecord { Title = "Demonstrations", Unit = Unit.Count },
        Panels =
        [
            new PanelRecord
            {
                Y = new AxisRecord { Title = "Most memory at once", Unit = Unit.Bytes, FromZero = true },
                Lines = [.. definition.Conditions.Select(c => new LineRecord
                {
                    Name = c.Name,
                    Control = c.Form != Form.Fused,
                    Points = [.. definition.Shots.Select(n =>
                        new PointRecord { X = n, Y = _bytes[(c.Name, n)], N = definition.Episodes })],
                })],
            },
        ],
    };

    private TableRecord Table() => new()
    {
        Id = Finding.IdOf(definition) + "-numbers",
        Title = Finding.TitleOf(definition, "in numbers"),
        Lead = "The most bytes of tensors in use at once beyond the weights, and what is kept between prompts.",
        From = From,
        Exploratory = definition.Limit is not null,
        RowTitle = "Condition",
        Columns =
        [
            .. definition.Shots.Select(n => new ColumnRecord { Title = $"{n} shots", Unit = Unit.Bytes }),
            new ColumnRecord { Title = "A demonstration", Unit = Unit.Bytes, Detail = "least squares" },
        ],
        Rows = [.. definition.Conditions.Select(c => new RowRecord
        {
            Name = c.Name,
            Values = [.. definition.Shots.Select(n => ValueRecord.Of(_bytes[(c.Name, n)])), ValueRecord.Of(Slope(c.Name))],
        })],
    };

    private Finding NotCounted() => new(
        Finding.ClaimOf(definition, ClaimVerdict.CannotBeTestedHere,
            "This tensor engine does not count the memory that it hands out.", "", null) with
        {
            Rule = null,
            Exhibit = null,
        },
        [], IsTimed: true);

    private string Needed(Form form, Reuse reuse) =>
        definition.Conditions.FirstOrDefault(c => c.Form == form && c.Reuse == reuse)?.Name
        ?? throw new DefinitionException($"{file}: conditions: 'measure: memory' compares raw, and fused with the bank; one is "
            + $"missing");

    private string From => string.Create(CultureInfo.InvariantCulture,
        $"{definition.Name}, {definition.Episodes} prompts a task, one at a time, their mean, "
            + $"{torch.get_num_threads()} threads");
}
