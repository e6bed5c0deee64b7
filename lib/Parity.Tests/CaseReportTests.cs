using System.Text;
using System.Text.Json;

namespace Aim.Parity.Tests;

/// <summary>The line and the JSON of a result.</summary>
public sealed class CaseReportTests
{
    private static readonly CaseResult[] Results =
    [
        new("merge", "a", CaseStatus.Pass, [new("final", 1.25e-7, 0)]),
        new("merge", "b\u001b[31m\n", CaseStatus.Fail, [new("final", double.NaN, double.PositiveInfinity)], "off\nby two"),
        new("ops", "c", CaseStatus.NotSupported, [], "no c"),
        new("ops", "d", CaseStatus.Informative, []),
    ];

    [Test]
    public void AResultIsOneLine()
    {
        Assert.That(CaseReport.Line(Results[0]), Is.EqualTo("pass          merge/a  final 1.25e-7 (0e+0)"));
        Assert.That(CaseReport.Line(Results[1]), Is.EqualTo("fail          merge/b [31m   final NaN (Infinity)  # off by two"));
        Assert.That(CaseReport.Line(Results[2]), Is.EqualTo("not-supported ops/c  # no c"));
    }

    [Test]
    public void JsonHasCasesAndSummary()
    {
        using var stream = new MemoryStream();
        CaseReport.WriteJson(stream, Results);
        string[] parts =
        [
            """{"cases":[""",
            """{"kind":"merge","name":"a","status":"pass","differences":[{"tensor":"final","abs":1.25E-07,"rel":0}]},""",
            """{"kind":"merge","name":"b\u001B[31m\n","status":"fail",""",
            """ "differences":[{"tensor":"final","abs":null,"rel":null}],"reason":"off\nby two"},""",
            """{"kind":"ops","name":"c","status":"not-supported","differences":[],"reason":"no c"},""",
            """{"kind":"ops","name":"d","status":"informative","differences":[]}],""",
            """ "summary":{"total":4,"pass":1,"fail":1,"not-supported":1,"informative":1,"kinds":{""",
            """ "merge":{"total":2,"pass":1,"fail":1,"not-supported":0,"informative":0},""",
            """ "ops":{"total":2,"pass":0,"fail":0,"not-supported":1,"informative":1}}}}""",
        ];
        Assert.That(Encoding.UTF8.GetString(stream.ToArray()), Is.EqualTo(string.Concat(parts.Select(p => p.TrimStart()))));
    }

    [Test]
    public void LoneSurrogatesStayValidJson()
    {
        using var stream = new MemoryStream();
        CaseReport.WriteJson(stream, [new("k", "\ud800", CaseStatus.Pass, [])]);
        Assert.That(() => JsonDocument.Parse(stream.ToArray()), Throws.Nothing);
    }
}
