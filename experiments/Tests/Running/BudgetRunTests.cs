using System.Text.Json.Nodes;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Reduction;

namespace Aim.Experiments.Tests.Running;

public class BudgetRunTests
{
    [Test]
    public void SchedulesAreEverySoManyLayers()
    {
        var schedules = FrontSearchRun.Schedules(12, 2);
        Assert.That(schedules[0], Is.EqualTo(ScheduleName.None));
        Assert.That(schedules, Is.Unique);
        var layers = schedules.Skip(1).Select(s => (s.First, s.Last)).ToList();
        Assert.That(layers.All(s => s.First % 2 == 0 && (s.Last - s.First) % 2 == 0 && s.First < s.Last && s.Last <= 13),
            Is.True);
        Assert.That(layers, Does.Contain((0, 2)).And.Contain((10, 12)).And.Contain((4, 12)));
        Assert.That(FrontSearchRun.Schedules(4, 1).Skip(1).Select(s => (s.First, s.Last)), Is.EquivalentTo(
            ScheduleSearchRun.Candidates(4).Select(s => (s.First, s.Last))));
    }

    /// <summary>From the search to the report: a front is measured and stored, and budgets are met with it.</summary>
    [Test]
    public async Task ABudgetIsMetFromAMeasuredFront()
    {
        using var place = new Workplace(samples: 6);
        string definition = place.Write("budget.yaml", """
            schema: 2
            name: budget
            version: 1
            question: Does a budget choose and spend?
            model: model
            data: {set: lab, split: test}
            frames: 8
            samples: 6
            margin: 2
            cells:
              - {method: aim, budget: [{flops: 60%}, {latency: 1s, hardware: H100}]}

            """);
        var missing = await Workplace.Aim("plan", definition);
        Assert.That(missing.Code, Is.EqualTo(2));
        Assert.That(missing.Error, Does.Contain("search-front"));

        var search = await Workplace.Aim(
            "search-front", "--model", place.Model, "--retentions", "1, 1/4,1/9", "--step", "2", "--frames", "8", "--samples",
                "12");
        Assert.That(search.Code, Is.Zero, search.Error);
        var stored = StoredFront.Load(place.Model, PlannedModel.Open(place.Model, null).Sha256);
        Assert.That(search.Output, Does.Contain($"front: {stored.Points.Count} of {stored.Tried} settings"));
        Assert.That(stored.Tried, Is.EqualTo(3 * FrontSearchRun.Schedules(4, 2).Count));

        var run = await Workplace.Aim("run", definition, "--output", place.In("out"), "--threads", "2");
        Assert.That(run.Code, Is.Zero, run.Error);
        var record = JsonNode.Parse(File.ReadAllText(Path.Combine(Workplace.RunOf(place.In("out")), "results.json")))!;
        var table = record["exhibits"]!.AsArray().Single(e => (string)e!["id"]! == "budgets")!;
        Assert.That(table["rows"]!.AsArray(), Has.Count.EqualTo(2));
        double most = (double)table["rows"]![0]!["values"]![2]!["value"]!;
        Assert.That(most, Is.LessThanOrEqualTo(0.6 + 1e-9));
        Assert.That(
            record["cells"]!.AsArray().Select(c => (string)c!["id"]!),
            Does.Contain("aim within flops 60%").And.Contain("aim within latency 1s on H100"));
    }

    [TestCase("--retentions", "2", "(0, 1]")]
    [TestCase("--retentions", ",", "empty list")]
    [TestCase("--step", "0", "1 or more")]
    [TestCase("--samples", "1", "2 or more")]
    public async Task WrongOptionsAreNamed(string option, string value, string says)
    {
        var (code, _, error) = await Workplace.Aim("search-front", option, value);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain(option).And.Contain(says));
    }
}
