using Aim.Datasets;
using Aim.Experiments.InContext;
using Aim.Experiments.Planning;
using Aim.Fusion;

namespace Aim.Experiments.Tests.InContext;

public class InContextReaderTests
{
    private const string Good = """
        schema: 1
        name: d
        version: 2
        title: A title?
        question: A question.
        claim: A claim.
        source: section 3
        model: datasets/lab/models/lab-single
        tasks: [object2, pair]
        shots: [4, 0]
        episodes: 200
        seeds: [1, 2, 3]
        conditions:
          - {name: fused, form: fused, layer: 6, projection: trained, layer-norm: true}
          - {name: last, form: fused, text: reference}
          - {name: text only, form: text}
        tests:
          - {better: fused 4, than: text only 4, by: 1.5, tasks: pair}

        """;

    [Test]
    public void A_definition_is_read_as_written()
    {
        var d = InContextReader.Parse("d.yaml", Good);
        Assert.That((d.Name, d.Version, d.Episodes, d.Limit), Is.EqualTo(("d", 2, 200, (int?)null)));
        Assert.That(d.Shots, Is.EqualTo(new[] { 0, 4 }));
        Assert.That(d.Conditions[0].States, Is.EqualTo(new AggregationOptions(6, Norm: false)),
            "middle layers are taken before the norm");
        Assert.That(d.Conditions[0].Seeds, Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(d.Conditions[1].States, Is.EqualTo(new AggregationOptions(null, Norm: true, TextPositions.Reference)),
            "the last one behind it");
        Assert.That(d.Conditions[1].Seeds, Is.EqualTo(new[] { 0 }));
        Assert.That(d.Tests.Single(), Is.EqualTo(new Expectation(new Point("fused", 4), new Point("text only", 4), 1.5m,
            d.Tests.Single().Tasks, false)));
        Assert.That(d.Tests.Single().Tasks, Is.EqualTo(new[] { LabTask.Pair }));
        Assert.That(InContextReader.Parse("d.yaml", Good, null, 50),
            Has.Property("Limit").EqualTo(50).And.Property("Episodes").EqualTo(50));
        Assert.That(InContextReader.Parse("d.yaml", Good, null, 500).Limit, Is.Null, "a limit that cuts nothing is none");
    }

    [TestCase("schema: 1", "schema: 9", "d.yaml:1: schema")]
    [TestCase("form: text}", "form: spoken}", "d.yaml:16: conditions.form: unknown value 'spoken'")]
    [TestCase("name: last,", "name: fused,", "'fused' is used twice")]
    [TestCase("better: fused 4", "better: fused 8", "'fused 8' is no condition of this definition with one of its shots")]
    [TestCase("tasks: pair}", "tasks: count}", "'count' is no task of this definition")]
    [TestCase("form: text}", "form: text, layer: 2}", "unknown field")]
    [TestCase("claim: A claim.\n", "", "claim: missing")]
    [TestCase("[object2, pair]", "[object2, pair, caption]", "captions have no options")]
    [TestCase("tasks: pair}", "tasks: [object2, pair]}\nscore: own", "pools tasks with different metrics")]
    [TestCase("claim:", "measure: tokens\nclaim:", "'measure: tokens' has a rule of its own")]
    [TestCase("form: text}", "form: text, reuse: prefix}", "fused demonstrations have a bank, raw ones a prefix")]
    [TestCase("claim:", "measure: speed\nclaim:", "factor: missing")]
    [TestCase("claim:", "measure: smell\nclaim:", "unknown value 'smell'")]
    [TestCase("claim:", "measure: probe\nclaim:", "d.yaml:11: shots: a probe reads one demonstration at a time")]
    [TestCase("text: reference}", "text: reference, seeds: [4]}", "unknown field")]
    public void What_is_wrong_is_named(string right, string wrong, string message) =>
        Assert.That(Assert.Throws<DefinitionException>(() =>
            InContextReader.Parse("d.yaml", Good.Replace(right, wrong)))!.Message, Does.Contain(message));

    [Test]
    public void A_measure_takes_the_forms_that_it_measures()
    {
        string attention = Good.Replace("claim:",
            "measure: attention\nclaim:").Replace("tests:\n  - {better: fused 4, than: text only 4, by: 1.5, tasks: pair}\n", "");
        Assert.That(Assert.Throws<DefinitionException>(() => InContextReader.Parse("d.yaml", attention))!.Message,
            Does.Contain("'fused' cannot be measured by 'measure: attention'"));
    }

    [Test]
    public void A_projection_may_have_seeds_of_its_own()
    {
        var d = InContextReader.Parse("d.yaml", Good.Replace("layer-norm: true}", "layer-norm: true, seeds: [7]}"));
        Assert.That(d.Conditions[0].Seeds, Is.EqualTo(new[] { 7 }));
    }

    [Test]
    public void Pictures_may_be_reduced_and_a_prefix_kept()
    {
        var d = InContextReader.Parse("d.yaml", Good.Replace(
            "form: text}", "form: text}\n  - {name: raw, form: raw, reuse: prefix, merge: 1/4}\n  - {name: pruned, form: raw, "
                + "prune: \"(5, 8)\"}"));
        Assert.That(d.Conditions[^2],
            Has.Property("Reuse").EqualTo(Reuse.Prefix).And.Property("Reduction").EqualTo(new PictureReduction("1/4", "none")));
        Assert.That(d.Conditions[^1].Reduction, Is.EqualTo(new PictureReduction("1", "(5, 8)")));
        Assert.That(d.Conditions[0].Reuse, Is.EqualTo(Reuse.Bank));
    }

    /// <summary>The table at the top of the definitions says which conditions each runs.</summary>
    [Test]
    public void The_table_of_definitions_is_true()
    {
        var shipped = Places.ShippedInContext();
        string[] rows = [.. File.ReadLines(Path.Combine(Path.GetDirectoryName(shipped[0])!, "README.md")).Where(l =>
            l.StartsWith("| `", StringComparison.Ordinal))];
        Assert.That(rows, Has.Length.EqualTo(shipped.Count), "a row a definition");
        foreach (string file in shipped)
        {
            var d = InContextReader.Read(file);
            string row = rows.Single(r => r.StartsWith($"| `{d.Name}` |", StringComparison.Ordinal));
            string[] cells = [.. row.Split('|').Select(c => c.Trim())];
            int seeds = d.Conditions.Max(c => c.Seeds.Count);
            Assert.That(cells[3], Is.EqualTo(string.Join(", ", d.Conditions.Select(c => c.Name))), d.Name);
            Assert.That(cells[4], Is.EqualTo(string.Join(", ", d.Tasks.Select(InContextReader.NameOf))), d.Name);
            Assert.That(cells[5], Is.EqualTo($"{string.Join(", ", d.Shots)} x "
                + $"{d.Episodes}{(seeds > 1 ? $" x {seeds} seeds" : "")}"), d.Name);
        }
    }

    [Test]
    public void Every_shipped_definition_is_read()
    {
        var shipped = Places.ShippedInContext();
        Assert.That(shipped, Is.Not.Empty);
        foreach (string file in shipped)
        {
            var definition = InContextReader.Read(file);
            Assert.That(definition.Name, Is.EqualTo(Path.GetFileNameWithoutExtension(file)));
            Assert.That(definition.Question.Length, Is.GreaterThan(150), "a paragraph");
            Assert.That(File.ReadLines(file).First(l => !l.StartsWith('#')), Does.StartWith("question:"), "at the top");
        }
    }
}
