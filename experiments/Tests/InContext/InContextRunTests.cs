using Aim.Datasets;
using Aim.Experiments.InContext;
using Aim.Experiments.Planning;
using Aim.Fusion;
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
    public void MakeModel() => _root = UntaughtModel.Make(Yaml);

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_root, recursive: true);

    [Test]
    public void It_answers_once_and_finds_its_answers_again()
    {
        string file = Path.Combine(_root, "tiny.yaml"), directory = Path.Combine(_root, "out");
        var definition = InContextReader.Read(file);
        EpisodeTable first, again;
        using (var run = new Run(directory))
            first = run.Of(definition, file);
        string journal = File.ReadAllText(Path.Combine(directory, "episodes.jsonl"));
        Assert.That(journal.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(2 * 3 * (1 + 8 + 2)),
            "two seeds of two conditions; without demonstrations all ask the same");
        using (var run = new Run(directory))
        {
            again = run.Of(definition, file);
            Assert.That(run.Stock.BankUse, Is.EqualTo(new BankUse()), "nothing was read again");
        }

        Assert.That(File.ReadAllText(Path.Combine(directory, "episodes.jsonl")), Is.EqualTo(journal));
        Assert.That(again.Shares("fused", definition.Tasks, 2), Is.EqualTo(first.Shares("fused", definition.Tasks, 2)));
    }

    [Test]
    public void An_interrupted_run_ends_with_the_same_answers()
    {
        string file = Path.Combine(_root, "tiny.yaml");
        var definition = InContextReader.Read(file) with { Tasks = [LabTask.Object2] };
        string[] Lines(string directory) => [.. File.ReadAllLines(Path.Combine(directory,
            "episodes.jsonl")).Order(StringComparer.Ordinal)];
        string whole = Path.Combine(_root, "whole"), cut = Path.Combine(_root, "cut");
        using (var run = new Run(whole))
            run.Of(definition, file);
        using (var run = new Run(cut))
        using (var stop = new CancellationTokenSource())
        {
            run.Of(definition with { Conditions = [.. definition.Conditions.Take(3)] }, file);
            stop.Cancel();
            Assert.That(() => run.Of(definition, file, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        }

        using (var run = new Run(cut))
            run.Of(definition, file);
        Assert.That(Lines(cut), Is.EqualTo(Lines(whole)));
    }

    [Test]
    public void Prompts_have_the_tokens_of_their_form()
    {
        string file = Path.Combine(_root, "tiny.yaml");
        var definition = InContextReader.Read(file);
        using var run = new Run(Path.Combine(_root, "tokens"));
        var table = run.Of(definition, file);
        double At(string condition, int shots) => table.Tokens(condition, LabTask.Object2, shots);
        Assert.That(At("fused", 0), Is.EqualTo(At("raw", 0)).And.EqualTo(At("text", 0)));
        Assert.That(At("fused", 2), Is.EqualTo(At("text", 2)), "as many as the texts have");
        Assert.That(At("raw", 2), Is.EqualTo(At("text", 2) + (2 * 144)).Within(1e-9));
        Assert.That(At("words", 2), Is.EqualTo(At("text", 2) + 2).Within(1e-9), "a word for each picture");
        Assert.That(At("untrained", 2), Is.LessThan(At("fused", 2)), "the references alone");
    }

    /// <summary>Captions and shifted answers are generated, pairs are ranked; each task is scored by its own metric.</summary>
    [Test]
    public void Tasks_are_scored_by_their_own_metrics()
    {
        string file = Path.Combine(_root, "tiny.yaml");
        var definition = InContextReader.Parse(file, Yaml
            .Replace("tasks: [object2, pair]", "tasks: [pair, shift, caption]\nscore: own").Replace("episodes: 3", "episodes: 9")
            .Replace("tasks: object2}", "tasks: shift}").Replace("by: 10}", "by: 10, tasks: caption}")
            .Replace("seeds: [1, 2]", "seeds: [1]"));
        definition = definition with { Conditions = [.. definition.Conditions.Where(c => c.Name is "fused" or "text" or "raw")] };
        using var run = new Run(Path.Combine(_root, "metrics"));
        var table = run.Of(definition, file);
        var condition = definition.Conditions[0];
        var (pairs, captions) = (table.Of(condition, 1, LabTask.Pair, 2), table.Of(condition, 1, LabTask.Caption, 2));
        var episodes = LabEpisodes.Of(LabTask.Pair, 9, 2);
        double[] yes = [.. pairs.Select((a, i) => episodes[i].Query.Answer == " yes" ? a.Margin : -a.Margin)];
        Assert.That(table.Value(condition, 1, LabTask.Pair, 2),
            Is.EqualTo(RocAuc.Area([.. episodes.Select(e => e.Query.Answer == " yes")], yes)).Within(1e-12));
        Assert.That(captions.Select(c => c.Answer), Has.Some.Not.Empty, "captions are generated");
        Assert.That(captions.Select(c => c.Answer), Has.None.Contains("\n").And.None.StartsWith(" "));
        Assert.That(table.Value(condition, 1, LabTask.Caption, 2), Is.InRange(0, 10));
        var finding = new InContextFigures(table).Find();
        Assert.That(finding.Exhibits.Select(e => e.Id),
            Is.EqualTo(new[] { "tiny", "tiny-numbers-auc", "tiny-numbers-vqa", "tiny-numbers-cider" }));
        Assert.That(finding.Claim.Comparisons.Select(c => c.Unit), Is.EquivalentTo(new[] { Unit.Points, Unit.Number }));
        Assert.That(finding.Claim.Comparisons.Select(c => c.On), Is.EquivalentTo(new[] { "shift", "caption, CIDEr-D" }));
    }

    /// <summary>Both papers at once: the query's picture is reduced, fused tokens are not.</summary>
    [Test]
    public void Pictures_are_merged_and_pruned_and_fused_tokens_stay()
    {
        string file = Path.Combine(_root, "tiny.yaml");
        var whole = InContextReader.Parse(file, Yaml.Replace("seeds: [1, 2]", "seeds: [1]"));
        var reductions = new PictureReduction?[] { null, new("1/4", "none"), new("1/4", "default") };
        Condition As(Form form, PictureReduction? reduction)
        {
            var plain = whole.Conditions.First(c => c.Form == form && c.Projection == ProjectionUse.None);
            return plain with { Name = $"{form} {reduction}", Reduction = reduction };
        }

        var definition = whole with
        {
            Tasks = [LabTask.Object2],
            Conditions = [.. reductions.Select(r => As(Form.Fused, r)), .. reductions.Select(r => As(Form.Raw, r))],
            Tests = [],
            Controls = [],
        };
        using var run = new Run(Path.Combine(_root, "both"));
        var table = run.Of(definition, file);
        double Tokens(int condition) => table.Tokens(definition.Conditions[condition].Name, LabTask.Object2, 2);
        double Flops(int condition) => table.Flops(definition.Conditions[condition].Name, LabTask.Object2, 2);
        Assert.That(Tokens(0) - Tokens(1), Is.EqualTo(144 * 3 / 4).Within(1e-9));
        Assert.That(Tokens(2), Is.EqualTo(Tokens(1)), "pruning begins behind the first layers");
        Assert.That(Tokens(3) - Tokens(4), Is.EqualTo(3 * 144 * 3 / 4).Within(1e-9), "all pictures of a raw prompt");
        Assert.That(Flops(2), Is.LessThan(Flops(1)).And.LessThan(Flops(0)));
        Assert.That(Flops(5), Is.LessThan(Flops(4)));
        Assert.That(new InContextFigures(table).Find().Exhibits.Last().Id, Is.EqualTo("tiny-costs"));
    }

    /// <summary>A model that is not there is named, with what makes it; nothing is decided without it.</summary>
    [Test]
    public void What_needs_a_missing_model_is_left_out_and_said()
    {
        string file = Path.Combine(_root, "tiny.yaml"), gone = "datasets/lab/models/lab-none";
        var definition = InContextReader.Read(file);
        definition = definition with
        {
            Conditions = [.. definition.Conditions.Select(c => c with { Projection = ProjectionUse.None, Seeds = [0] })],
        };
        InContextDefinition Lacking(params string[] names) => definition with
        {
            Conditions = [.. definition.Conditions.Select(c => names.Contains(c.Name) ? c with { Model = gone } : c)],
        };
        using var run = new Run(Path.Combine(_root, "missing"));
        ClaimRecord ClaimOf(InContextDefinition lacking)
        {
            var able = lacking.Without(model => ModelStock.Has(model, file));
            return new InContextFigures(run.Of(able, file)).Find().Claim;
        }

        var whole = ClaimOf(Lacking());
        Assert.That(whole.Reason, Does.Not.Contain("Not run"));
        var test = ClaimOf(Lacking("fused"));
        Assert.That(test.Verdict, Is.EqualTo(ClaimVerdict.CannotBeTestedHere));
        Assert.That(test.Reason, Does.Contain($"'fused' needs the model {gone}").And.Contain($"aim lab train --model none "
            + $"--output {gone}"));
        var control = ClaimOf(Lacking("raw"));
        Assert.That(control.Verdict, Is.Not.EqualTo(ClaimVerdict.Holds), "a control that was not run controls nothing");
        Assert.That(control.Reason, Does.Contain("'raw' needs"));
        var all = ClaimOf(definition with { Model = gone });
        Assert.That((all.Verdict, all.Exhibit), Is.EqualTo((ClaimVerdict.CannotBeTestedHere, (string?)null)));
    }

    [Test]
    public void A_report_has_the_claim_and_its_figures()
    {
        string definitions = Path.Combine(_root, "tiny.yaml"), directory = Path.Combine(_root, "report");
        var definition = InContextReader.Read(definitions) with
        {
            Conditions = [.. InContextReader.Read(definitions).Conditions.Select(c =>
                c with { Projection = ProjectionUse.None, Seeds = [0] })],
        };
        string report = new InContextReproduction(TextWriter.Null).Run([(definition, definitions)], directory, default);
        var record = CollectionFile.Read(Path.Combine(directory, CollectionFile.Name)).Record;
        Assert.That(record.Claims.Single().Id, Is.EqualTo("tiny"));
        Assert.That(record.Exhibits.Select(e => e.Id), Is.EqualTo(new[] { "tiny", "tiny-numbers" }));
        Assert.That(File.ReadAllText(report), Does.Contain("What was measured").And.Contain("It runs."));
    }

    /// <summary>A run in a directory of its own, with projections that train for two steps.</summary>
    private sealed class Run : IDisposable
    {
        private readonly InContextRun _run;

        public Run(string directory)
        {
            Stock = new ModelStock(directory, TextWriter.Null, _recipe);
            _run = new InContextRun(Stock);
        }

        public ModelStock Stock { get; }

        public EpisodeTable Of(InContextDefinition definition, string file, CancellationToken cancel = default) =>
            _run.Run(definition, file, cancel);

        public void Dispose()
        {
            _run.Dispose();
            Stock.Dispose();
        }
    }
}
