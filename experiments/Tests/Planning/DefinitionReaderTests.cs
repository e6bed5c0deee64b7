using Aim.Experiments.Planning;

namespace Aim.Experiments.Tests.Planning;

public class DefinitionReaderTests
{
    private const string Good = """
        schema: 1
        name: small
        version: 2
        model: some/model
        data: {set: lab, split: test}
        frames: 8
        samples: 20
        margin: 2
        cells:
          - {method: none, samples: 40, headline: true}
          - {method: aim, retention: [0.5, 25%], schedule: [none, default]}
          - {method: downsample, at: aim, retention: 1/4, schedule: {l1: 2, l2: 5}}

        """;

    [Test]
    public void Reads_every_field_and_expands_the_grid()
    {
        var definition = DefinitionReader.Parse("d.yaml", Good);

        Assert.That(Cell.Expand(definition).Select(c => (c.Id, c.Samples, c.Headline)), Is.EqualTo(new[]
        {
            ("none", 40, true), ("aim 1/2", 20, false), ("aim 1/2 default", 20, false), ("aim 1/4", 20, false), ("aim 1/4 default", 20, false),
                ("downsample 1/4 (2,5)", 20, false),
        }));
        Assert.That((definition.Name, definition.Version, definition.Model, definition.Frames, definition.Margin),
            Is.EqualTo(("small", 2, "some/model", 8, 2m)));
    }

    [Test]
    public void Canonical_form_reads_back_to_itself_and_ignores_spelling()
    {
        var definition = DefinitionReader.Parse("d.yaml", Good);
        string canonical = CanonicalForm.Write(definition);

        Assert.That(CanonicalForm.Write(DefinitionReader.Parse("canonical", canonical)), Is.EqualTo(canonical));
        Assert.That(CanonicalForm.Hash(DefinitionReader.Parse(
            "e.yaml", Good.Replace("[0.5, 25%]", "[50%, 1/4]").Replace("margin: 2", "margin: 2.0"))), Is.EqualTo(CanonicalForm.Hash(definition)));
        Assert.That(CanonicalForm.Hash(DefinitionReader.Parse("e.yaml", Good.Replace("margin: 2", "margin: 3"))),
            Is.Not.EqualTo(CanonicalForm.Hash(definition)));
    }

    [TestCase("frames: 8", "frames: 80", "d.yaml:6: frames: '80' is not a whole number from 8 to 64; for example 8")]
    [TestCase("margin: 2", "margin: two", "d.yaml:8: margin: 'two' is not a number from 0 to 100; for example 2")]
    [TestCase("schema: 1", "schema: 7", "d.yaml:1: schema: version 7 is not known; this program reads 'schema: 1'")]
    [TestCase("margin: 2\n", "", "d.yaml:1: margin: missing; for example 'margin: 2' (points), fixed before the run")]
    [TestCase("frames: 8", "frame: 8\nframes: 8", "d.yaml:6: frame: unknown field; known here: schema, name,")]
    [TestCase("split: test", "split: train", "d.yaml:5: data.split: unknown value 'train'; known: test, validation")]
    [TestCase("method: aim", "method: fastw", "d.yaml:11: cells[1].method: unknown method 'fastw'; known: none, aim, random, downsample")]
    [TestCase("[0.5, 25%]", "[0.5, 0]", "d.yaml:11: cells[1].retention: '0' is not in (0, 1]; write a fraction")]
    [TestCase("[0.5, 25%]", "[0.5, 5/4]", "d.yaml:11: cells[1].retention: '5/4' is not in (0, 1]; write a fraction")]
    [TestCase("[0.5, 25%]", "1", "d.yaml:11: cells[1].retention: retention 1 with schedule 'none' reduces nothing; it is the cell of method 'none'")]
    [TestCase("{l1: 2, l2: 5}", "{l1: 5, l2: 5}", "d.yaml:12: cells[2].schedule: l1 = 5 is not below l2 = 5; pruning runs from l1 down to l2")]
    [TestCase("[none, default]", "[none, fast]",
        "d.yaml:11: cells[1].schedule: unknown schedule 'fast'; known: none, default, searched, or layers as {l1: 6, l2: 9}")]
    [TestCase("at: aim, ", "", "d.yaml:12: cells[2].at: missing; name the method whose executed FLOPs are the target: 'at: aim'")]
    [TestCase("{method: none, samples: 40, headline: true}", "{method: random, retention: 1/2}",
        "cells: no cell of method 'none'; every difference is taken to the unreduced model")]
    [TestCase("samples: 40", "samples: 10", "cells: a cell of method 'aim' has 20 samples and 'none' fewer")]
    [TestCase("name: small", "name: a/b", "d.yaml:2: name: 'a/b' has characters other than")]
    [TestCase("frames: 8", "frames: 8\nframes: 9", "d.yaml:7:1: not YAML: Duplicate key")]
    [TestCase("cells:", "cells: [", "not YAML:")]
    public void A_wrong_field_is_one_line_with_file_line_field_and_cure(string good, string bad, string message)
    {
        Assert.That(Good, Does.Contain(good));
        var error = Assert.Throws<DefinitionException>(() => DefinitionReader.Parse("d.yaml", Good.Replace(good, bad)))!;
        Assert.That(error.Message, Does.Contain(message));
        Assert.That(error.Message, Does.Not.Contain("\n"));
    }

