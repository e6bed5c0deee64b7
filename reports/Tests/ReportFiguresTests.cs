using System.Text.Json.Nodes;
using Aim.Reports.Records;

namespace Aim.Reports.Tests;

/// <summary>A run's figures without a report's page around them.</summary>
public class ReportFiguresTests
{
    private static readonly RunRecord Record = SampleRecord.Create();

    [Test]
    public void AreOneForEveryPanelAndValue()
    {
        foreach (var exhibit in Record.Exhibits)
        {
            string[] expected = exhibit switch
            {
                LinesRecord lines => [.. lines.Panels.Select(p => p.Y.Title)],
                HeatMapRecord map => [.. map.Layers.Select(l => l.Title)],
                BarsRecord bars => [bars.Y.Title],
                _ => [],
            };
            var figures = ReportFigures.Of(exhibit);
            Assert.That(figures.Select(f => f.Name), Is.EqualTo(expected), exhibit.Id);
            Assert.That(figures.Select(f => f.Figure.Data.Count), Is.All.GreaterThan(0), exhibit.Id);
        }

        Assert.That(Record.Exhibits.SelectMany(ReportFigures.Of), Is.Not.Empty);
    }

    [Test]
    public void HaveTheLightThemesColours()
    {
        var figure = ReportFigures.Tradeoff(Record);
        string standalone = figure.ToStandaloneJson();
        Assert.That(figure.ToJson(), Does.Contain("var(--ink)"));
        Assert.That(standalone, Does.Not.Contain("var(--"));
        var layout = JsonNode.Parse(standalone)!["layout"]!;
        Assert.That((string?)layout["font"]!["color"], Is.EqualTo("#1c1f23"));
        Assert.That((string?)layout["paper_bgcolor"], Is.EqualTo("#ffffff"));
        Assert.That((string?)layout["font"]!["family"], Does.StartWith("system-ui"));
    }

    [Test]
    public void NamesThatTheThemeLacksStay() =>
        Assert.That(Palette.InLight("1px var(--nothing)"), Is.EqualTo("1px var(--nothing)"));
}
