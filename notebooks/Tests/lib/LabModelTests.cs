namespace Aim.Notebooks.Tests.Lib;

/// <summary>Asking the lab's model from a cell, and looking at what it saw.</summary>
public class LabModelTests : NotebookFixture
{
    [OneTimeSetUp]
    public Task Load() => Ok("var model = LabModel.Load(); var sample = LabModel.Sample(0, frames: 8);");

    [Test]
    public async Task AnswersAsAStudyDoes()
    {
        await Ok("""
            var same = Study.New("same", "The same?", "method: aim, retention: 1/4, schedule: default").Frames(8).Limit(4).Run();
            """);
        Assert.That((await Ok("""
            string.Join("|", same.Answers.Where(a => a.Cell != "none").Select((a, i) => (a.Answer, a.Gflops) ==
                (model.Ask(LabModel.Sample(i), merge: "1/4", prune: "default") is var own ? (own.Answer, own.Flops / 1e9) : default)))
            """)).Result(), Is.EqualTo("True|True|True|True"));
    }

    [Test]
    public async Task SeesWhatWasMergedAndPruned()
    {
        await Ok("var whole = model.Ask(sample); var reduced = model.Ask(sample, merge: \"1/4\", prune: \"2,6\");");
        Assert.That((await Ok("whole.VisualByLayer.Distinct().Single() - 4 * reduced.VisualByLayer[0]")).Result(),
            Is.EqualTo("-3"), "a newline token is not merged");
        Assert.That((await Ok("string.Join(\",\", reduced.VisualByLayer.Select(v => v > 0))")).Result(),
            Is.EqualTo("True,True,True,True,True,True,False,False,False,False,False,False"));
        Assert.That((await Ok("whole.GroupSizes.Single().Patches")).Result(), Is.EqualTo("1"));
        Assert.That(
            (await Ok("reduced.GroupSizes.Sum(g => g.Patches * g.Tokens) "
                + "== whole.GroupSizes.Sum(g => g.Patches * g.Tokens)")).Result(),
            Is.EqualTo("true"));
        Assert.That(
            (await Ok("whole.Attention.All(a => a.LastToken is > 0 and < 1 && a.Even > 0.5) "
                + "&& reduced.Attention[8].LastToken == 0")).Result(),
            Is.EqualTo("true"));
    }

    [Test]
    public async Task DrawsTokensOnTheFrames()
    {
        await Ok("var answer = model.Ask(sample, merge: \"1/4\", prune: \"2,6\");");
        string html = (await Ok("answer.Draw(layer: 4, 0, 3)")).Result("text/html")!;
        Assert.That(html.Split("<svg").Length - 1, Is.EqualTo(2));
        Assert.That(html, Does.Contain("image/png;base64").And.Contain("fill=\"hsl(").And.Contain("fill=\"#000\""));
        Assert.That(html, Does.Not.Contain("<script"));
        Assert.That((await Ok("model.Ask(sample).Draw()")).Result("text/html"), Does.Not.Contain("hsl("), "nothing is merged");
        Assert.That((await Ok("sample")).Result("text/html"), Does.Contain("frame "));
        Assert.That(await Fails("answer.Draw(layer: 12)"), Does.Contain("layers 0 to 11"));
    }

    [Test]
    public async Task TakesOtherQuestionsAndMethods()
    {
        Assert.That((await Ok("model.Ask(sample, question: \"what appears last?\").Right")).Result(), Is.EqualTo("null"));
        Assert.That((await Ok("model.Ask(sample, method: \"divprune\", settings: [(\"keep\", \"1/8\")]).Method")).Result(),
            Does.StartWith("divprune ").And.Contain("1/8"));
        Assert.That(await Fails("model.Ask(sample, method: \"aim\", settings: [(\"tau\", \"hot\")])"), Does.Contain("tau"));
        Assert.That(await Fails("model.Ask(sample, method: \"nothing\")"),
            Does.Contain("no reduction method is named 'nothing'"));
    }
}
