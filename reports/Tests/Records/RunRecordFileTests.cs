using System.Text;
using Aim.Reports.Records;

namespace Aim.Reports.Tests.Records;

public class RunRecordFileTests
{
    private string directory = null!;

    [SetUp]
    public void CreateDirectory() => directory = Directory.CreateTempSubdirectory("aim-records-").FullName;

    [TearDown]
    public void DeleteDirectory() => Directory.Delete(directory, recursive: true);

    [Test]
    public void Reading_what_was_written_gives_the_same_bytes_again()
    {
        var path = Path.Combine(directory, RunRecordFile.ResultsName);
        RunRecordFile.Write(path, SampleRecord.Create());
        var first = File.ReadAllBytes(path);

        RunRecordFile.Write(path, RunRecordFile.ReadResults(path));

        Assert.That(File.ReadAllBytes(path), Is.EqualTo(first));
        Assert.That(Directory.GetFiles(directory), Has.Length.EqualTo(1), "no temporary file stays");
    }

    [Test]
    public void Timings_round_trip()
    {
        var path = Path.Combine(directory, RunRecordFile.TimingsName);
        var timings = SampleRecord.CreateTimings(SampleRecord.Create());
        RunRecordFile.Write(path, timings);

        Assert.That(RunRecordFile.Serialize(RunRecordFile.ReadTimings(path)), Is.EqualTo(RunRecordFile.Serialize(timings)));
    }

    [Test]
    public void Keys_keep_their_declared_order()
    {
        var text = Encoding.UTF8.GetString(RunRecordFile.Serialize(SampleRecord.Create()));
        string[] keys = ["\"schema\"", "\"definition\"", "\"code\"", "\"model\"", "\"data\"", "\"baseline\"", "\"cells\"",
            "\"controls\"", "\"kinds\"", "\"horizon\"", "\"verdicts\"", "\"costChecks\"", "\"exhibits\""];

        var at = keys.Select(k => text.IndexOf("\n  " + k, StringComparison.Ordinal)).ToArray();

        Assert.That(at, Is.Ordered.Ascending.And.All.Positive);
        Assert.That(text, Does.Not.Contain("\r"));
    }

    [FsCheck.NUnit.Property]
    public bool Doubles_keep_their_bits(FsCheck.NormalFloat value)
    {
        var timings = SampleRecord.CreateTimings(SampleRecord.Create());
        var written = timings with { WallSeconds = Math.Abs(value.Get) };
        var path = Path.Combine(directory, "doubles.json");
        RunRecordFile.Write(path, written);
        return BitConverter.DoubleToInt64Bits(
            RunRecordFile.ReadTimings(path).WallSeconds!.Value) == BitConverter.DoubleToInt64Bits(Math.Abs(value.Get));
    }

    [TestCase("\"engine\": \"Managed\"", "\"engin\": \"Managed\"", "code.engin")]
    [TestCase("\"engine\": \"Managed\",", "", "code")]
    [TestCase("\"engine\": \"Managed\"", "\"engine\": null", "code.engine")]
    [TestCase("\"headline\": true", "\"headline\": \"yes\"", "cells[0].headline")]
    [TestCase("\"engine\": \"Managed\"", "\"engine\": \"Managed\", \"engine\": \"TorchSharp\"", "code")]
    [TestCase("\"schema\": 2", "\"schema\": 3", "schema")]
    [TestCase("\"schema\": 2", "\"schema\": 1", "exhibits")]
    [TestCase("\"type\": \"table\"", "\"type\": \"chair\"", "exhibits[0]")]
    [TestCase("\"type\": \"table\",", "", "exhibits[0]")]
    [TestCase("\"id\": \"methods\"", "\"id\": \"Methods!\"", "exhibits[0].id")]
    [TestCase("\"groups\": [\n", "\"groups\": [\n 0,\n", "exhibits[7].samples[0].answers[0].provenance[0].groups")]
    [TestCase("\"png\": \"iVBORw0KGgo", "\"png\": \"aVBORw0KGgo", "exhibits[7].samples[0].frames[0].png")]
    [TestCase("\"outcome\": \"holds\"", "\"outcome\": \"perhaps\"", "verdicts[0].outcome")]
    [TestCase("\"baseline\": \"none-1\"", "\"baseline\": \"nobody\"", "baseline")]
    [TestCase("\"correct\": 2", "\"correct\": 9", "cells[1].correct")]
    [TestCase("\"id\": \"aim-1-default\"", "\"id\": \"none-1\"", "cells[7].id")]
    public void A_damaged_file_is_refused_naming_file_and_field(string from, string to, string field)
    {
        var path = Path.Combine(directory, RunRecordFile.ResultsName);
        var text = Encoding.UTF8.GetString(RunRecordFile.Serialize(SampleRecord.Create()));
        var at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.That(at, Is.Positive, "the case must damage something");
        File.WriteAllText(path, text[..at] + to + text[(at + from.Length)..]);

        var e = Assert.Throws<RunRecordException>(() => RunRecordFile.ReadResults(path))!;

        Assert.That(e.Message, Does.StartWith($"{path}: {field}").And.Not.Contains("\n"));
    }

    [Test]
    public void A_file_of_schema_1_is_read()
    {
        var path = Path.Combine(directory, RunRecordFile.ResultsName);
        var text = Encoding.UTF8.GetString(RunRecordFile.Serialize(SampleRecord.Create() with { Schema = 1, Exhibits = [] }));
        string[] added = ["exhibits", "question", "seeds", "label", "note", "holmP"];
        foreach (var key in added)
        {
            // fields that schema 1 did not have
            text = System.Text.RegularExpressions.Regex.Replace(text, $",\n *\"{key}\": (null|\\[\\]|1|\"[^\"\n]*\")(?=[,\n])",
                "");
            Assert.That(text, Does.Not.Contain($"\"{key}\""));
        }

        File.WriteAllText(path, text);

        var record = RunRecordFile.ReadResults(path);

        Assert.That(record.Exhibits, Is.Empty);
        Assert.That(record.Model.Seeds, Is.EqualTo(1));
        Assert.That(ReportWriter.Render(record, null), Does.Contain("<h1>"));
    }

    [Test]
    public void A_truncated_or_missing_file_is_refused()
    {
        var path = Path.Combine(directory, RunRecordFile.ResultsName);
        Assert.Throws<RunRecordException>(() => RunRecordFile.ReadResults(path));
        var bytes = RunRecordFile.Serialize(SampleRecord.Create());
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Assert.Throws<RunRecordException>(() => RunRecordFile.ReadResults(path));
    }

    [Test]
    public void A_record_that_contradicts_itself_is_not_written()
    {
        var path = Path.Combine(directory, RunRecordFile.ResultsName);
        var record = SampleRecord.Create();
        var wrong = record with { Cells = [record.Cells[0] with { FlopsPriced = double.NaN }] };

        var e = Assert.Throws<RunRecordException>(() => RunRecordFile.Write(path, wrong))!;

        Assert.That(e.Field, Is.EqualTo("cells[0].flopsPriced"));
        Assert.That(File.Exists(path), Is.False);
    }
}
