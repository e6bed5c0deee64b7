using System.Text.RegularExpressions;
using Aim.Reports.Html;
using Aim.Reports.Records;

namespace Aim.Reports.Tests;

public class CollectionReportTests
{
    private const string Attack = "</script><script>alert(1)</script><i onclick='alert(2)'>\"&";

    private static readonly Collection Collection = SampleCollection.Create();

    private static string Page(Collection collection) => ReportWriter.Render(collection).Replace(Assets.Plotly, "");

    [Test]
    public void Equal_collections_give_equal_bytes() =>
        Assert.That(ReportWriter.Render(SampleCollection.Create()), Is.EqualTo(ReportWriter.Render(Collection)));

    [Test]
    public void No_two_elements_share_an_id()
    {
        // names that would collide if ids were joined carelessly
        var run = Collection.Runs[1];
        var lines = run.Record.Exhibits.OfType<LinesRecord>().First();
        var exhibits = (ExhibitRecord[])[lines with { Id = "tradeoff" }, lines with { Id = "tradeoff-table" },
            lines with { Id = "horizon" }];
        var runs = (CollectedRun[])[run with { Key = "a", Record = run.Record with { Exhibits = exhibits } },
            run with { Key = "a-exhibit" }, run with { Key = "claims" }];
        var collection = new Collection(
            Collection.Record with
            {
                Claims = [.. Collection.Record.Claims.Select(c => c with { Run = null, Exhibit = null })],
                Runs = [.. runs.Select(r => new CollectionRunRecord(r.Key, r.Key, SampleRecord.Hash('a')))]
            },
            runs);

        foreach (var page in (string[])[Page(Collection), Page(collection),
            ReportWriter.Render(SampleRecord.Create(), null).Replace(Assets.Plotly, "")])
            Assert.That(Regex.Matches(page, " id=\"([^\"]*)\"").Select(m => m.Groups[1].Value), Is.Unique);
    }

    [Test]
    public void The_first_page_has_each_claim_with_what_it_rests_on()
    {
        var page = Page(Collection);
        foreach (var claim in Collection.Record.Claims)
        {
            var start = page.IndexOf($"<li id=\"claim-{claim.Id}\"", StringComparison.Ordinal);
            var item = page[start..page.IndexOf("</li>", start, StringComparison.Ordinal)];
            Assert.That(item, Does.Contain(Markup.Of($"{claim.Claim}").Text).And.Contain($"Paper: {claim.Source}."));
            Assert.That(item, claim.Measure is null ? Does.Contain(Format.NotMeasured)
                : Does.Contain(Markup.Of($"{claim.Measure.What}").Text));
            if (claim.Measure?.Value is { N: { } n, Interval: { } interval })
                Assert.That(item, Does.Contain($"n = {Format.Count(n)}, one seed").And.Contain(
                    $"95% interval {Units.Interval(claim.Measure.Unit, interval)}"));
        }
    }

    [Test]
    public void A_claim_lists_what_its_rule_asks_for()
    {
        var page = Page(Collection);
        var claim = Collection.Record.Claims[0];
        var start = page.IndexOf($"<table id=\"claim-{claim.Id}_comparisons\"", StringComparison.Ordinal);
        var table = page[start..page.IndexOf("</table>", start, StringComparison.Ordinal)];
        var rows = table.Split("<tr>").Skip(2).ToArray();
        Assert.That(rows, Has.Length.EqualTo(claim.Comparisons.Count));
        Assert.That(rows[0], Does.Contain("by seed").And.Contain("−1.6 to +0.8, n = 1,000").And.Contain("above −2.0").And.Contain("&lt;0.001")
            .And.Contain("passes"));
        Assert.That(rows[1], Does.Contain("order").And.Contain("n = 400").And.Contain("stays open"));
        Assert.That(rows[2], Does.Contain("below −2.0").And.Contain("passes"));
        Assert.That(table.IndexOf("Tests", StringComparison.Ordinal), Is.LessThan(table.IndexOf("Controls", StringComparison.Ordinal)));
        Assert.That(page, Does.Not.Contain($"claim-{Collection.Record.Claims[1].Id}_comparisons"), "a claim without has no table");
    }

