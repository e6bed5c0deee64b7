using Aim.Reports.Records;

namespace Aim.Reports.Tests.Records;

public class ExhibitValidationTests
{
    private static readonly RunRecord Record = SampleRecord.Create();

    private static T Sample<T>() where T : ExhibitRecord => Record.Exhibits.OfType<T>().First();

    private static IEnumerable<TestCaseData> Wrong()
    {
        var table = Sample<TableRecord>();
        var lines = Sample<LinesRecord>();
        var map = Sample<HeatMapRecord>();
        var bars = Sample<BarsRecord>();
        var gallery = Sample<GalleryRecord>();
        var (sample, answer) = (gallery.Samples[0], gallery.Samples[0].Answers[1]);
        var provenance = answer.Provenance[0];
        TestCaseData Case(string field, ExhibitRecord exhibit) => new TestCaseData(field, exhibit).SetArgDisplayNames(field);
        LinesRecord Points(params PointRecord[] points) =>
            lines with { Panels = [lines.Panels[0] with { Lines = [new LineRecord { Name = "a", Points = points }] }] };
        TableRecord First(ValueRecord value) =>
            table with { Rows = [table.Rows[0] with { Values = [value, .. table.Rows[0].Values.Skip(1)] }] };
        GalleryRecord Answer(GalleryAnswerRecord a) => gallery with { Samples = [sample with { Answers = [a] }] };
        GalleryRecord Provenance(ProvenanceRecord p) => Answer(answer with { Provenance = [p, .. answer.Provenance.Skip(1)] });

        yield return Case("id", table with { Id = "" });
        yield return Case("id", table with { Id = "2nd" });
        yield return Case("lead", table with { Lead = "" });
        yield return Case("from", table with { From = " " });
        yield return Case("rows[0].values", table with { Rows = [table.Rows[0] with { Values = [] }] });
        yield return Case("rows[0].values[0].value", First(ValueRecord.Of(double.PositiveInfinity)));
        yield return Case("rows[0].values[0].interval", First(ValueRecord.Of(0.5, new IntervalRecord(0.6, 0.4))));
        yield return Case("rows[0].values[0].interval", First(new ValueRecord { Interval = new IntervalRecord(0, 1) }));
        yield return Case("rows[0].values[0].n", First(ValueRecord.Of(0.5, n: -1)));
        yield return Case("panels[0].lines[0].points[0].x", Points(new PointRecord { X = 0, Y = 1 }));
        yield return Case("panels[0].lines[0].points[1].x",
            Points(new PointRecord { X = 2, Y = 1 }, new PointRecord { X = 1, Y = 1 }));
        yield return Case("panels[0].lines[0].points[0].y", Points(new PointRecord { X = 1, Y = double.NaN }));
        yield return Case("x.unit", lines with { X = lines.X with { Unit = Unit.Text } });
        yield return Case("x.fromZero", lines with { X = lines.X with { FromZero = true } });
        yield return Case("layers", map with { Layers = [] });
        yield return Case("layers[0].values", map with { Y = [.. map.Y, "one more"] });
        yield return Case("layers[0].values[0]", map with { X = [.. map.X, "one more"] });
        yield return Case("marks[0]", map with { Marks = [new MarkRecord(99, 0, "nowhere")] });
        yield return Case("series[0].values", bars with { Categories = [.. bars.Categories, "one more"] });
        yield return Case("references[0].value", bars with { References = [new ReferenceRecord("chance", double.NaN)] });
        yield return Case("layers", gallery with { Layers = 0 });
        yield return Case("settings", gallery with { Settings = [.. gallery.Settings, gallery.Settings[0]] });
        yield return Case("samples[0].frames[0].png",
            gallery with { Samples = [sample with { Frames = [new GalleryFrameRecord("a", [1, 2, 3])] }] });
        yield return Case("samples[0].frames[0].png", gallery with
        {
            Samples = [sample with { Frames = [new GalleryFrameRecord(
            "a", SamplePng.Create(600, (_, _) => default))] }]
        });
        yield return Case("samples[0].answers[0].setting", Answer(answer with { Setting = "nobody" }));
        yield return Case("samples[0].answers[0].visualTokens", Answer(answer with { VisualTokens = [1] }));
        yield return Case("samples[0].answers[0].provenance", Answer(answer with { Provenance = [provenance] }));
        yield return Case("samples[0].answers[0].provenance[0].rows", Provenance(provenance with { Rows = 0 }));
        yield return Case("samples[0].answers[0].provenance[0].groups", Provenance(provenance with { Groups = [0] }));
        yield return Case("samples[0].answers[0].provenance[0].lastLayers[0]",
            Provenance(provenance with { LastLayers = [99, .. provenance.LastLayers.Skip(1)] }));
        yield return Case("samples[0].answers[0].provenance[0].lastLayers[0]",
            Provenance(provenance with { Groups = [-1, .. provenance.Groups.Skip(1)] }));
    }

    [TestCaseSource(nameof(Wrong))]
    public void What_contradicts_itself_is_refused_by_its_field(string field, ExhibitRecord exhibit)
    {
        var e = Assert.Throws<RunRecordException>(() => ReportWriter.Render(Record with { Exhibits = [exhibit] }, null))!;

        Assert.That(e.Field, Is.EqualTo($"exhibits[0].{field}"));
    }

    [Test]
    public void Ids_are_unique()
    {
        var table = Sample<TableRecord>();

        var e = Assert.Throws<RunRecordException>(() => ReportWriter.Render(Record with { Exhibits = [table, table] }, null))!;

        Assert.That(e.Field, Is.EqualTo("exhibits[1].id"));
    }
}
