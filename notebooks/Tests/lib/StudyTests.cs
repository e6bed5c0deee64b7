namespace Aim.Notebooks.Tests.Lib;

/// <summary>Definitions from a cell: changed, planned, run, read back.</summary>
public class StudyTests : NotebookFixture
{
    // Eight frames, three questions: seconds.
    private const string Small = """
        Study.New("small", "Does a quarter suffice?", "method: [aim, random], retention: [1/2, 1/4]").Frames(8).Limit(3)
        """;

    [Test]
    public async Task RunsAndGivesRecords()
    {
        await Ok($"var run = {Small}.Run();");
        Assert.That((await Ok("string.Join(\"|\", run.Cells.Select(c => c.Cell))")).Result(),
            Is.EqualTo("none|aim 1/2|aim 1/4|random 1/2|random 1/4"));
        Assert.That((await Ok("run.Cells.All(c => c.Accuracy >= c.Low && c.Accuracy <= c.High && c.Samples > 0)")).Result(),
            Is.EqualTo("true"));
        Assert.That((await Ok("run[\"aim 1/4\"].TimesFewer > run[\"aim 1/2\"].TimesFewer")).Result(), Is.EqualTo("true"));
        Assert.That((await Ok("run[\"aim 1/4\"].Gflops == run[\"random 1/4\"].Gflops")).Result(), Is.EqualTo("true"));
        Assert.That((await Ok("run.Answers.Count + \" \" + run.Answers.Select(a => a.Sample).Distinct().Count()")).Result(),
            Is.EqualTo("15 3"));
        Assert.That((await Ok("""
            run.Answers.GroupBy(a => a.Cell).All(g => run.Record.Cells.First(c => c.Id == g.Key).Correct == g.Count(a => a.Right))
            """)).Result(), Is.EqualTo("true"));
        Assert.That((await Ok("run")).Result("text/html"), Does.Contain("random 1/4").And.Contain("<table"));
        Assert.That(await Fails("run[\"aim 1/3\"]"), Does.Contain("no cell 'aim 1/3'; there are 'none', 'aim 1/2'"));
    }

    [Test]
    public async Task ReadsBackWhatRanBefore()
    {
        await Ok($"var first = {Small}.Run();");
        var again = await Ok($"var again = {Small}.Run();");
        Assert.That(again.Events, Is.Empty, "nothing runs, so no progress is shown");
        Assert.That((await Ok("again.Directory == first.Directory")).Result(), Is.EqualTo("true"));
        Assert.That((await Ok("StudyRun.Open(first.Directory).Cells.SequenceEqual(first.Cells)")).Result(), Is.EqualTo("true"));
        Assert.That(
            (await Ok("StudyRun.Open(System.IO.Path.GetFileName(first.Directory))"
                + ".Answers.SequenceEqual(first.Answers)")).Result(),
            Is.EqualTo("true"));

        // What two studies have in common is computed once.
        var wider = await Ok($"var wider = {Small}.Add(\"method: downsample, flops: aim 1/4\").Run();");
        Assert.That(wider.Of("update").Last()["data"]!["text/plain"]!.ToString(), Does.Contain("computed 3 answers"));
    }

    [Test]
    public async Task ChangesADefinition()
    {
        Assert.That((await Ok("""
            string.Join("|", Study.Load("table4").Limit(5).Frames(8).Retentions("1/3").Only("aim").Definition.Cells.Select(c => $"{c.Id} {c.Samples}"))
            """)).Result(), Is.EqualTo("none 5|aim 1/3 5"));

        Assert.That((await Ok("""
            string.Join("|", Study.Load("table4").Limit(5).Retentions("25%").Definition.Cells.Select(c => c.Id))
            """)).Result(), Is.EqualTo("none|aim 1/4|random 1/4|downsample at aim 1/4"));

        // A cell whose cost is matched stays with the one that is matched to it.
        Assert.That((await Ok("""
            string.Join("|", Study.Load("table4").Where(c => c.Target?.Cell == "aim 1/8").Definition.Cells.Select(c => c.Id))
            """)).Result(), Is.EqualTo("none|aim 1/8|downsample at aim 1/8"));
        Assert.That((await Ok("""
            var d = Study.Load("table4").With("seed", 7).With("kinds", new[] { "first", "last" }).With("data.split", "validation").Definition;
            $"{d.Seed} {d.Set.Kinds} {d.Split} {d.Timing}"
            """)).Result(), Is.EqualTo("7 first+last validation None"));
        Assert.That((await Ok("Study.Names.Contains(\"tradeoff-video\")")).Result(), Is.EqualTo("true"));
    }