    /// <summary>Where intervals alone decide there is no column of p; what was not measured says why.</summary>
    [Test]
    public void A_comparison_may_do_without_p_and_even_without_a_figure()
    {
        ComparisonRecord cost = new()
        {
            What = "FLOPs of 'none'",
            Unit = Unit.Ratio,
            Value = ValueRecord.Of(10.5, n: 400),
            Bound = 6.75,
            Side = ComparisonSide.AtLeast,
            Outcome = ComparisonOutcome.Passes,
        };
        var unmeasured = cost with
        {
            What = "accuracy",
            Unit = Unit.Points,
            Value = new ValueRecord { Detail = "'a' was left out" },
            Bound = 0.02,
            Side = ComparisonSide.Within,
            Outcome = ComparisonOutcome.Open,
        };
        var fine = cost with { Unit = Unit.Points, Value = ValueRecord.Of(-0.00004), Bound = 0, Side = ComparisonSide.Below };
        var claim = Collection.Record.Claims[0] with { Comparisons = [cost, unmeasured, fine] };
        var page = Page(Collection with { Record = Collection.Record with { Claims = [claim, .. Collection.Record.Claims.Skip(1)] } });
        var start = page.IndexOf($"<table id=\"claim-{claim.Id}_comparisons\"", StringComparison.Ordinal);
        var table = page[start..page.IndexOf("</table>", start, StringComparison.Ordinal)];
        var rows = table.Split("<tr>").Skip(2).ToArray();
        Assert.That(table, Does.Not.Contain("corrected").And.Not.Contain(", on").And.Contain("colspan=\"4\""));
        Assert.That(rows[0], Does.Contain("10.5×").And.Contain("n = 400").And.Contain("at least 6.75×").And.Contain("passes"));
        Assert.That(rows[1], Does.Contain(Format.NotMeasured).And.Contain("was left out").And.Contain("within ±2.0"));
        Assert.That(rows[2], Does.Contain("−0.0040 points"));
    }

    [Test]
    public void An_experiment_opens_with_its_question_and_confesses_what_is_exploratory()
    {
        var page = Page(Collection);
        var run = page[page.IndexOf("<section id=\"run-table1\"", StringComparison.Ordinal)..];

        Assert.That(run.IndexOf("class=\"ask\"", StringComparison.Ordinal),
            Is.Positive.And.LessThan(run.IndexOf("<figure", StringComparison.Ordinal)));
        Assert.That(run, Does.Contain("one seed"));
        foreach (var exhibit in Collection.Runs[1].Record.Exhibits)
        {
            var start = run.IndexOf($"<section id=\"run-table1_exhibit-{exhibit.Id}\"", StringComparison.Ordinal);
            var section = run[start..run.IndexOf("</section>", start, StringComparison.Ordinal)];
            Assert.That(section, Does.Contain($"From: {exhibit.From}."));
            Assert.That(section.Contains("Exploratory: no verdict rests on it."), Is.EqualTo(exhibit.Exploratory), exhibit.Id);
        }
    }

