using System.Text.Json;
using Aim.Experiments.Running;
using Aim.Reports.Records;

namespace Aim.Experiments.Tests.Running;

/// <summary>Whole runs on a tiny random model.</summary>
public class RunTests
{
    private static Workplace _work = null!;
    private static string _first = null!;

    [OneTimeSetUp]
    public async Task Create()
    {
        _work = new Workplace();
        _first = await Run("one", "--threads", "1");
    }

    [OneTimeTearDown]
    public void Remove() => _work.Dispose();

    private static async Task<string> Run(string output, params string[] more)
    {
        var (code, text, error) = await Workplace.Aim(["run", _work.Definition, "--output", _work.In(output), .. more]);
        Assert.That(code, Is.Zero, error);
        Assert.That(text, Does.Contain("report: "));
        return Directory.GetDirectories(_work.In(output)).Order(StringComparer.Ordinal).Last();
    }

    private static byte[] Results(string run) => File.ReadAllBytes(Path.Combine(run, RunRecordFile.ResultsName));

    [Test]
    public void A_run_leaves_records_and_a_report()
    {
        var record = RunRecordFile.ReadResults(Path.Combine(_first, RunRecordFile.ResultsName));
        Assert.That(record.Cells.Select(c => c.Id),
            Is.EqualTo(new[] { "none", "aim 1/4", "aim 1/4 default", "aim 1/16 (1,3)", "random 1/4 default", "aim 1 default",
            "downsample at aim 1 default", "downsample at aim 1/4 default" }));
        Assert.That(record.Cells.Select(c => c.Samples), Is.All.EqualTo(20));
        Assert.That(record.Verdicts.Select(v => v.Cell), Is.EqualTo(new[] { "aim 1/4", "aim 1/4 default" }));
        Assert.That(RunRecordFile.ReadTimings(Path.Combine(_first, RunRecordFile.TimingsName))
            .Cells.Select(c => c.Id), Is.EqualTo(record.Cells.Select(c => c.Id)));
        Assert.That(File.ReadAllText(Path.Combine(_first, RunDirectory.ReportName)), Does.Contain("<html").IgnoreCase);
    }

    [Test]
    public async Task Results_are_the_same_bytes_for_one_and_two_threads() =>
        Assert.That(Results(await Run("two", "--threads", "2")), Is.EqualTo(Results(_first)));

    [Test]
    public void Executed_flops_are_what_the_cost_model_counts()
    {
        var plan = Plan();
        var journal = Journal<SampleResult>.Read(Path.Combine(_first, RunDirectory.JournalName));
        foreach (var cell in plan.Cells)
            for (int i = 0; i < cell.Set.Samples.Count; i++)
            {
                var result = journal.First(r => r.Sample == cell.Set.Samples[i].Id
                    && plan.Cells.First(c => c.Id == r.Cell).Settings == cell.Settings);
                Assert.That(result.Flops, Is.EqualTo(cell.Executed(cell.Set.Prompts[i])), cell.Id);
                Assert.That(result.Tokens, Is.EqualTo(cell.Tokens(cell.Set.Prompts[i])), cell.Id);
            }
    }

    [Test]
    public void Random_executes_exactly_what_aim_does()
    {
        var cells = RunRecordFile.ReadResults(Path.Combine(_first, RunRecordFile.ResultsName)).Cells.ToDictionary(c => c.Id);
        Assert.That(cells["random 1/4 default"].FlopsExecutedMatmul, Is.EqualTo(cells["aim 1/4 default"].FlopsExecutedMatmul));
        Assert.That(cells["downsample at aim 1/4 default"].Target, Is.EqualTo(cells["aim 1/4 default"].FlopsExecutedMatmul));
        Assert.That(cells["downsample at aim 1/4 default"].FlopsExecutedMatmul,
            Is.LessThanOrEqualTo(cells["aim 1/4 default"].FlopsExecutedMatmul));
    }

    [Test]
    public void Cells_with_equal_settings_are_computed_once()
    {
        var journal = Journal<SampleResult>.Read(Path.Combine(_first, RunDirectory.JournalName));
        Assert.That(journal.Select(r => r.Key), Is.Unique);
        Assert.That(journal, Has.Count.EqualTo(All));
    }

