using Aim.Reports.Records;

namespace Aim.Reports.Tests.Records;

public class CollectionFileTests
{
    private string directory = null!;
    private string path = null!;
    private CollectionRecord record = null!;

    [SetUp]
    public void Write_the_runs()
    {
        directory = Directory.CreateTempSubdirectory("aim-collection-").FullName;
        path = Path.Combine(Directory.CreateDirectory(Path.Combine(directory, "all")).FullName, CollectionFile.Name);
        var sample = SampleCollection.Create();
        foreach (var run in sample.Runs)
        {
            var at = Directory.CreateDirectory(Path.Combine(directory, run.Key)).FullName;
            RunRecordFile.Write(Path.Combine(at, RunRecordFile.ResultsName), run.Record);
            if (run.Timings is { } timings)
                RunRecordFile.Write(Path.Combine(at, RunRecordFile.TimingsName), timings);
        }

        record = sample.Record with
        {
            Runs = [.. sample.Record.Runs.Select(r =>
                r with { ResultsSha256 = CollectionFile.HashResults(Path.Combine(directory, r.Key)) })],
        };
    }

    [TearDown]
    public void Delete() => Directory.Delete(directory, recursive: true);

    [Test]
    public void What_was_written_is_read_with_its_runs()
    {
        CollectionFile.Write(path, record);

        var read = CollectionFile.Read(path);

        Assert.That(RunRecordFile.Serialize(read.Record), Is.EqualTo(RunRecordFile.Serialize(record)));
        Assert.That(read.Runs.Select(r => (r.Key, r.Timings is null)),
            Is.EqualTo(new[] { ("tradeoff-video", false), ("table1", true) }));
    }

    [Test]
    public void A_run_that_changed_since_is_refused()
    {
        CollectionFile.Write(path, record);
        var results = Path.Combine(directory, "table1", RunRecordFile.ResultsName);
        File.AppendAllText(results, " ");

        var e = Assert.Throws<RunRecordException>(() => CollectionFile.Read(path))!;

        Assert.That(e.Field, Is.EqualTo("runs[1].resultsSha256"));
        Assert.That(e.Message, Does.Contain("table1").And.Not.Contain("\n"));
    }

    [Test]
    public void A_run_that_is_gone_is_named()
    {
        CollectionFile.Write(path, record);
        Directory.Delete(Path.Combine(directory, "table1"), recursive: true);

        Assert.That(Assert.Throws<RunRecordException>(() => CollectionFile.Read(path))!.Message,
            Does.Contain(Path.Combine("table1", RunRecordFile.ResultsName)));
    }

    [Test]
    public void Claims_must_show_what_they_rest_on()
    {
        var claims = record.Claims;
        var tested = claims[0];
        (string Field, ClaimRecord Claim)[] wrong =
        [
            ("claims[0].measure", tested with { Measure = null }),
            ("claims[0].measure", tested with { Measure = tested.Measure! with { Value = ValueRecord.Missing } }),
            ("claims[0].run", tested with { Run = "nobody" }),
            ("claims[0].exhibit", tested with { Exhibit = "nothing" }),
            ("claims[0].exhibit", tested with { Run = null, Exhibit = "long-video" }),
            ("claims[0].id", tested with { Id = claims[1].Id[..0] }),
            ("claims[1].id", tested with { Id = claims[1].Id }),
            ("claims[0].reason", tested with { Reason = " " }),
            ("claims[0].seeds", tested with { Seeds = 0 }),
            ("claims[0].measure.value.interval",
                tested with { Measure = tested.Measure! with { Value = ValueRecord.Of(0, new IntervalRecord(1, -1)) } }),
            ("claims[0].control.value.value",
                tested with { Control = tested.Control! with { Value = ValueRecord.Of(double.NaN) } }),
            ("claims[0].comparisons[1].what", Compared(c => c with { What = "" })),
            ("claims[0].comparisons[1].value", Compared(c => c with { Value = ValueRecord.Missing })),
            ("claims[0].comparisons[1].bound", Compared(c => c with { Bound = double.PositiveInfinity })),
            ("claims[0].comparisons[1].p", Compared(c => c with { P = 1.5 })),
        ];
        ClaimRecord Compared(Func<ComparisonRecord, ComparisonRecord> change) =>
            tested with { Comparisons = [.. tested.Comparisons.Select((c, i) => i == 1 ? change(c) : c)] };
        Assert.Multiple(() =>
        {
            foreach (var (field, claim) in wrong)
                Assert.That(Assert.Throws<RunRecordException>(() =>
                    CollectionFile.Write(path, record with { Claims = [claim, .. claims.Skip(1)] }))!.Field, Is.EqualTo(field));
        });
        Assert.That(File.Exists(path), Is.False);
    }
}
