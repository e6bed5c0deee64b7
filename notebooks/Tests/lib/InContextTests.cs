namespace Aim.Notebooks.Tests.Lib;

/// <summary>Teaching a model by demonstrations from a cell.</summary>
public class InContextTests : NotebookFixture
{
    private const string Own = """"
        var own = InContextStudy.Of("""
            schema: 1
            name: own
            version: 1
            title: A study of a cell's own
            question: Does it run?
            claim: It runs.
            source: ours
            model: datasets/lab/models/lab-single
            tasks: [object2]
            shots: [0, 2]
            episodes: 8
            conditions:
              - {name: fused, form: fused, projection: trained}
              - {name: text, form: text}
            tests:
              - {better: fused 2, than: text 2}
            """);
        """";

    [Test]
    public async Task DrawsAnEpisode()
    {
        var shown = await Ok("InContextModel.Episode(\"object4\", 3, shots: 5)");
        Assert.That(shown.Result("text/html")!.Split("<img ").Length - 1, Is.EqualTo(6), "five demonstrations and the query");
        Assert.That(await Fails("InContextModel.Episode(\"colour\", 0)"),
            Does.Contain("no task 'colour'").And.Contain("object2"));
    }

    [Test]
    public async Task AsksInEveryForm()
    {
        await Ok("var model = InContextModel.Load(); var episode = InContextModel.Episode(\"object2\", 0, shots: 3);");
        await Ok(
            "var answers = new[] { \"raw\", \"fused\", \"text\", \"words\" }.Select(f => model.Ask(episode, form: f)).ToList();");
        Assert.That((await Ok("string.Join(\",\", answers.Select(a => a.VisualTokens))")).Result(),
            Is.EqualTo("576,144,144,144"));
        Assert.That((await Ok("answers[1].Tokens == answers[2].Tokens")).Result(),
            Is.EqualTo("true"), "as many as the texts have");
        Assert.That((await Ok("answers.All(a => a.Options.Count == 16 && a.Options.Count(o => o.Right) == 1)")).Result(),
            Is.EqualTo("true"));
        Assert.That(
            (await Ok("model.Ask(episode, layer: 12).Options[0].Probability == answers[1].Options[0].Probability")).Result(),
            Is.EqualTo("false"), "the projection that ships with the model is taken");
        Assert.That(await Fails("model.Ask(episode, form: \"sung\")"), Does.Contain("no form 'sung'"));
        Assert.That(await Fails("model.Ask(episode, layer: 13)"), Does.Contain("layers 0 to 12"));
        Assert.That(await Fails("model.Ask(episode, shots: 4)"), Does.Contain("3 demonstrations"));
    }

    [Test]
    public async Task RunsAStudyWithTheProjectionThatShips()
    {
        await Ok(Own);
        var ran = await Ok("var results = own.Limit(2).Run(); results");
        Assert.That(ran.Result("text/html"), Does.Contain("fused").And.Contain("It runs."));
        Assert.That(
            (await Ok("string.Join(\" \", results.Points.Select(p => $\"{p.Condition} {p.Shots} {p.Episodes}\"))")).Result(),
            Is.EqualTo("fused 0 2 fused 2 2 text 0 2 text 2 2"));
        Assert.That((await Ok("results.Points.All(p => p.Value >= 0 && p.Low <= p.Value && p.Value <= p.High)")).Result(),
            Is.EqualTo("true"));
        Assert.That(
            (await Ok("Directory.EnumerateFiles(InContextStudy.Output, \"*.state\", "
                + "SearchOption.AllDirectories).Any()")).Result(),
            Is.EqualTo("false"), "nothing was trained");
        Assert.That((await Ok("results.Figure()")).Result("text/html"), Does.Contain("lotly"));
        Assert.That(await Fails("results.Figure(\"nothing\")"), Does.Contain("no figure 'nothing'"));
    }

    [Test]
    public async Task ChangesAStudy()
    {
        await Ok(Own);
        Assert.That((await Ok("string.Join(\",\", own.Only(\"text\").Shots(2, 1).Run().Points.Select(p => p.Shots))")).Result(),
            Is.EqualTo("1,2"));
        Assert.That(await Fails("own.Only(\"raw\")"), Does.Contain("no condition 'raw'; there are fused, text"));
        Assert.That(await Fails("own.Shots(65)"), Does.Contain("0 to 64"));
        Assert.That(await Fails("InContextStudy.Load(\"r99\")"), Does.Contain("no such definition").And.Contain("r2-shots"));
        Assert.That((await Ok("InContextStudy.Names.All(n => InContextStudy.Load(n).Conditions.Count > 0)")).Result(),
            Is.EqualTo("true"));
    }
}
