using System.Globalization;
using Aim.Datasets;
using Aim.Fusion;
using Aim.Models;
using Aim.Reports.Records;

namespace Aim.Experiments.InContext.Measures;

/// <summary>
/// Claim R4: a fused prompt has exactly as many tokens as the demonstrations' texts, the query's picture and the query's text.
/// Prompts are packed and their slots counted; what they should be follows from the tokenizer and the model's configuration
/// alone.
/// </summary>
/// <param name="stock">Models and banks.</param>
/// <param name="definition">The experiment.</param>
/// <param name="file">Its file.</param>
internal sealed class TokenCount(ModelStock stock, InContextDefinition definition, string file)
{
    /// <summary>Packs every prompt and counts.</summary>
    public Finding Run(CancellationToken cancel)
    {
        int prompts = 0, exact = 0;
        var rows = new List<RowRecord>();
        var lines = new List<LineRecord>();
        foreach (var condition in definition.Conditions)
        {
            var pack = stock.Prompts(definition, condition, file, cancel);
            var means = new List<ValueRecord>();
            foreach (int shots in definition.Shots)
            {
                cancel.ThrowIfCancellationRequested();
                var (counted, right) = Count(pack, shots);
                (prompts, exact) = (prompts + counted.Count, exact + right);
                means.Add(ValueRecord.Of(counted.Average(), n: counted.Count, detail: $"{right} of {counted.Count} exact"));
            }

            rows.Add(new RowRecord { Name = condition.Name, Values = means });
            lines.Add(new LineRecord
            {
                Name = condition.Name,
                Control = condition.Form != Form.Fused,
                Points = [.. definition.Shots.Zip(means, (n, v) => new PointRecord { X = n, Y = v.Value!.Value, N = v.N })],
            });
        }

        string found = string.Create(CultureInfo.InvariantCulture,
            $"{exact} of {prompts} prompts have exactly the tokens that they should.");
        var claim = Finding.ClaimOf(
            definition, exact == prompts ? ClaimVerdict.Holds : ClaimVerdict.NotHere, found,
            "Holds if every prompt has, to the token, what its form says: fused the sum of the demonstrations' text tokens, the "
                + "picture's and the query's; raw also each demonstration's picture",
            new MeasureRecord
            {
                What = "prompts with exactly the expected tokens",
                Unit = Unit.Percent,
                Value = ValueRecord.Of(exact / (double)prompts, n: prompts)
            });
        return new Finding(claim, [Figure(lines), Table(rows)]);
    }

    private (List<double> Tokens, int Right) Count(EpisodePrompts pack, int shots)
    {
        var tokens = new List<double>();
        int right = 0;
        foreach (var task in definition.Tasks)
        {
            var episodes = LabEpisodes.Of(task, definition.Episodes + 1, definition.Shots[^1]);
            foreach (var (episode, other) in episodes.Zip(episodes.Skip(1)))
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                int length = pack.Of(episode, other, shots).Length;
                tokens.Add(length);
                right += length == Expected(pack, episode, shots) ? 1 : 0;
            }
        }

        return (tokens, right);
    }

    // From the texts' ids and the pictures' sizes: nothing is packed.
    private static int Expected(EpisodePrompts pack, LabEpisode episode, int shots)
    {
        var (host, form) = (pack.Host, pack.Condition.Form);
        var shown = episode.Shots.Take(shots).ToArray();
        int TextOf(LabShot shot) => host.Encode((form == Form.Words ? shot.Words : "") + shot.Instruction + shot.Answer
            + shot.Closing).Count;
        int picture = PictureOf(host.Model, episode.Query);
        return InContextPrompt.FusedLength(shown.Select(TextOf), host.Opening.Count, picture,
            host.Encode(episode.Query.Instruction).Count)
            + (form == Form.Raw ? shown.Sum(s => PictureOf(host.Model, s)) : 0);
    }

    private static int PictureOf(MultimodalModel model, LabShot shot)
    {
        using var visual = model.Pictures([StoryDocuments.Picture(shot.Picture)])[0];
        return visual.Tokens;
    }

    private LinesRecord Figure(IReadOnlyList<LineRecord> lines) => new()
    {
        Id = Finding.IdOf(definition),
        Title = definition.Title,
        Lead = definition.Question,
        From = From,
        X = new AxisRecord { Title = "Demonstrations", Unit = Unit.Count },
        Panels = [new PanelRecord { Y = new AxisRecord { Title = "Tokens of a prompt", Unit = Unit.Number, FromZero = true },
            Lines = lines }],
    };

    private TableRecord Table(IReadOnlyList<RowRecord> rows) => new()
    {
        Id = Finding.IdOf(definition) + "-numbers",
        Title = Finding.TitleOf(definition, "in numbers"),
        Lead = "Mean tokens of a prompt, and how many prompts have exactly what follows from tokenizer and configuration.",
        From = From,
        RowTitle = "Condition",
        Columns = [.. definition.Shots.Select(n => new ColumnRecord { Title = $"{n} shots", Unit = Unit.Number, Decimals = 1 })],
        Rows = rows,
    };

    private string From => $"{definition.Name}, prompts of "
        + $"{string.Join(", ", definition.Tasks.Select(InContextReader.NameOf))}, packed and counted";
}
