using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Reduction;

namespace Aim.Experiments.Tests.Running;

/// <summary>Every method of the registry in whole runs on a tiny random model, on videos and on single pictures.</summary>
public class EveryMethodRunTests
{
    // What a definition must say of a method beyond its name.
    internal static string Cell(string method) => method switch
    {
        "aim" or "random" => $"{method}, retention: 1/4, schedule: default",
        "text-prune" => $"{method}, retention: 1/4, schedule: {{l1: 1, l2: 3}}",
        "downsample" => $"{method}, settings: {{side: 2}}",
        _ => method,
    };

    [TestCase("frames: 8")]
    [TestCase("source: picture")]
    public async Task It_runs_and_executes_what_was_announced(string questions)
    {
        using var work = new Workplace(2);
        string definition = work.Write("all.yaml", $$"""
            schema: 2
            name: all
            version: 1
            question: Does every method run?
            model: "model"
            data: {set: lab, split: test}
            {{questions}}
            samples: 2
            batch: 2
            margin: 2
            timing: none
            cells:
            {{string.Join("\n", Methods.Names.Select(m => $"  - {{method: {Cell(m)}}}"))}}

            """);
        var (code, text, error) = await Workplace.Aim("run", definition, "--output", work.In("runs"), "--threads", "1");
        Assert.That(code, Is.Zero, text + error);
        var plan = Plan.Make(DefinitionReader.Read(definition), definition);
        Assert.That(plan.LeftOut, Is.Empty);
        Assert.That(plan.Cells.Select(c => c.Method.Name).Distinct(), Is.EquivalentTo(Methods.Names));
        var journal = Journal<SampleResult>.Read(Path.Combine(Workplace.RunOf(work.In("runs")), RunDirectory.JournalName));
        foreach (var cell in plan.Cells)
        {
            for (int i = 0; i < 2; i++)
            {
                var result = journal.Single(r => r.Cell == cell.Id && r.Sample == cell.Set.Samples[i].Id);
                Assert.That(result.Flops, Is.EqualTo(cell.Executed(cell.Set.Prompts[i])), cell.Id);
                Assert.That(result.Tokens, Is.EqualTo(cell.Tokens(cell.Set.Prompts[i])), cell.Id);
            }
        }
    }
}
