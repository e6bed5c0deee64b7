namespace Aim.Notebooks.Tests.Kernel;

/// <summary>How values are shown.</summary>
public class DisplayTests : HostFixture
{
    [TestCase("1.5", "1.5")]
    [TestCase("\"text\"", "text")]
    [TestCase("true", "true")]
    [TestCase("double.NaN", "NaN")]
    [TestCase("DayOfWeek.Monday", "Monday")]
    [TestCase("new DateTime(2020, 1, 2)", "01/02/2020 00:00:00")]
    [TestCase("new Version(1, 2)", "1.2")]
    public async Task Values_with_a_text_of_their_own(string code, string text)
    {
        var outcome = await Ok(code);
        Assert.That((outcome.Result(), outcome.Result("text/html")), Is.EqualTo((text, (string?)null)));
    }

    [Test]
    public async Task Records_are_tables_cut_with_the_count()
    {
        var outcome = await Ok("record Row(string Name, double Value);\n"
            + "Enumerable.Range(0, 1234).Select(i => new Row($\"<r{i}>\", i / 2.0)).ToList()");
        string html = outcome.Result("text/html")!, text = outcome.Result()!;
        Assert.That(html, Does.Contain("<th>Name</th><th>Value</th>").And.Contain("&lt;r49&gt;").And.Not.Contain("r50"));
        Assert.That(html, Does.Contain("1,234 items, the first 50 shown"));
        Assert.That(text.Split('\n')[..2], Is.EqualTo((string[])["Name   Value", "<r0>       0"]));
    }

    [Test]
    public async Task An_endless_sequence_is_cut()
    {
        var outcome = await Ok("IEnumerable<int> Count() { for (int i = 0; ; i++) yield return i; } Count()");
        Assert.That(outcome.Result(), Does.EndWith("the first 50 items; there are more"));
    }

    [TestCase("new Dictionary<string, int> { [\"a\"] = 1 }", "key  value\na        1\n1 item")]
    [TestCase("new[] { 1, 22 }", "value\n    1\n   22\n2 items")]
    [TestCase("new double[,] { { 1, 2 }, { 3, 4 } }", "0  1\n1  2\n3  4\n2 x 2")]
    [TestCase("new { X = 1, Y = new[] { 1, 2 } }", "   anonymous\nX          1\nY  [1, 2]")]
    [TestCase("new[] { (1, \"a\") }", "Item1  Item2\n    1  a\n1 item")]
    public async Task Other_shapes(string code, string text) => Assert.That((await Ok(code)).Result(), Is.EqualTo(text));

    [Test]
    public async Task Display_updates_in_its_place()
    {
        var outcome = await Ok("var progress = display(\"0 %\"); progress.Update(\"100 %\");");
        var (shown, updated) = (outcome.Of("display").Single(), outcome.Of("update").Single());
        Assert.That((string?)updated["display_id"], Is.Not.Null.And.EqualTo((string?)shown["display_id"]));
        Assert.That((string?)updated["data"]!["text/plain"], Is.EqualTo("100 %"));
    }

    [TestCase("HTML(\"<b>\")", "text/html", "<b>")]
    [TestCase("Markdown(\"*x*\")", "text/markdown", "*x*")]
    [TestCase("Javascript(\"f()\")", "application/javascript", "f()")]
    [TestCase("SVG(\"<svg/>\")", "image/svg+xml", "<svg/>")]
    [TestCase("PNG(new byte[] { 0x89, 0x50, 0x4E, 0x47 })", "image/png", "iVBORw==")]
    public async Task Content_of_a_type(string code, string type, string content) =>
        Assert.That((await Ok(code)).Result(type), Is.EqualTo(content));

    [Test]
    public async Task What_is_no_PNG_is_told() => Assert.That(await Fails("PNG(new byte[3])"), Does.Contain("no PNG file"));

    [Test]
    public async Task A_property_that_throws_spoils_only_its_cell()
    {
        var outcome = await Ok("class Sour { public int Good => 1; public int Bad => throw new Exception(\"no\"); } new Sour()");
        Assert.That(outcome.Result(), Does.Contain("Good  1").Or.Contain("Good").And.Contain("Exception: no"));
    }

    [Test]
    public async Task Clearing_the_output() =>
        Assert.That((bool)(await Ok("Console.Write(1); ClearOutput(wait: true);")).Of("clear").Single()["wait"]!, Is.True);

    [Test]
    public async Task A_figure_is_plotlys_JSON_and_HTML_whose_script_comes_once()
    {
        const string Figure = "Plotly(new[] { new { type = \"bar\", x = new[] { \"</script>\" }, y = new[] { double.NaN } } })";
        var first = await Ok(Figure);
        var second = await Ok(Figure);
        var json = second.Of("result").Single()["data"]!["application/vnd.plotly.v1+json"]!;
        Assert.That(json.ToJsonString(),
            Is.EqualTo("""{"data":[{"type":"bar","x":["\u003C/script\u003E"],"y":[null]}],"layout":{}}"""));
        Assert.That(first.Result("text/html"), Does.Contain("plotly.js").And.Contain("window.Plotly.newPlot("));
        Assert.That(second.Result("text/html"), Does.Not.Contain("Copyright").And.Contains("window.Plotly.newPlot("));
    }
}
