using System.Diagnostics;
using System.Globalization;
using Aim.Experiments.Claims;
using Aim.Experiments.InContext.Measures;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Reports;
using Aim.Reports.Records;

namespace Aim.Experiments.InContext;

/// <summary>All in-context experiments into one directory, ending in one report whose first page is their claims.</summary>
/// <param name="output">Takes progress.</param>
internal sealed class InContextReproduction(TextWriter output)
{
    private const string Paper = "AIM: Let Any Multimodal LLMs Embrace Efficient In-Context Learning (arXiv 2406.07588)";

    /// <summary>Runs what is missing and writes the report.</summary>
    /// <param name="definitions">The experiments with their files.</param>
    /// <param name="directory">Takes answers, bank, projections, <c>collection.json</c> and the report.</param>
    /// <param name="cancel">Ends it; what is finished is kept.</param>
    /// <returns>The report's path.</returns>
    public string Run(IReadOnlyList<(InContextDefinition Definition, string File)> definitions, string directory,
        CancellationToken cancel)
    {
        var findings = new List<Finding>();
        using (var stock = new ModelStock(directory, output))
        using (var run = new InContextRun(stock))
        {
            foreach (var (definition, file) in definitions)
            {
                output.WriteLine($"[{findings.Count + 1} of {definitions.Count}] {definition.Name}: {definition.Title}");
                var clock = Stopwatch.StartNew();
                findings.Add(Find(stock, run, definition.Without(model => ModelStock.Has(model, file)), file, cancel));
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{definition.Name} took {clock.Elapsed.TotalMinutes:0.0} minutes"));
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"demonstration bank: {stock.BankUse.Hits} found, {stock.BankUse.Misses} read, hit rate "
                    + $"{100 * stock.BankUse.HitRate:0.0} %"));
        }

        var (commit, dirty) = Machinery.Commit();
        var keys = Experiment.Keys("");
        var record = new CollectionRecord
        {
            Schema = CollectionRecord.CurrentSchema,
            Name = "reproduce-icl",
            Title = "In-context learning with fused demonstrations, on the lab",
            Summary = "What the second paper claims, tested on small models that were trained here on drawings: they say "
                + "nothing about photographs. "
                + "Labels, wordings and objects of the tests occur in no document of several pictures, and labels and wordings "
                + "in none at all. "
                + "No table of the paper could be obtained, so its claims are tested, not its numbers.",
            Command = "aim reproduce --icl",
            Paper = Paper,
            Code = new CodeRecord
            {
                Engine = keys.Engine,
                InstructionSet = keys.InstructionSet,
                Commit = commit,
                Dirty = dirty,
                Assemblies = [.. keys.Assemblies.Select(a => new HashRecord(a.Name, a.Sha256))],
            },
            Claims = [.. findings.Where(f => !f.IsTimed).Select(f => f.Claim)],
            Exhibits = [.. findings.Where(f => !f.IsTimed).SelectMany(f => f.Exhibits)],
            ExhibitsTitle = "What was measured",
            ExhibitsLead = "Accuracy is the share of episodes whose right answer has the largest log-probability among all "
                + "sixteen reserved labels (of yes and no for "
                + "pairs); other metrics are named where they stand.",
            Runs = [],
        };
        string path = Path.Combine(directory, CollectionFile.Name), report = Path.Combine(directory, Reproduction.ReportName);
        // What an earlier run measured would not belong to these claims.
        File.Delete(Path.Combine(directory, RunRecordFile.TimingsName));
        CollectionFile.Write(path, record);
        if (findings.Any(f => f.IsTimed))
        {
            CollectionFile.WriteTimings(path, new CollectionTimings
            {
                Schema = CollectionTimings.CurrentSchema,
                Machine = MeasuredMachine.Record(),
                Claims = [.. findings.Where(f => f.IsTimed).Select(f => f.Claim)],
                Exhibits = [.. findings.Where(f => f.IsTimed).SelectMany(f => f.Exhibits)],
            });
        }

        ReportWriter.Write(CollectionFile.Read(path), report);
        foreach (var finding in findings)
        {
            output.WriteLine($"{finding.Claim.Id}: {finding.Claim.Verdict}. {finding.Claim.Reason}");
            foreach (var comparison in finding.Claim.Comparisons)
                output.WriteLine($"  {ComparisonWords.Of(comparison)}");
        }

        return report;
    }

    /// <summary>What one experiment finds.</summary>
    public static Finding Find(ModelStock stock, InContextRun run, InContextDefinition definition, string file,
        CancellationToken cancel)
    {
        if (definition.Measure is not (Measure.Answers or Measure.Probe) && definition.LeftOut.Count > 0)
            return Finding.Missing(definition);
        return definition.Measure switch
        {
            Measure.Tokens => new TokenCount(stock, definition, file).Run(cancel),
            Measure.Memory => new MemoryUse(stock, definition, file).Run(cancel),
            Measure.Speed => new SpeedTest(stock, definition, file).Run(cancel),
            Measure.Parameters => new ParameterCount(stock, definition, file).Run(cancel),
            Measure.Attention => new AttentionSpread(stock, definition, file).Run(cancel),
            Measure.Perplexity => new StoryPerplexity(stock, definition, file).Run(cancel),
            Measure.Independence => new Independence(stock, definition, file).Run(cancel),
            Measure.Probe => new ImageProbe(stock, definition, file).Run(cancel),
            _ => new InContextFigures(run.Run(definition, file, cancel)).Find(),
        };
    }
}
