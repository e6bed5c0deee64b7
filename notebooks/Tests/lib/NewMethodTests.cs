namespace Aim.Notebooks.Tests.Lib;

/// <summary>A method that a cell declares: in studies, beside the library's own at one cost, and kept by its text.</summary>
public class NewMethodTests : NotebookFixture
{
    private const string Loudest = """
        public sealed class LoudestMethod : FrameMethod
        {
            public override string Name => "loudest";
            public override string Summary => "keeps the tokens of every frame with the largest norm";
            public override string Source => "a test";

            protected override IReadOnlyList<TokenMixture> Decide(MergeInput input, int keep)
                => [.. Frames(input).Select(frame => Chosen(input.Tokens, Loudest(frame, keep)))];

            private static int[] Loudest(Tensor frame, int keep)
            {
                using var scope = NewDisposeScope();
                float[] norms = frame.mul(frame).sum(-1).cpu().data<float>().ToArray();
                return [.. Enumerable.Range(0, norms.Length).OrderByDescending(i => norms[i]).Take(keep).Order()];
            }
        }
        NewMethod.Register(new LoudestMethod());
        """;

    [Test]
    public async Task IsComparedAtTheSameCost()
    {
        await Ok(Loudest);
        const string Compared = """
            Study.New("loud", "Is loud better?", "method: aim, retention: 1/4", "method: loudest, flops: aim 1/4").Frames(8).Limit(3)
            """;
        await Ok($"var loud = {Compared}.Run();");
        Assert.That((await Ok("string.Join(\"|\", loud.Cells.Select(c => c.Cell))")).Result(),
            Is.EqualTo("none|aim 1/4|loudest at aim 1/4"));
        Assert.That((await Ok("loud[\"loudest at aim 1/4\"].Gflops <= loud[\"aim 1/4\"].Gflops")).Result(), Is.EqualTo("true"));
        Assert.That(
            (await Ok("LabModel.Load().Ask(LabModel.Sample(0), method: \"loudest\", "
                + "settings: [(\"keep\", \"1/4\")]).Method")).Result(),
            Does.StartWith("loudest"));

        // The same text again: nothing is computed. Another text: the method is, and nothing else.
        await Ok(Loudest);
        Assert.That((await Ok($"var twice = {Compared}.Run();")).Events, Is.Empty);
        await Ok(Loudest.Replace("OrderByDescending", "OrderBy", StringComparison.Ordinal));
        var changed = await Ok($"var changed = {Compared}.Run();");
        Assert.That(changed.Of("update").Last()["data"]!["text/plain"]!.ToString(), Does.Contain("computed 3 answers"));
        Assert.That((await Ok("changed.Directory != loud.Directory")).Result(), Is.EqualTo("true"));
        await Ok(Loudest);
        Assert.That((await Ok($"{Compared}.Run().Cells.SequenceEqual(loud.Cells)")).Result(), Is.EqualTo("true"));
    }

    [Test]
    public async Task ItsTextIsAllThatItUses()
    {
        await Ok("static class Helper { public static int Twice(int x) => 2 * x; }");
        await Ok("static class Other { public static int Thrice(int x) => 3 * x; }");
        await Ok("class User { public int F(int x) => Helper.Twice(x); }");
        Assert.That((await Ok("CellSource.Of(typeof(User))")).Result(),
            Does.Contain("Helper.Twice").And.Contain("2 * x").And.Not.Contain("Thrice"));
        Assert.That((await Ok("CellSource.Of(typeof(Study))")).Result(), Does.Match("^aim [0-9a-f]{64}$"));
    }

    [Test]
    public async Task CannotTakeALibrarysName()
    {
        await Ok(Loudest.Replace("LoudestMethod", "False", StringComparison.Ordinal)
            .Replace("NewMethod.Register(new False());", "", StringComparison.Ordinal)
            .Replace("\"loudest\"", "\"aim\"", StringComparison.Ordinal));
        Assert.That(await Fails("NewMethod.Register(new False());"), Does.Contain("'aim' is a method of the library"));
    }
}
