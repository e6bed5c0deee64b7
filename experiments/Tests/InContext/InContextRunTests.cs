using Aim.Datasets;
using Aim.Experiments.InContext;
using Aim.Experiments.Planning;
using Aim.Fusion;
using Aim.Models;
using Aim.Reports.Records;

namespace Aim.Experiments.Tests.InContext;

/// <summary>An in-context experiment from definition to claim, on a model that has learnt nothing.</summary>
public class InContextRunTests
{
    private const string Yaml = """
        schema: 1
        name: tiny
        version: 1
        title: Does it run?
        question: Whether every form of a prompt gives answers.
        claim: It runs.
        source: nowhere
        model: model
        tasks: [object2, pair]
        shots: [0, 2]
        episodes: 3
        seeds: [1, 2]
        conditions:
          - {name: fused, form: fused, layer: 2, projection: trained}
          - {name: as they are, form: fused}
          - {name: untrained, form: fused, projection: untrained, text: reference}
          - {name: shuffled, form: fused, pictures: shuffled}
          - {name: blank, form: fused, pictures: blank, order: 3}
          - {name: raw, form: raw}
          - {name: text, form: text}
          - {name: words, form: words}
        tests:
          - {better: fused 2, than: text 2, tasks: object2}
        controls:
          - {not-better: fused 2, than: raw 0, by: 10}

        """;

    private static readonly ProjectionRecipe _recipe = new() { Steps = 2, Documents = 1, WarmUp = 1 };

    private string _root = "";

    [OneTimeSetUp]
    public void MakeModel()
    {
        _root = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"icl-{Guid.NewGuid():N}");
        string directory = Path.Combine(_root, "model");
        LabCheckpoint.Write(directory, LabModelKind.Single);
        using var model = MultimodalModel.Create(MultimodalConfig.Load(directory), 3, trainable: false);
        model.Save(directory, ScalarType.BFloat16);
        File.WriteAllText(Path.Combine(_root, "tiny.yaml"), Yaml);
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_root, recursive: true);

    [Test]
    public void It_answers_once_and_finds_its_answers_again()
    {
        string file = Path.Combine(_root, "tiny.yaml"), directory = Path.Combine(_root, "out");
        var definition = InContextReader.Read(file);
        EpisodeTable first, again;
        using (var run = new InContextRun(directory, TextWriter.Null, _recipe))
            first = run.Run(definition, file, default);
        string journal = File.ReadAllText(Path.Combine(directory, "episodes.jsonl"));
        Assert.That(journal.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(2 * 2 * 3 * (8 + 2)), "two seeds of two conditions");
        using (var run = new InContextRun(directory, TextWriter.Null, _recipe))
        {
            again = run.Run(definition, file, default);
            Assert.That(run.BankUse, Is.EqualTo(new BankUse()), "nothing was read again");
        }

        Assert.That(File.ReadAllText(Path.Combine(directory, "episodes.jsonl")), Is.EqualTo(journal));
        Assert.That(again.Shares("fused", definition.Tasks, 2), Is.EqualTo(first.Shares("fused", definition.Tasks, 2)));
    }

    [Test]
    public void An_interrupted_run_ends_with_the_same_answers()
    {
        string file = Path.Combine(_root, "tiny.yaml");
        var definition = InContextReader.Read(file) with { Tasks = [LabTask.Object2] };
        string[] Lines(string directory) => [.. File.ReadAllLines(Path.Combine(directory, "episodes.jsonl")).Order(StringComparer.Ordinal)];
        string whole = Path.Combine(_root, "whole"), cut = Path.Combine(_root, "cut");
        using (var run = new InContextRun(whole, TextWriter.Null, _recipe))
            run.Run(definition, file, default);
        using (var run = new InContextRun(cut, TextWriter.Null, _recipe))
        using (var stop = new CancellationTokenSource())
        {
            run.Run(definition with { Conditions = [.. definition.Conditions.Take(3)] }, file, default);
            stop.Cancel();
            Assert.That(() => run.Run(definition, file, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        }

        using (var run = new InContextRun(cut, TextWriter.Null, _recipe))
            run.Run(definition, file, default);
        Assert.That(Lines(cut), Is.EqualTo(Lines(whole)));
    }

    [Test]
    public void Prompts_have_the_tokens_of_their_form()
    {
        string file = Path.Combine(_root, "tiny.yaml");
        var definition = InContextReader.Read(file);
        using var run = new InContextRun(Path.Combine(_root, "tokens"), TextWriter.Null, _recipe);
        var table = run.Run(definition, file, default);
        double At(string condition, int shots) => table.Tokens(condition, LabTask.Object2, shots);
        Assert.That(At("fused", 0), Is.EqualTo(At("raw", 0)).And.EqualTo(At("text", 0)));
        Assert.That(At("fused", 2), Is.EqualTo(At("text", 2)), "as many as the texts have");
        Assert.That(At("raw", 2), Is.EqualTo(At("text", 2) + (2 * 144)).Within(1e-9));
        Assert.That(At("words", 2), Is.EqualTo(At("text", 2) + 2).Within(1e-9), "a word for each picture");
        Assert.That(At("untrained", 2), Is.LessThan(At("fused", 2)), "the references alone");
    }

    [Test]
    public void A_report_has_the_claim_and_its_figures()
    {
        string definitions = Path.Combine(_root, "tiny.yaml"), directory = Path.Combine(_root, "report");
        var definition = InContextReader.Read(definitions) with
        {
            Conditions = [.. InContextReader.Read(definitions).Conditions.Select(c => c with { Projection = ProjectionUse.None, Seeds = [0] })],
        };
        string report = new InContextReproduction(TextWriter.Null).Run([(definition, definitions)], directory, default);
        var record = CollectionFile.Read(Path.Combine(directory, CollectionFile.Name)).Record;
        Assert.That(record.Claims.Single().Id, Is.EqualTo("tiny"));
        Assert.That(record.Exhibits.Select(e => e.Id), Is.EqualTo(new[] { "tiny", "tiny-numbers" }));
        Assert.That(File.ReadAllText(report), Does.Contain("What was measured").And.Contain("It runs."));
    }
}
