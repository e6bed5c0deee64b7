namespace Aim.Notebooks.Tests.Lib;

/// <summary>Costs and figures from a cell.</summary>
public class CostsTests : NotebookFixture
{
    [Test]
    public async Task PricesAModel()
    {
        // The paper's default setting, arXiv 2412.03248, Tables 1 and 5.
        Assert.That((await Ok("Costs.Price(\"qwen2-7b\", 1568, schedule: (14, 22), asScript: true)"
            + ".Teraflops.ToString(\"0.00\")")).Result(), Is.EqualTo("14.76"));
        Assert.That((await Ok("Costs.Price(\"qwen2-7b\", 1568, schedule: (14, 22), asScript: true)"
            + ".Milliseconds.ToString(\"0.00\")")).Result(), Is.EqualTo("55.03"));
        Assert.That((await Ok("Costs.Price(\"qwen2-7b\", 6272).TokensByLayer.Count")).Result(), Is.EqualTo("28"));
        Assert.That(
            (await Ok("Costs.Price(\"datasets/configs/llava-1.5-7b.json\", 576, 40, hardware: \"H100\").Hardware")).Result(),
            Is.EqualTo("H100"));
        Assert.That((await Ok("Costs.Table(\"table5\").Count(r => r.Exact)")).Result(), Is.EqualTo("10"));
        Assert.That((await Ok("Costs.Table(\"table1\")")).Result("text/html"), Does.Contain("99.63"));
        Assert.That(await Fails("Costs.Price(\"nothing\", 1)"), Does.Contain("'nothing' is neither a model"));
        Assert.That(await Fails("Costs.Price(\"qwen2-7b\", 1, hardware: \"abacus\")"),
            Does.Contain("hardware 'abacus' is not known"));
    }

    [Test]
    public async Task DrawsRows()
    {
        await Ok("var rows = new[] { (X: 1, Y: 0.25, G: \"a\"), (X: 2, Y: 0.5, G: \"a\"), (X: 1, Y: 0.75, G: \"b\") };");
        var lines = (await Ok("Chart.Lines(rows, r => r.X, r => r.Y, by: r => r.G, title: \"T\", percent: true, reference: 0.5)"))
            .Of("result").Single();
        var figure = lines["data"]!["application/vnd.plotly.v1+json"]!;
        Assert.That(figure["data"]!.AsArray().Select(t => (string?)t!["name"]), Is.EqualTo(new[] { "a", "b" }));
        Assert.That((string?)figure["layout"]!["title"]!["text"], Is.EqualTo("T"));
        Assert.That((string?)figure["layout"]!["paper_bgcolor"], Is.EqualTo("#ffffff"));
        var heat = (await Ok("Chart.Heat(rows, r => $\"{r.X}\", r => r.G, r => r.Y)")).Of("result").Single();
        Assert.That(heat["data"]!["application/vnd.plotly.v1+json"]!["data"]![0]!["z"]!.ToJsonString(),
            Is.EqualTo("[[0.25,0.5],[0.75,null]]"));
        var bars = (await Ok("Chart.Bars(rows, r => r.G, r => r.Y, lying: true)")).Of("result").Single();
        Assert.That((string?)bars["data"]!["application/vnd.plotly.v1+json"]!["data"]![0]!["orientation"], Is.EqualTo("h"));
    }

    [Test]
    public async Task IsThereWithAndWithoutAReference()
    {
        await Ok("#r \"Aim.Notebook\"\nusing Aim.Notebook;\nvar names = Study.Names;");
        await Ok("#r \"nuget: Aim.Notebook\"\n_ = Costs.Tables;");
        Assert.That((string?)(await Host.AskAsync("inspect", "Study.Lo|ad"))["text"], Does.Contain("A definition by its name"));
    }

    [Test]
    public void NamesThatCellsSeeAreClear()
    {
        string[] namespaces = [.. Aim.Kernel.KernelSetup.Imports, .. Setup.MoreImports];
        var clashes = AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic).SelectMany(a => a.GetExportedTypes())
            .Where(t => !t.IsNested && namespaces.Contains(t.Namespace)).GroupBy(t => t.Name)
            .Where(g => g.Select(t => t.FullName).Distinct().Count() > 1
                && g.Any(t => t.Namespace!.StartsWith("Aim", StringComparison.Ordinal)));
        Assert.That(clashes.Select(g => g.Key), Is.Empty);
    }
}
