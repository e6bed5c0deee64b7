using System.Globalization;
using Aim.Datasets;
using Aim.Fusion;
using Aim.Reports.Records;

namespace Aim.Experiments.InContext.Measures;

/// <summary>
/// Claim R12, the exact half: a demonstration's aggregate has the same bits alone, among others in any order, and found in the
/// bank, so that demonstrations in another order need no reading anew and a prompt of them is the same tokens in that order.
/// </summary>
/// <param name="stock">Models and banks.</param>
/// <param name="definition">The experiment.</param>
/// <param name="file">Its file.</param>
internal sealed class Independence(ModelStock stock, InContextDefinition definition, string file)
{
    private static readonly string[] s_ways = ["in another order", "in reverse, another batch", "found in the bank"];

    /// <summary>Reads every episode's demonstrations in every way and compares bits.</summary>
    public Finding Run(CancellationToken cancel)
    {
        int shots = definition.Shots[^1];
        var rows = new List<RowRecord>();
        long all = 0, same = 0;
        foreach (var condition in definition.Conditions)
        {
            var host = stock.Host(definition, condition, file);
            var reader = new Aggregator(host, condition.States);
            var other = new Aggregator(host, condition.States) { Batch = 5 };
            var prompts = new EpisodePrompts(host, reader, condition, projection: null);
            foreach (var task in definition.Tasks)
            {
                long[] equal = new long[s_ways.Length];
                foreach (var episode in LabEpisodes.Of(task, definition.Episodes, shots))
                {
                    cancel.ThrowIfCancellationRequested();
                    using var scope = NewDisposeScope();
                    var shown = prompts.Demonstrations(episode.Shots, episode.Shots);
                    int[][] alone = [.. shown.Select(d => Bits(reader.Aggregate([d])[0]))];
                    int[] order = new LabRandom((ulong)episode.Task, (ulong)episode.Index).Distinct(shots, shots);
                    IReadOnlyList<Tensor>[] ways =
                    [
                        Back(order, reader.Aggregate([.. order.Select(i => shown[i])])),
                        [.. other.Aggregate([.. Enumerable.Reverse(shown)]).Reverse()],
                        stock.Bank(host, condition.States).Aggregate(shown),
                    ];
                    for (int w = 0; w < ways.Length; w++)
                        equal[w] += ways[w].Zip(alone).Count(p => Bits(p.First).AsSpan().SequenceEqual(p.Second));
                }

                long each = (long)shots * definition.Episodes;
                (all, same) = (all + (each * s_ways.Length), same + equal.Sum());
                rows.Add(new RowRecord
                {
                    Name = condition.Name,
                    Group = InContextReader.NameOf(task),
                    Values = [ValueRecord.Of(each), .. equal.Select(e => ValueRecord.Of(e / (double)each, n: (int)each))],
                });
            }

            stock.Output.WriteLine($"{definition.Name}: {condition.Name}, {same} of {all} the same");
        }

        return new Finding(
            Finding.ClaimOf(definition, same == all ? ClaimVerdict.Holds : ClaimVerdict.NotHere,
                string.Create(CultureInfo.InvariantCulture,
                    $"{same} of {all} aggregates have the bits that reading alone gives."),
                "Holds if every demonstration's aggregate has the same bits read alone, read among others in another order and "
                    + "in another batch, and found in the bank",
                new MeasureRecord
                {
                    What = "aggregates with the bits of reading alone",
                    Unit = Unit.Percent,
                    Value = ValueRecord.Of(same / (double)all, n: (int)all),
                }),
            [Table(rows)]);
    }

    private static IReadOnlyList<Tensor> Back(int[] order, IReadOnlyList<Tensor> permuted) =>
        [.. Enumerable.Range(0, order.Length).Select(i => permuted[Array.IndexOf(order, i)])];

    private static int[] Bits(Tensor aggregate) =>
        [.. aggregate.cpu().contiguous().data<float>().ToArray().Select(BitConverter.SingleToInt32Bits)];

    private TableRecord Table(IReadOnlyList<RowRecord> rows) => new()
    {
        Id = Finding.IdOf(definition),
        Title = definition.Title,
        Lead = definition.Question,
        From = $"{definition.Name}, {definition.Episodes} episodes a task, their demonstrations",
        Exploratory = definition.Limit is not null,
        RowTitle = "States",
        Columns =
        [
            new ColumnRecord { Title = "Demonstrations", Unit = Unit.Count },
            .. s_ways.Select(way => new ColumnRecord { Title = $"Same bits, {way}", Unit = Unit.Percent }),
        ],
        Rows = rows,
    };
}
