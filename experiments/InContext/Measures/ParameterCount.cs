using System.Globalization;
using Aim.Datasets;
using Aim.Fusion;
using Aim.Reports.Records;

namespace Aim.Experiments.InContext.Measures;

/// <summary>
/// Claim R8: W_p is all that trains. A short training is run; then what has changed is looked at: the projection, and nothing of
/// the backbone, whose checksum is taken before and after.
/// </summary>
/// <param name="stock">Models and banks.</param>
/// <param name="definition">The experiment.</param>
/// <param name="file">Its file.</param>
internal sealed class ParameterCount(ModelStock stock, InContextDefinition definition, string file)
{
    /// <summary>Trains two steps of every condition and counts.</summary>
    public Finding Run(CancellationToken cancel)
    {
        var rows = new List<RowRecord>();
        bool holds = true;
        double share = 0;
        foreach (var condition in definition.Conditions)
        {
            using var scope = NewDisposeScope();
            var host = stock.Host(definition, condition, file);
            var options = new ProjectionOptions { LayerNorm = condition.LayerNorm };
            var recipe = new ProjectionRecipe { Steps = 2, Documents = 1, WarmUp = 1 };
            string before = host.Checksum();
            using var start = new FusionProjection(host.Dim, options);
            using var trained = new ProjectionTraining(
                stock.Bank(host, condition.States), (step, _) => StoryDocuments.Document(LabStories.Of(1, step)), recipe)
                .Train(options, null, "parameters", cancel: cancel);
            bool same = host.Checksum() == before, moved = !Values(start).SequenceEqual(Values(trained));
            int others = host.Model.Weights.Parameters().Count();
            long dim = host.Dim, expected = (dim * dim) + dim + (condition.LayerNorm ? 2 * dim : 0),
                total = host.ParameterCount + trained.ParameterCount;
            holds &= same && moved && others == 0 && trained.ParameterCount == expected;
            share = Math.Max(share, trained.ParameterCount / (double)total);
            rows.Add(new RowRecord
            {
                Name = condition.Name,
                Values =
                [
                    ValueRecord.Of(trained.ParameterCount, detail: string.Create(CultureInfo.InvariantCulture,
                        $"{dim} x {dim} + {expected - (dim * dim)}")),
                    ValueRecord.Of(total), ValueRecord.Of(trained.ParameterCount / (double)total), ValueRecord.Of(others),
                    ValueRecord.Of(same ? 1 : 0, detail: before[..12]), ValueRecord.Of(moved ? 1 : 0),
                ],
            });
        }

        var claim = Finding.ClaimOf(
            definition with { Limit = null }, holds ? ClaimVerdict.Holds : ClaimVerdict.NotHere,
            holds ? "Exactly the projection's weights train; nothing of the backbone has a gradient, and its checksum is what "
                + "it was."
                : "Something trains that should not, or does not that should: see the table.",
            "Holds if dim x dim weights, dim of the bias (and 2 dim of a LayerNorm) train, no other weight has a gradient, the "
                + "backbone's checksum is unchanged and the projection is not",
            new MeasureRecord
            {
                What = "largest share of all parameters that trains",
                Unit = Unit.Percent,
                Value = ValueRecord.Of(share)
            });
        return new Finding(claim, [Table(rows)]);
    }

    private static IEnumerable<float> Values(FusionProjection projection)
        => projection.Named.SelectMany(p => p.Parameter.detach().cpu().contiguous().data<float>().ToArray());

    private TableRecord Table(IReadOnlyList<RowRecord> rows) => new()
    {
        Id = Finding.IdOf(definition),
        Title = definition.Title,
        Lead = definition.Question,
        From = $"{definition.Name}, two steps of training on the lab's stories",
        RowTitle = "Projection",
        Columns =
        [
            new ColumnRecord { Title = "Trains", Unit = Unit.Count },
                new ColumnRecord { Title = "Of all parameters", Unit = Unit.Count },
            new ColumnRecord { Title = "Share", Unit = Unit.Percent, Decimals = 2 },
            new ColumnRecord { Title = "Backbone's weights with gradients", Unit = Unit.Count },
            new ColumnRecord { Title = "Backbone's checksum unchanged", Unit = Unit.YesNo },
            new ColumnRecord { Title = "Projection changed", Unit = Unit.YesNo },
        ],
        Rows = rows,
    };
}
