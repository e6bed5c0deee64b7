using System.Text.RegularExpressions;
using Aim.Experiments.Claims;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Reports.Records;

namespace Aim.Experiments.Tests.Running;

/// <summary>Several definitions on a tiny random model, to one report.</summary>
public class ReproductionTests
{
    private static Workplace _work = null!;

    [OneTimeSetUp]
    public void Create() => _work = new Workplace(samples: 8);

    [OneTimeTearDown]
    public void Remove() => _work.Dispose();

    private static (string Text, string Report) Run(string output, int threads = 2, int? limit = null)
    {
        var claims = ClaimsReader.Parse("claims.yaml", """
            schema: 1
            name: tiny-paper
            title: A tiny paper
            paper: Nobody
            summary: A model of random weights knows nothing.
            definitions: [tiny, second]
            claims:
              - {id: cheap, claim: It is cheap., source: Table 1, in: tiny, tests: [{cheaper: aim 1/4 default, than: none, times: 2}]}
              - {id: shown, claim: It is shown., source: Table 2, in: second, exhibit: loyalty, tests: [{not-worse: aim 1/4 default, than: none, margin: 2}]}
              - {id: not-here, claim: It is elsewhere., source: Table 3, untestable: It needs another model.}

            """);
        string second = _work.Write("second.yaml", File.ReadAllText(_work.Definition).Replace("name: tiny", "name: second")
            .Replace("timing: all",
                "timing: none\nshow: loyalty\ngallery: aim 1/4 default\nhard-subset: downsample at aim 1/4 default"));
        var text = new StringWriter();
        var definitions = new[] { _work.Definition, second }.Select(f => (DefinitionReader.Read(f, null, limit), f)).ToList();
        string report = new Reproduction(text, false, threads).Run(claims, definitions, _work.In(output), false,
            CancellationToken.None);
        return (text.ToString(), report);
    }

    [Test]
    public void All_runs_end_in_one_collection_whose_claims_point_at_them()
    {
        var (text, report) = Run("all");
        Assert.That(text, Does.Contain("[1 of 2,").And.Contain("[2 of 2,").And.Contain("at this machine's measured peak"));
        Assert.That(text, Does.Contain("computed 8 answers"),
            "the second definition has the first one's cells, and records one of them");
        Assert.That(File.ReadAllText(report), Does.Contain("It is elsewhere."));
        var collection = CollectionFile.Read(Path.Combine(_work.In("all"), CollectionFile.Name));
        Assert.That(collection.Record.Runs.Select(r => r.Key), Is.EqualTo(new[] { "tiny", "second" }));
        Assert.That(collection.Record.Claims.Select(c => (c.Id, c.Run)),
            Is.EqualTo(new[] { ("cheap", "tiny"), ("shown", "second"), ("not-here", null), ("printed-costs", null) }));
        Assert.That(collection.Runs[1].Record.Exhibits.Select(e => e.Id),
            Is.EqualTo(new[] { "loyalty", "hard-subset", "gallery" }));

        (string before, byte[] bytes) = (text, File.ReadAllBytes(Path.Combine(_work.In("all"), CollectionFile.Name)));
        (text, _) = Run("all", threads: 1);
        Assert.That(text, Does.Contain("finished before: ").And.Not.Contain("computed"));
        Assert.That(File.ReadAllBytes(Path.Combine(_work.In("all"), CollectionFile.Name)), Is.EqualTo(bytes),
            "the same runs, the same collection");
    }

    [Test]
    public void What_an_end_left_unfinished_goes_on_and_the_rest_stays()
    {
        Run("cut");
        string output = _work.In("cut"), last = Directory.GetDirectories(output).Order(StringComparer.Ordinal)
            .Last(d => File.ReadAllText(Path.Combine(d, RunDirectory.DefinitionName)).Contains("name: second"));
        byte[] results = File.ReadAllBytes(Path.Combine(last, RunRecordFile.ResultsName));
        string journal = Path.Combine(last, RunDirectory.JournalName);
        File.WriteAllBytes(journal, File.ReadAllBytes(journal)[..^500]);
        foreach (string name in new[] { RunDirectory.ReportName, RunRecordFile.ResultsName })
            File.Delete(Path.Combine(last, name));
        File.Delete(Path.Combine(output, CollectionFile.Name));

        var (text, _) = Run("cut");
        Assert.That(text, Does.Contain("finished before: ").And.Contain($"continuing {last}"));
        Assert.That(File.ReadAllBytes(Path.Combine(last, RunRecordFile.ResultsName)), Is.EqualTo(results));
        Assert.That(File.Exists(Path.Combine(output, CollectionFile.Name)));
    }

    [Test]
    public void Verdicts_of_limited_runs_are_marked_as_none_wherever_they_show()
    {
        var (text, report) = Run("limited", limit: 4);
        const string mark = "limited run: not a verdict (at most 4 samples a cell)";
        Assert.That(text, Does.Contain($"cheap: {mark}").And.Contain($"shown: {mark}").And.Contain(
            "not-here: cannot be tested here"));
        Assert.That(text, Does.Not.Contain("\nAIM holds"), "nothing opens as if it were decided");
        string[] verdicts = [.. text.Split('\n').Where(l => l.StartsWith("whether AIM holds", StringComparison.Ordinal))];
        Assert.That(verdicts, Has.Length.EqualTo(4).And.All.Contains($": {mark}"));
        var collection = CollectionFile.Read(Path.Combine(_work.In("limited"), CollectionFile.Name));
        Assert.That(collection.Runs.SelectMany(r => r.Record.Verdicts).Select(v => v.Outcome),
            Is.All.EqualTo(Outcome.NotDecided));
        Assert.That(collection.Record.Claims.Where(c => c.Run is not null).Select(c => c.Reason),
            Is.All.StartsWith($"Not decided: {mark}"));
        string page = File.ReadAllText(report);
        Assert.That(Regex.Count(page, "</span> Limited run: not a verdict</p>"), Is.EqualTo(6), "two claims and four verdicts");
        Assert.That(page, Does.Not.Contain("</span> Not decided</p>"));

        var (whole, _) = Run("not-limited", limit: 8);
        Assert.That(whole, Does.Not.Contain("limited run"), "a limit that cuts nothing is none");
    }

    [Test]
    public async Task Fields_of_one_definition_cannot_be_set_for_all()
    {
        var (code, _, error) = await Workplace.Aim("reproduce", "--all", "--set", "frames=8");
        Assert.That((code, error.Trim()),
            Is.EqualTo((2, "aim: --set frames=8: names a field of one definition; --all runs many, use 'aim run' for one")));
    }
}
