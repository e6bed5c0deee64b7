using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Experiments.Scoring;
using Aim.Reports.Records;

namespace Aim.Experiments.Tests.Running;

/// <summary>One definition on models from several seeds: their kept records enter the headline of the first one's run.</summary>
public class SeedTests
{
    private static Workplace _work = null!;
    private static string _seeds = null!;

    [OneTimeSetUp]
    public void Create()
    {
        _work = new Workplace(samples: 4);
        _seeds = Directory.CreateDirectory(_work.In("experiments/reproductions/seeds")).FullName;
        TinyModel.Create(_work.In("seed2"), seed: 2);
        TinyModel.Create(_work.In("seed3"), seed: 3);
    }

    [OneTimeTearDown]
    public void Remove() => _work.Dispose();

    private static async Task<(string Output, string Run)> Run(string output, params string[] arguments)
    {
        var run = await Workplace.Aim(["run", _work.Definition, "--output", _work.In(output), "--threads", "2", "--set",
            "timing=none", .. arguments]);
        Assert.That(run.Code, Is.Zero, run.Error);
        return (run.Output, Workplace.RunOf(_work.In(output)));
    }

    private static RunRecord Results(string run) => RunRecordFile.ReadResults(Path.Combine(run, RunRecordFile.ResultsName));

    private static void Keep(string run, string name) =>
        File.Copy(Path.Combine(run, RunRecordFile.ResultsName), Path.Combine(_seeds, name), overwrite: true);

    [Test, Order(1)]
    public async Task Without_other_records_a_run_says_one_seed()
    {
        var (output, run) = await Run("first");
        Assert.That(output, Does.Contain("one seed"));
        Assert.That((Results(run).Model.Seeds, Results(run).Seeds.Count), Is.EqualTo((1, 0)));
        string page = File.ReadAllText(Path.Combine(run, RunDirectory.ReportName));
        Assert.That(page, Does.Contain(", one seed</p>").And.Contain("<small>one seed</small>"));
    }

    [Test, Order(2)]
    public async Task Kept_records_give_mean_and_range()
    {
        foreach (string seed in new[] { "seed2", "seed3" })
            Keep((await Run(seed, "--set", $"model={seed}")).Run, $"tiny-{seed}.json");
        var (output, run) = await Run("all");
        var record = Results(run);
        Assert.That(record.Model.Seeds, Is.EqualTo(3));
        Assert.That(record.Seeds.Select(s => s.Sha256),
            Is.EqualTo(new[] { "seed2", "seed3" }.Select(s => PlannedModel.Open(_work.In(s), null).Sha256)));
        var cells = record.Cells.Where(c => c.Paired is not null).ToList();
        Assert.That(record.Seeds.Select(s => s.Cells.Select(c => c.Id)), Is.All.EqualTo(cells.Select(c => c.Id)));
        var second = Results(Workplace.RunOf(_work.In("seed2")));
        Assert.That(record.Seeds[0].Cells.Select(c => c.Difference),
            Is.EqualTo(cells.Select(c => second.Cells.Single(o => o.Id == c.Id).Paired!.Difference)));
        Assert.That(record.Seeds[0].Cells.Select(c => c.Flops),
            Is.EqualTo(cells.Select(c => second.Cells.Single(o => o.Id == c.Id).FlopsHonest)));
        Assert.That(output, Does.Contain("aim 1/4 default over 3 seeds: mean ").And.Not.Contain("one seed"));
        string page = File.ReadAllText(Path.Combine(run, RunDirectory.ReportName));
        Assert.That(page, Does.Contain("3 seeds: mean").And.Contain("Over 3 trained seeds").And.Contain("Trade-off by seed").And.Not.Contain("one seed"));
        Assert.That(Results((await Run("seed2-again", "--set", $"model=seed2")).Run).Seeds, Is.Empty,
            "one of the others stands alone");
    }

    [Test, Order(3)]
    public async Task A_record_of_another_definition_is_named_and_left_out()
    {
        var (output, run) = await Run("margin", "--set", "margin=3");
        Assert.That(output, Does.Contain("seed left out: ").And.Contain("tiny-seed2.json: its definition is another one"));
        Assert.That(Results(run).Seeds, Is.Empty);
        string newer = Path.Combine(_seeds, "tiny-seed3.json");
        File.WriteAllText(newer, File.ReadAllText(newer).Replace("\"version\": \"2\"", "\"version\": \"9\""));
        var plan = Plan.Make(DefinitionReader.Read(_work.Definition, ["timing=none"]), _work.Definition);
        var (seeds, leftOut) = KeptSeeds.Of(plan, "2", plan.SeedRecords);
        Assert.That((seeds.Count, leftOut.Single()), Is.EqualTo((1, $"{newer}: its data are of version 9, not 2")));
    }

    [Test]
    public void The_records_that_ship_belong_to_the_main_job()
    {
        string file = Places.Definition("tradeoff-video");
        var plan = Plan.Make(DefinitionReader.Read(file), file);
        Assert.That(plan.SeedRecords, Is.Not.Null);
        var (seeds, leftOut) = KeptSeeds.Of(plan, Datasets.LabWorld.Version, plan.SeedRecords);
        Assert.That(leftOut, Is.Empty);
        Assert.That(seeds, Has.Count.EqualTo(Directory.GetFiles(plan.SeedRecords!, "*.json").Length));
    }
}
