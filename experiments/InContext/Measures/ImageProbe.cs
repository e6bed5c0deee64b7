using Aim.Datasets;
using Aim.Experiments.Running;
using Aim.Experiments.Statistics;
using Aim.Fusion;

namespace Aim.Experiments.InContext.Measures;

/// <summary>
/// Claim R3, looked at directly: whether a linear probe reads off a demonstration's fused tokens what its picture shows (which
/// object, where, how many). Each episode gives one demonstration, so that samples are independent and no label tells the fact;
/// the probe is fitted to some episodes and asked about others. What shuffled or blank pictures and the text alone give is what
/// the text tells, and chance.
/// </summary>
/// <param name="stock">Models, banks and projections.</param>
/// <param name="definition">The experiment.</param>
/// <param name="file">Its file.</param>
internal sealed class ImageProbe(ModelStock stock, InContextDefinition definition, string file)
{
    /// <summary>Demonstrations that a probe is fitted to, for each one that it is asked about.</summary>
    public const int FittedOn = 3;

    private const int Batch = 8;

    /// <summary>Reads demonstrations, fits probes and asks them.</summary>
    public Finding Run(CancellationToken cancel)
    {
        var table = new EpisodeTable(definition) { Layers = stock.Host(definition, null, file).Layers };
        foreach (var task in definition.Tasks)
        {
            LabShot[] shots = [.. LabEpisodes.Of(task, ((1 + FittedOn) * definition.Episodes) + 1, 1).Select(e => e.Shots[0])];
            string[] facts = [.. shots.Select(s => s.Words.Trim())];
            table.Expect(task, facts[..definition.Episodes]);
            foreach (var condition in definition.Conditions)
            {
                foreach (int seed in condition.Seeds)
                {
                    double[][] tokens = Read(condition, seed, shots, cancel);
                    var probe = RidgeProbe.Fit(tokens[definition.Episodes..], facts[definition.Episodes..^1]);
                    for (int i = 0; i < definition.Episodes; i++)
                    {
                        string answer = probe.Read(tokens[i]);
                        table.Add(condition, seed, task, 1, i, new EpisodeAnswer("", answer, answer == facts[i], 0, 0, 0));
                    }
                }

                stock.Output.WriteLine(FormattableString.Invariant($"{definition.Name}: {InContextReader.NameOf(task)}, ")
                    + FormattableString.Invariant($"{condition.Name}: {100 * table.Value(condition.Name, [task], 1).Mean:0.0}"));
            }
        }

        return new InContextFigures(table).Find();
    }

    // Of each shot the mean of its tokens; the last shot only lends its picture.
    private double[][] Read(Condition condition, int seed, LabShot[] shots, CancellationToken cancel)
    {
        var host = stock.Host(definition, condition, file);
        var source = stock.Bank(host, condition.States);
        var prompts = new EpisodePrompts(host, source, condition, stock.Projections.Of(source, condition, seed, cancel));
        var means = new double[shots.Length - 1][];
        int threads = torch.get_num_threads();
        try
        {
            torch.set_num_threads(1);
            Workers.Run((means.Length + Batch - 1) / Batch, threads, cancel, batch =>
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                int first = batch * Batch, count = Math.Min(Batch, means.Length - first);
                var fused = prompts.Fuse(source, prompts.Demonstrations(
                    shots.AsSpan(first, count).ToArray(), shots.AsSpan(first + 1, count).ToArray()));
                for (int i = 0; i < count; i++)
                    means[first + i] = [.. fused[i].mean([0]).cpu().data<float>().ToArray().Select(v => (double)v)];
            });
        }
        finally
        {
            torch.set_num_threads(threads);
        }

        return means;
    }
}
