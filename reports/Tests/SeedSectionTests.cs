using System.Text.RegularExpressions;
using Aim.Reports.Records;
using Aim.Reports.Sections;

namespace Aim.Reports.Tests;

public class SeedSectionTests
{
    private static readonly RunRecord s_record = SampleRecord.WithSeeds(SampleRecord.Create());
    private static readonly string s_section = SeedSection.Render(new ReportData(s_record, null, Place.Page)).Text;

    [Test]
    public void One_seed_has_no_such_section()
    {
        Assert.That(SeedSection.Render(new ReportData(SampleRecord.Create(), null, Place.Page)).Text, Is.Empty);
        Assert.That(ReportWriter.Render(s_record, null), Does.Contain(s_section));
    }

    /// <summary>A line for merging and for each schedule, of each seed; the controls are left to the trade-off.</summary>
    [Test]
    public void Every_seed_has_its_lines()
    {
        string[] names = [.. Regex.Matches(s_section, "\"name\":\"([^\"]*)\"").Select(m => m.Groups[1].Value)];
        Assert.That(names, Is.EqualTo(new[] { "merging only", "default schedule", "searched schedule" }
            .SelectMany(kind => new[] { "seed 1", "seed 2", "999999999999" }.Select(seed => $"{seed}, {kind}"))));
    }

    [Test]
    public void The_table_has_every_setting_with_its_mean_and_says_what_is_missing()
    {
        string[] rows =
            [.. Regex.Matches(s_section, "<tr><th scope=\"row\">.*?</tr>", RegexOptions.Singleline).Select(m => m.Value)];
        var cells = s_record.Cells.Where(c => c.Method == "aim").ToList();
        Assert.That(rows, Has.Length.EqualTo(cells.Count));
        double own = cells[0].Counted!.Paired!.Difference;
        Assert.That(rows[0], Does.Contain("−5.0<small>−7.0 to −3.0</small>")
            .And.Contain($">{Format.Points((own - 0.05 - 0.05) / 3)}</td>"));
        Assert.That(rows.Where(r => r.Contains(Format.NotMeasured, StringComparison.Ordinal)), Has.Exactly(1).Items);
    }

    [TestCase(0, 1e9)]
    [TestCase(900, -1.0)]
    public void A_seed_without_samples_or_with_impossible_FLOPs_is_refused(int samples, double flops)
    {
        var cell = s_record.Seeds[0].Cells[0] with { Samples = samples, Flops = flops };
        var record = s_record with { Seeds = [s_record.Seeds[0] with { Cells = [cell] }, s_record.Seeds[1]] };
        Assert.That(() => ReportWriter.Render(record, null), Throws.TypeOf<RunRecordException>()
            .With.Message.Contains("seeds[0].cells").And.Message.Contains(cell.Id));
    }
}
