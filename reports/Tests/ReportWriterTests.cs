using System.Text.RegularExpressions;
using Aim.Reports.Records;

namespace Aim.Reports.Tests;

public class ReportWriterTests
{
    private static readonly RunRecord Record = SampleRecord.Create();

    [Test]
    public void Equal_records_give_equal_bytes()
    {
        var again = SampleRecord.Create();

        Assert.That(ReportWriter.Render(again, SampleRecord.CreateTimings(again)),
            Is.EqualTo(ReportWriter.Render(Record, SampleRecord.CreateTimings(Record))));
    }

    [Test]
    public void A_record_read_back_gives_the_same_page()
    {
        var directory = Directory.CreateTempSubdirectory("aim-report-").FullName;
        try
        {
            var (results, page) = (Path.Combine(directory, RunRecordFile.ResultsName), Path.Combine(directory, "report.html"));
            RunRecordFile.Write(results, Record);
            ReportWriter.Write(RunRecordFile.ReadResults(results), null, page);

            Assert.That(File.ReadAllText(page), Is.EqualTo(ReportWriter.Render(Record, null)));
            Assert.That(Directory.GetFiles(directory), Has.Length.EqualTo(2));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Test]
    public void Every_cell_has_its_row_and_its_point()
    {
        var page = ReportWriter.Render(Record, null);

        foreach (var cell in Record.Cells)
            Assert.That(Regex.Count(page, $"data-cell=\"{Regex.Escape(cell.Id)}\""), Is.EqualTo(1), cell.Id);
    }

    [Test]
    public void Texts_of_the_record_cannot_become_markup()
    {
        const string attack = "</script><script>alert(1)</script><img src=x onerror='alert(2)'>\"&";
        var cells = Record.Cells.Select(c => c with
        {
            Id = c.Id + attack,
            Method = c.Method == "random" ? attack : c.Method,
            RetentionPrinted = attack,
            ByKind = c.ByKind.Select(k => k with { Kind = k.Kind + attack }).ToList(),
        }).ToList();
        var record = Record with
        {
            Baseline = Record.Baseline + attack,
            Cells = cells,
            Definition = Record.Definition with { Name = attack, Yaml = attack },
            Model = Record.Model with { Name = attack, Path = attack },
            Data = Record.Data with
            {
                Name = attack,
                Version = attack,
                Split = attack,
                Hashes = [new HashRecord(attack, attack)]
            },
            Code = Record.Code with
            {
                Engine = attack,
                InstructionSet = attack,
                Commit = attack,
                Assemblies = [new HashRecord(attack, attack)]
            },
            Kinds = Record.Kinds.Select(k => k with { Kind = k.Kind + attack, Description = attack, Reason = attack }).ToList(),
            Controls = Record.Controls.Select(c =>
                c with { Name = attack, ByKind = c.ByKind.Select(k => k with { Kind = k.Kind + attack }).ToList() }).ToList(),
            Horizon = Record.Horizon.Select(h => h with { Kind = attack }).ToList(),
            Verdicts = [new VerdictRecord { Claim = attack, Outcome = Outcome.NotDecided, Rule = attack, Detail = attack }],
            Exhibits = [],
            CostChecks = [new CostCheckRecord { Setting = attack, Teraflops = 1, Milliseconds = 1, PaperTeraflops = attack,
                PaperMilliseconds = attack }],
        };
        var timings = SampleRecord.CreateTimings(record);
        timings = timings with
        {
            Started = attack,
            Machine = timings.Machine with { Cpu = attack, Os = attack, Runtime = attack }
        };

        var page = ReportWriter.Render(record, timings);

        Assert.That(page, Does.Not.Contain("<script>alert"));
        Assert.That(page, Does.Not.Contain("<img"));
        Assert.That(Regex.Count(page, "</script>"),
            Is.EqualTo(Regex.Count(ReportWriter.Render(Record with { Exhibits = [] }, timings), "</script>")));
        Assert.That(page, Does.Contain("&lt;/script&gt;"), "the text itself is still there");
    }

    [Test]
    public void What_was_not_measured_is_said_so()
    {
        var bare = Record with
        {
            Controls = [],
            Horizon = [],
            Verdicts = [],
            CostChecks = [],
            Code = Record.Code with { Commit = null, Dirty = null }
        };

        var page = ReportWriter.Render(bare, null);

        string[] sections = ["controls", "horizon", "time", "cost"];
        foreach (var id in sections)
            Assert.That(Section(page, id), Does.Contain("not measured").And.Not.Contain("<table"), id);
        Assert.That(Regex.Count(Section(page, "tradeoff"), "<td class=\"n missing\">not measured</td>"),
            Is.GreaterThanOrEqualTo(2 * Record.Cells.Count - 1), "prefill and speed-up of each cell");
        Assert.That(Section(page, "provenance"), Does.Contain("not recorded"));
    }

    [Test]
    public void Kinds_that_do_not_count_are_left_out_and_named()
    {
        var page = ReportWriter.Render(Record, null);
        var counted = Record.Cells.Single(c => c.Id == Record.Baseline).Counted!;

        Assert.That(Section(page, "headline"),
            Does.Contain($"<strong>{Format.Percent(counted.Accuracy)}</strong>").And.Contain("Not counted here: code-book"));
        Assert.That(page, Does.Contain("<th scope=\"col\">code-book *</th>"));
    }

    [Test]
    public void Where_only_some_kinds_are_asked_beyond_the_first_questions_the_page_says_so()
    {
        var record = Record with { Data = Record.Data with { First = 300 } };

        Assert.That(Section(ReportWriter.Render(record, null), "headline"),
            Does.Contain("asked in the first 300 questions, and behind those only what counts is"));
    }

    [Test]
    public void Kinds_that_do_not_count_but_were_not_taken_out_are_confessed()
    {
        var record = Record with { Cells = Record.Cells.Select(c => c with { Counted = null }).ToList() };

        Assert.That(Section(ReportWriter.Render(record, null), "headline"),
            Does.Contain("This includes kinds that do not beat their controls: code-book"));
    }

    [Test]
    public void A_model_that_beats_no_control_is_called_that()
    {
        var record = Record with
        {
            Cells = Record.Cells.Select(c => c with { Counted = null }).ToList(),
            Kinds = Record.Kinds.Select(k => k with { Counts = false }).ToList()
        };

        Assert.That(Section(ReportWriter.Render(record, null), "headline"),
            Does.Contain("No kind of question beats its controls"));
    }

    [Test]
    public void Rows_run_from_high_to_low_retention_whatever_the_plan()
    {
        var record = Record with { Cells = [.. Record.Cells.Reverse()] };

        var table = Section(ReportWriter.Render(record, null), "tradeoff");

        string[] ids = ["none-1", "aim-1/2", "aim-1/4", "aim-1/64", "aim-1-default", "aim-1/2-default", "aim-1/64-searched",
            "random-1/4-default"];
        Assert.That(ids.Select(id => table.IndexOf($"data-cell=\"{id}\"", StringComparison.Ordinal)),
            Is.Ordered.Ascending.And.All.Positive);
    }

    [Test]
    public void Speed_ups_are_ratios_of_the_medians()
    {
        var timings = SampleRecord.CreateTimings(Record);
        var cell = Record.Cells.Single(c => c.Id == "aim-1/4-default");
        var (whole, part) = (timings.Cells.Single(c => c.Id == Record.Baseline).Prefill!.Median,
            timings.Cells.Single(c => c.Id == cell.Id).Prefill!.Median);

        var page = ReportWriter.Render(Record, timings);

        var row = page[page.IndexOf($"data-cell=\"{cell.Id}\"", StringComparison.Ordinal)..];
        Assert.That(row[..row.IndexOf("</tr>", StringComparison.Ordinal)], Does.Contain($"{Format.Ratio(whole / part)}<small>"));
    }

    [Test]
    public void A_cell_of_other_questions_is_compared_with_the_unreduced_model_on_them()
    {
        var (run, cell) = (Record.Cells.Single(c => c.Id == Record.Baseline),
            Record.Cells.Single(c => c.Id == "aim-1/4-default"));
        var own = run with { Id = "none-64", Baseline = "none-64", Questions = "64 frames", FlopsHonest = 3 * run.FlopsHonest };
        var other = cell with { Id = "aim-64", Baseline = own.Id, Questions = own.Questions, FlopsHonest = 2 * cell.FlopsHonest };
        var record = Record with { Cells = [.. Record.Cells, own, other] };
        var data = new ReportData(record, SampleRecord.CreateTimings(record), Place.Page);

        Assert.That(data.FlopsRatio(other), Is.EqualTo(1.5 * data.FlopsRatio(cell)).Within(1e-9));
        Assert.That(data.MeasuredSpeedup(other), Is.EqualTo(1.5 * data.MeasuredSpeedup(cell)).Within(1e-9));
        Assert.That(data.PredictedSpeedup(other), Is.EqualTo(1.5 * data.PredictedSpeedup(cell)).Within(1e-9));
        Assert.That((data.IsBaseline(own), data.IsBaseline(other), data.FlopsRatio(own)), Is.EqualTo((true, false, 1.0)));
        Assert.That(Section(ReportWriter.Render(record, null), "headline"), Does.Not.Contain("Unreduced, 100%"),
            "no tile for what is compared with");
    }

    [Test]
    public void The_page_names_no_address_to_fetch_from()
    {
        var page = ReportWriter.Render(Record, SampleRecord.CreateTimings(Record)).Replace(Assets.Plotly, "");

        Assert.That(page, Does.Not.Match("(src|href)=\"(?!data:)").And.Not.Contain("@import").And.Not.Contain("url("));
        Assert.That(page, Does.Contain("default-src 'none'"));
    }

    [Test]
    public void The_smallest_run_has_a_page()
    {
        var only = Record.Cells.Single(c => c.Id == Record.Baseline) with
        {
            ByKind = [],
            Counted = null,
            Samples = 0,
            Correct = 0,
            Accuracy = 0,
            Wilson = new IntervalRecord(0, 1),
            Headline = false
        };
        var record = Record with
        {
            Cells = [only],
            Controls = [],
            Kinds = [],
            Horizon = [],
            Verdicts = [],
            CostChecks = [],
            Exhibits = []
        };

        var page = ReportWriter.Render(record, null);

        Assert.That(Regex.Count(page, "<tr data-cell="), Is.EqualTo(1));
        Assert.That(page.Replace(Assets.Plotly, ""),
            Does.Contain("The definition states no claim to decide.").And.Not.Contains("NaN"));
    }

    [Test]
    public void A_record_that_contradicts_itself_gives_no_page() =>
        Assert.Throws<RunRecordException>(() => ReportWriter.Render(Record with { Baseline = "nobody" }, null));

    private static string Section(string page, string id)
    {
        var start = page.IndexOf($"<section id=\"{id}\"", StringComparison.Ordinal);
        return page[start..page.IndexOf("</section>", start, StringComparison.Ordinal)];
    }
}