    [Test]
    public void Overrides_replace_fields_anywhere()
    {
        var definition = DefinitionReader.Parse(
            "d.yaml", Good, ["frames=16", "cells[1].retention=[1/8]", "cells.1.schedule=none", "seed=9", "data.split=validation"]);
        Assert.That((definition.Frames, definition.Seed, definition.Split), Is.EqualTo((16, 9, "validation")));
        Assert.That(Cell.Expand(definition).Select(c => c.Id), Does.Contain("aim 1/8").And.Not.Contain("aim 1/2"));
    }

    [TestCase("frames", "--set frames: no '='")]
    [TestCase("frames=0", "--set frames: frames: '0' is not a whole number from 8 to 64")]
    [TestCase("frame=4", "--set frame: frame: unknown field")]
    [TestCase("data.x.y=4", "--set data.x.y: the definition has no field 'x'; it has set, split")]
    [TestCase("cells[9].samples=4", "--set cells[9].samples: '9' is not an index of a list of 3; use 0 to 2")]
    [TestCase("frames.x=4", "--set frames.x: 'x' lies inside a plain value")]
    [TestCase("frames=[", "--set frames: '[' is not a YAML value")]
    public void A_wrong_override_names_itself(string set, string message) =>
        Assert.That(Assert.Throws<DefinitionException>(() => DefinitionReader.Parse("d.yaml", Good, [set]))!.Message, Does.StartWith(message));

    [Test]
    public void A_limit_caps_every_cell() =>
        Assert.That(Cell.Expand(DefinitionReader.Parse("d.yaml", Good, null, 7)).Select(c => c.Samples), Is.All.EqualTo(7));

    [Test]
    public void Cells_named_twice_are_one_with_the_larger_count()
    {
        var cells = Cell.Expand(DefinitionReader.Parse("d.yaml", Good + "  - {method: aim, retention: 50%, samples: 33, headline: true}\n"));
        Assert.That(cells.Where(c => c.Id == "aim 1/2").Select(c => (c.Samples, c.Headline)), Is.EqualTo(new[] { (33, true) }));
    }

    [Test]
    public void The_shipped_definition_is_valid_and_names_the_headline_cells()
    {
        var definition = DefinitionReader.Read(Places.Definition("tradeoff-video"));
        Assert.That(Cell.Expand(definition).Where(c => c.Headline).Select(c => (c.Id, c.Samples)), Is.EqualTo(new[]
        {
            ("none", 1000), ("aim 1/4 default", 1000), ("aim 1/4 searched", 1000), ("random 1/4 default", 1000), ("random 1/4 searched", 1000),
            ("downsample 1/4 default", 1000), ("downsample 1/4 searched", 1000),
        }));
        Assert.That(definition.Margin, Is.EqualTo(2m));
    }
}