    [TestCase("Study.Load(\"nothing\")", "nothing: no such definition")]
    [TestCase("Study.Load(\"table4\").With(\"colour\", 3)", "--set colour: colour: unknown field")]
    [TestCase("Study.Load(\"table4\").Cells(\"method: aims\")", "unknown method 'aims'")]
    [TestCase("Study.Load(\"table4\").Retentions(\"3\")", "retention must lie in (0, 1]")]
    [TestCase("StudyRun.Open(\"nowhere\")", "nowhere: not a run")]
    public async Task SaysWhatIsWrong(string code, string message) => Assert.That(await Fails(code), Does.Contain(message));

    [Test]
    public async Task PlansWithoutRunning()
    {
        Assert.That((await Ok($$"""
            string.Join("|", {{Small}}.Plan().Select(p => $"{p.Cell}: {p.TokensByLayer.Count} layers, {p.TimesFewer > 1}"))
            """)).Result(),
            Is.EqualTo(("none: 12 layers, false|aim 1/2: 12 layers, true|aim 1/4: 12 layers, true|"
                + "random 1/2: 12 layers, true|random 1/4: 12 layers, true")
                .Replace("false", "False", StringComparison.Ordinal).Replace("true", "True", StringComparison.Ordinal)));
    }

    [Test]
    public async Task ComparesTwoSettingsOnTheQuestionsThatCount()
    {
        await Ok($"var compared = {Small}.With(\"samples\", 24).Limit(24).Run();");
        await Ok("""
            var pair = compared.Compare("aim 1/2", "random 1/4");
            var counting = compared.Kinds.Where(k => k.Counts).Select(k => k.Kind).ToHashSet();
            var answers = compared.Answers.Where(a => counting.Contains(a.Kind)).ToLookup(a => a.Sample);
            bool Right(string sample, string cell) => answers[sample].Single(a => a.Cell == compared[cell].Cell).Right;
            int Only(string cell, string other) => answers.Count(s => Right(s.Key, cell) && !Right(s.Key, other));
            """);
        Assert.That((await Ok("pair.Samples == answers.Count && pair.Samples > 0")).Result(), Is.EqualTo("true"));
        Assert.That((await Ok("""
            (pair.Wins, pair.Losses) == (Only("aim 1/2", "random 1/4"), Only("random 1/4", "aim 1/2"))
            """)).Result(), Is.EqualTo("true"));
        Assert.That((await Ok("Math.Abs(pair.Difference * pair.Samples - (pair.Wins - pair.Losses)) < 1e-9")).Result(),
            Is.EqualTo("true"));
        Assert.That((await Ok("pair.Low <= pair.Difference && pair.Difference <= pair.High")).Result(), Is.EqualTo("true"));
        Assert.That((await Ok("""
            compared.Compare("random 1/4", "aim 1/2") is var back && back.Difference == -pair.Difference && back.P == pair.P
            """)).Result(), Is.EqualTo("true"));
        Assert.That(await Fails("compared.Compare(\"aim 1/2\", \"aim 1/3\")"), Does.Contain("no cell 'aim 1/3'"));
    }

    [Test]
    public async Task AnInterruptKeepsWhatWasAnswered()
    {
        const string Long = """
            Study.New("long", "How long?", "method: aim, retention: [1/2, 1/4, 1/8]").Frames(16).With("batch", 1)
            """;
        var stopped = await Host.RunAsync($"{Long}.Run()", interrupt: true);
        Assert.That((stopped.Status, stopped.Error),
            Is.EqualTo(("error", "Interrupted: the cell was interrupted; its state is kept")));
        var rest = await Ok($"var rest = {Long}.Limit(2).Run();");
        Assert.That((await Ok("rest.Cells.Count")).Result(), Is.EqualTo("4"));
    }

    [Test]
    public async Task DrawsItsFigures()
    {
        await Ok($"var drawn = {Small}.With(\"show\", \"[loyalty]\").Run();");
        foreach (string figure in (string[])
            ["drawn.Tradeoff()", "Chart.Lines(drawn.Cells, c => c.Gflops, c => c.Accuracy, by: c => c.Method)"])
        {
            var shown = (await Ok(figure)).Of("result").Single()["data"]!;
            Assert.That(shown["application/vnd.plotly.v1+json"]!["data"]!.AsArray(), Is.Not.Empty);
            Assert.That(shown["text/html"]!.ToString(), Does.Contain("Plotly.newPlot").And.Not.Contain("var(--"));
        }

        Assert.That(await Fails("drawn.Figure(\"nothing\")"), Does.Contain("no exhibit 'nothing'; there are 'loyalty'"));
    }
}