    [Test]
    public async Task An_unfinished_run_is_continued_and_only_what_is_missing_is_computed()
    {
        string run = await Run("cut", "--threads", "1");
        string journal = Path.Combine(run, RunDirectory.JournalName);
        byte[] whole = File.ReadAllBytes(journal);
        foreach (double share in new[] { 0.95, 0.5, 0.01, 0 })
        {
            foreach (string name in new[] { RunRecordFile.ResultsName, RunRecordFile.TimingsName, RunDirectory.ReportName })
                File.Delete(Path.Combine(run, name));
            File.WriteAllBytes(journal, whole[..(int)(whole.Length * share)]);
            int left = Journal<SampleResult>.Read(journal).Count;
            var (code, text, error) = await Workplace.Aim("run", _work.Definition, "--output", _work.In("cut"), "--threads", "2");
            Assert.That(code, Is.Zero, error);
            Assert.That(text, Does.StartWith($"continuing {run}"));
            int computed = int.Parse(text.Split('\n').Single(l => l.StartsWith("computed ")).Split(' ')[1]);
            Assert.That(computed, Is.InRange(All - left, All - left + 3), "a batch that was cut is computed whole");
            Assert.That(Results(run), Is.EqualTo(Results(_first)));
        }
    }

    [Test]
    public async Task A_new_run_takes_answers_over_from_earlier_ones_unless_fresh()
    {
        await Run("store", "--threads", "1", "--limit", "8");
        async Task<string> Next(params string[] more)
        {
            var (code, text, error) = await Workplace.Aim(["run", _work.Definition, "--output", _work.In("store"), "--threads",
                "1", .. more]);
            Assert.That(code, Is.Zero, error);
            return text;
        }
        Assert.That(await Next(), Does.StartWith("new run").And.Contain($"computed {All * 12 / 20} answers"));
        Assert.That(await Next(), Does.StartWith("new run").And.Contain("computed 0 answers"));
        Assert.That(await Next("--fresh"), Does.StartWith("new run").And.Contain($"computed {All} answers"));
    }

    [Test]
    public async Task Report_writes_the_same_report_again()
    {
        string run = await Run("again", "--threads", "1", "--limit", "2");
        string report = Path.Combine(run, RunDirectory.ReportName), before = File.ReadAllText(report);
        File.Delete(report);
        var (code, text, _) = await Workplace.Aim("report", Path.GetFileName(run), "--output", _work.In("again"));
        Assert.That((code, text.Trim()), Is.EqualTo((0, $"report: {report}")));
        Assert.That(File.ReadAllText(report), Is.EqualTo(before));
    }

    [Test]
    public async Task Plan_prints_every_cell_and_runs_nothing()
    {
        var (code, text, _) = await Workplace.Aim("plan", _work.Definition);
        Assert.That(code, Is.Zero);
        foreach (var cell in Plan().Cells)
            Assert.That(text, Does.Contain(cell.Id));
        Assert.That(text, Does.Contain("20 samples of lab test, 8 frames of 36 tokens"));
    }

    [Test]
    public async Task Search_stores_a_schedule_that_definitions_then_use()
    {
        string model = TinyModel.Create(_work.In("searched-model"));
        var (code, text, error) = await Workplace.Aim("search-schedule", "--model", model, "--frames", "8", "--samples", "60",
            "--threads", "2");
        Assert.That(code, Is.Zero, error);
        using var stored = JsonDocument.Parse(File.ReadAllText(Path.Combine(model, StoredSchedule.FileName)));
        int l1 = stored.RootElement.GetProperty("l1").GetInt32(), l2 = stored.RootElement.GetProperty("l2").GetInt32();
        Assert.That(text, Does.Contain($"chosen: ({l1}, {l2})"));

        string definition = _work.Write("searched.yaml",
            TinyModel.Definition(model, samples: 4).Replace("[none, default]", "[none, default, searched]"));
        (code, text, error) = await Workplace.Aim("run", definition, "--output", _work.In("searched"), "--threads", "1");
        Assert.That(code, Is.Zero, error);
        var record = RunRecordFile.ReadResults(Path.Combine(Workplace.RunOf(_work.In("searched")), RunRecordFile.ResultsName));
        Assert.That(record.Cells.Single(c => c.Id == "aim 1/4 searched").Schedule,
            Is.EqualTo(new ScheduleRecord("searched", l1, l2)));
    }

    /// <summary>Answers of a whole run: cells with equal settings count once.</summary>
    private static int All => 20 * Plan().Cells.Select(c => c.Settings).Distinct().Count();

    private static Experiments.Planning.Plan Plan() =>
        Experiments.Planning.Plan.Make(Experiments.Planning.DefinitionReader.Read(_work.Definition), _work.Definition);
}