    [Test]
    public void Texts_of_exhibits_and_claims_cannot_become_markup()
    {
        var run = Collection.Runs[1];
        var exhibits = run.Record.Exhibits.Select(Attacked).ToList();
        var claims = Collection.Record.Claims.Select(c => c with
        {
            Claim = Attack,
            Source = Attack,
            Reason = Attack,
            Rule = Attack,
            Measure = c.Measure is { } m
                ? m with { What = Attack, From = Attack, Value = m.Value with { Text = Attack, Detail = Attack } } : null,
        }).ToList();
        var record = run.Record with
        {
            Exhibits = exhibits,
            Definition = run.Record.Definition with { Question = Attack, Title = Attack }
        };
        var collection = new Collection(
            Collection.Record with
            {
                Title = Attack,
                Summary = Attack,
                Command = Attack,
                Paper = Attack,
                Claims = claims,
                Exhibits = [Attacked(SampleExhibits.Cost())]
            },
            [Collection.Runs[0], run with { Record = record }]);

        var page = Page(collection);

        Assert.That(page, Does.Not.Contain("<script>alert").And.Not.Contain("<i onclick"));
        Assert.That(Regex.Count(page, "</script>"), Is.EqualTo(Regex.Count(Page(Collection), "</script>")));
    }

    [Test]
    public void A_gallery_of_twelve_clips_keeps_the_page_below_ten_megabytes()
    {
        var random = new Random(1);
        var noise = new GalleryFrameRecord("frame",
            SamplePng.Create(96, (_, _) => ((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256))));
        var gallery = SampleExhibits.Gallery();
        var sample = gallery.Samples[0] with
        {
            Frames = [.. Enumerable.Repeat(noise, 16)],
            Answers = [.. gallery.Samples[0].Answers.Select(a => a with { Provenance = [.. a.Provenance, .. a.Provenance] })],
        };
        var run = Collection.Runs[1];
        var record = run.Record with
        {
            Exhibits = [.. run.Record.Exhibits.Where(e => e is not GalleryRecord),
            gallery with { Samples = [.. Enumerable.Repeat(sample, 12)] }]
        };

        var page = ReportWriter.Render(Collection with { Runs = [Collection.Runs[0], run with { Record = record }] });

        Assert.That(page, Has.Length.LessThan(10_000_000).And.Length.GreaterThan(6_000_000), "noise does not compress");
    }

    private static ExhibitRecord Attacked(ExhibitRecord exhibit) => exhibit switch
    {
        TableRecord t => t with
        {
            Title = Attack,
            Lead = Attack,
            From = Attack,
            Note = Attack,
            RowTitle = Attack,
            Columns = [.. t.Columns.Select(c => c with { Title = Attack, Detail = Attack })],
            Rows = [.. t.Rows.Select(r => r with { Name = Attack, Group = Attack, Detail = Attack,
                Values = [.. r.Values.Select(v => v with { Text = Attack, Detail = Attack })] })],
        },
        LinesRecord l => l with
        {
            X = l.X with { Title = Attack },
            Panels = [.. l.Panels.Select(p => p with { Y = p.Y with { Title = Attack }, References = [new(Attack, 1)],
                Lines = [.. p.Lines.Select(s => s with { Name = Attack })] })],
        },
        HeatMapRecord m => m with
        {
            XTitle = Attack,
            YTitle = Attack,
            X = [.. m.X.Select(x => x + Attack)],
            Y = [.. m.Y.Select(y => y + Attack)],
            Marks = [new(0, 0, Attack)],
            Layers = [.. m.Layers.Select(l => l with { Title = Attack })],
        },
        BarsRecord b => b with
        {
            CategoryTitle = Attack,
            Categories = [.. b.Categories.Select(c => c + Attack)],
            Y = b.Y with { Title = Attack },
            References = [new(Attack, 1)],
            Series = [.. b.Series.Select(s => s with { Name = Attack })],
        },
        GalleryRecord g => g with
        {
            Choice = Attack,
            Settings = [.. g.Settings.Select(s => s with { Id = s.Id + Attack, Name = Attack })],
            Samples =
            [
                .. g.Samples.Select(s => s with
                {
                    Id = Attack, Kind = Attack, Question = Attack, Expected = Attack,
                        Frames = [.. s.Frames.Select(f => f with { Name = Attack, Description = Attack })],
                    Answers = [.. s.Answers.Select(a => a with { Setting = a.Setting + Attack, Answer = Attack })],
                }),
            ],
        },
        _ => exhibit,
    };
}
