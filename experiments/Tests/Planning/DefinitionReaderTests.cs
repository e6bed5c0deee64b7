using Aim.Experiments.Planning;

namespace Aim.Experiments.Tests.Planning;

public class DefinitionReaderTests
{
    private const string Good = """
        schema: 2
        name: small
        version: 2
        question: >
          Does it
          read?
        model: some/model
        data: {set: lab, split: test}
        frames: 8
        samples: 20
        margin: 2
        cells:
          - {method: none, samples: 40, headline: true}
          - {method: aim, retention: [0.5, 25%], schedule: [none, default]}
          - {method: [random, aim], retention: 1/4, schedule: {l1: [2, 3], l2: [3, 5]}}
          - {method: downsample, flops: [aim 1/4 default, 15%]}
          - {method: none, schedule: {cut: [2, 4]}, samples: 10}
          - {method: aim, retention: 1/4, frames: [8, 16], style: twemoji, kinds: [first, last], record: [kept, attention]}

        """;

    private static Definition Read(string good = "", string bad = "", params string[] set) =>
        DefinitionReader.Parse("d.yaml", good.Length == 0 ? Good : Good.Replace(good, bad), set);

    [Test]
    public void Reads_every_field_and_writes_grids_out()
    {
        var definition = Read();

        Assert.That(definition.Cells.Select(c => (definition.IdOf(c), c.Samples, c.Headline)), Is.EqualTo(new[]
        {
            ("none", 40, true), ("aim 1/2", 20, false), ("aim 1/2 default", 20, false), ("aim 1/4", 20, false),
                ("aim 1/4 default", 20, false),
            ("random 1/4 (2,3)", 20, false), ("random 1/4 (2,5)", 20, false), ("random 1/4 (3,5)", 20, false),
            ("aim 1/4 (2,3)", 20, false), ("aim 1/4 (2,5)", 20, false), ("aim 1/4 (3,5)", 20, false),
            ("downsample at aim 1/4 default", 20, false), ("downsample at 15%", 20, false),
            ("none cut 2", 10, false), ("none cut 4", 10, false),
            ("none on twemoji, first+last", 20, false), ("aim 1/4 on twemoji, first+last", 20, false),
            ("none on 16 frames, twemoji, first+last", 20, false), ("aim 1/4 on 16 frames, twemoji, first+last", 20, false),
        }));
        Assert.That((definition.Name, definition.Version, definition.Model, definition.Set.Frames, definition.Margin,
            definition.Question),
            Is.EqualTo(("small", 2, "some/model", 8, 2m, "Does it read?")));
        Assert.That(definition.Cells[^1].Record, Is.EqualTo(Recordings.Kept | Recordings.Attention));
    }

    [Test]
    public void Questions_that_count_are_asked_for_by_grid_and_a_limit_drops_them()
    {
        var definition = Read("- {method: aim, retention: [0.5, 25%], schedule: [none, default]}",
            "- {method: aim, retention: 1/4, schedule: default}\n  - {method: aim, retention: 1/2, counting: 90}");
        Assert.That(definition.Cells.Where(c => c.Set == definition.Set
            && c.Counting > 0).Select(c => (c.Id, c.Samples, c.Counting)),
            Is.EqualTo(new[] { ("none", 40, 90), ("aim 1/2", 20, 90) }), "the baseline is asked all that any cell is");
        Assert.That(CanonicalForm.Write(definition), Does.Contain("samples: 20, counting: 90"));
        var limited = DefinitionReader.Parse("d.yaml", CanonicalForm.Write(definition), null, 30);
        Assert.That(limited.Cells.Select(c => c.Counting), Is.All.Zero);
        Assert.That(Assert.Throws<DefinitionException>(() => Read("samples: 40,", "samples: 40, counting: 0,"))!.Message,
            Does.Contain("counting"));
    }

    [Test]
    public void Every_test_set_has_its_unreduced_baseline_with_as_many_samples_as_any_cell()
    {
        var definition = Read("  - {method: none, samples: 40, headline: true}\n", "");
        foreach (var set in definition.Cells.GroupBy(c => c.Set))
            Assert.That((set.First().IsBaseline, set.First().Samples), Is.EqualTo((true, set.Max(c => c.Samples))));
        Assert.That(definition.Cells.Count(c => c.IsBaseline), Is.EqualTo(3));
    }

    [Test]
    public void Canonical_form_reads_back_to_itself_and_ignores_spelling()
    {
        var definition = Read();
        string canonical = CanonicalForm.Write(definition);

        Assert.That(CanonicalForm.Write(DefinitionReader.Parse("canonical", canonical)), Is.EqualTo(canonical));
        Assert.That(CanonicalForm.Hash(Read("[0.5, 25%]", "[50%, 1/4]")), Is.EqualTo(CanonicalForm.Hash(definition)));
        Assert.That(CanonicalForm.Hash(Read("margin: 2", "margin: 2.0")), Is.EqualTo(CanonicalForm.Hash(definition)));
        Assert.That(CanonicalForm.Hash(Read("15%]", "15.0%]")), Is.EqualTo(CanonicalForm.Hash(definition)));
        Assert.That(CanonicalForm.Hash(Read("  - {method: aim, retention: [0.5, 25%], schedule: [none, default]}",
            "  - {method: aim, retention: 1/2, schedule: [none, default]}\n  - {method: aim, retention: 1/4, schedule: [none, "
                + "default]}")),
            Is.EqualTo(CanonicalForm.Hash(definition)), "a grid is its cells");
        Assert.That(CanonicalForm.Hash(Read("margin: 2", "margin: 3")), Is.Not.EqualTo(CanonicalForm.Hash(definition)));
        Assert.That(CanonicalForm.Hash(Read("style: twemoji", "style: noto")), Is.Not.EqualTo(CanonicalForm.Hash(definition)));
    }

    [TestCase("frames: 8\n", "frames: 80\n", "d.yaml:9: frames: '80' is not a whole number from 8 to 64; for example 8")]
    [TestCase("margin: 2", "margin: two", "d.yaml:11: margin: 'two' is not a number from 0 to 100; for example 2")]
    [TestCase("schema: 2", "schema: 1", "d.yaml:1: schema: version 1 is not known; this program reads 'schema: 2'")]
    [TestCase("margin: 2\n", "", "d.yaml:1: margin: missing; for example 'margin: 2' (points), fixed before the run")]
    [TestCase("question: >\n  Does it\n  read?\n", "", "d.yaml:1: question: missing; say in a paragraph what is asked")]
    [TestCase("frames: 8\n", "frame: 8\nframes: 8\n", "d.yaml:9: frame: unknown field; known here: schema, name,")]
    [TestCase("frames: 8\n", "", "d.yaml:1: frames: missing; for example 'frames: 32'")]
    [TestCase("split: test", "split: train", "d.yaml:8: data.split: unknown value 'train'; known: test, validation")]
    [TestCase("method: aim, retention: [0.5", "method: aimm, retention: [0.5",
        "d.yaml:14: cells[1].method: unknown method 'aimm'; known: none, ")]
    [TestCase("[0.5, 25%]", "[0.5, 0]", "d.yaml:14: cells[1].retention: '0' is not in (0, 1]; write a fraction")]
    [TestCase("[0.5, 25%]", "[0.5, 5/4]", "d.yaml:14: cells[1].retention: '5/4' is not in (0, 1]; write a fraction")]
    [TestCase("[0.5, 25%]", "1",
        "d.yaml:14: cells[1].retention: retention 1 with schedule 'none' reduces nothing; it is the baseline")]
    [TestCase("[0.5, 25%]", "[]", "d.yaml:14: cells[1].retention: an empty list; give at least one value")]
    [TestCase("{l1: [2, 3], l2: [3, 5]}", "{l1: 5, l2: 5}",
        "d.yaml:15: cells[2].schedule: l1 = 5 is not below l2 = 5; pruning runs from l1 down to l2")]
    [TestCase("[none, default]", "[none, fast]",
        "d.yaml:14: cells[1].schedule: unknown schedule 'fast'; known: none, default, searched, {l1: 6, l2: 9}")]
    [TestCase("cut: [2, 4]", "cut: 0",
        "d.yaml:17: cells[4].schedule: a cut before layer 0 leaves no vision at all; cut at 1 or later")]
    [TestCase("[aim 1/4 default, 15%]", "[aim 1/8, 15%]",
        "d.yaml:16: cells[3].flops: 'aim 1/8' is no cell of this definition whose settings are given")]
    [TestCase("15%]", "150%]",
        "d.yaml:16: cells[3].flops: '150%' is no share; write a percentage of the unreduced model's FLOPs")]
    [TestCase("flops: [aim 1/4 default, 15%]", "retention: 1/4",
        "d.yaml:16: cells[3].retention: method 'downsample' has no retention; it is set by")]
    [TestCase("flops: [aim 1/4 default, 15%]", "settings: {sides: 3}",
        "d.yaml:16: cells[3].settings.sides: method 'downsample' has no such setting")]
    [TestCase("flops: [aim 1/4 default, 15%]", "settings: {side: 0}",
        "d.yaml:16: cells[3].settings.side: downsample: setting 'side' is '0'; a whole number")]
    [TestCase("method: none, schedule", "method: none, retention: 1/2, schedule",
        "d.yaml:17: cells[4].retention: method 'none' merges nothing; leave the field out")]
    [TestCase("style: twemoji", "style: emoji", "d.yaml:18: cells[5].style: unknown value 'emoji'; known: noto, twemoji")]
    [TestCase("kinds: [first, last]", "kinds: [first, lost]", "d.yaml:18: cells[5].kinds: unknown kind 'lost'; known: first,")]
    [TestCase("record: [kept, attention]", "record: [keep]",
        "d.yaml:18: cells[5].record: unknown value 'keep'; known: attention, kept, merges")]
    [TestCase("margin: 2", "margin: 2\nhard-subset: aim 1/3",
        "d.yaml:12: hard-subset: 'aim 1/3' is no cell of this definition; name the cell")]
    [TestCase("margin: 2", "margin: 2\ntiming: some", "d.yaml:12: timing: unknown value 'some'; known: headline, all, none")]
    [TestCase("name: small", "name: a/b", "d.yaml:2: name: 'a/b' has characters other than")]
    [TestCase("frames: 8\n", "frames: 8\nframes: 9\n", "d.yaml:10:1: not YAML: Duplicate key")]
    [TestCase("cells:", "cells: [", "not YAML:")]
    public void A_wrong_field_is_one_line_with_file_line_field_and_cure(string good, string bad, string message)
    {
        Assert.That(Good, Does.Contain(good));
        var error = Assert.Throws<DefinitionException>(() => Read(good, bad))!;
        Assert.That(error.Message, Does.Contain(message));
        Assert.That(error.Message, Does.Not.Contain("\n"));
    }

    [Test]
    public void Scaled_layers_keep_their_place_in_the_depth()
    {
        Assert.That(new ScheduleName("scaled", 14, 22, 28).At(12), Is.EqualTo((6, 9)), "the default schedule's own rounding");
        Assert.That(new ScheduleName("scaled", 14, 15, 28).At(12), Is.EqualTo((6, 7)), "at once stays at once");
        Assert.That(new ScheduleName("scaled", 7, 29, 28).At(12), Is.EqualTo((3, 13)), "a tail that never ends stays one");
        Assert.That(new ScheduleName("scaled", 28, 29, 28).At(12), Is.EqualTo((12, 13)), "no pruning stays none");
        Assert.That(new ScheduleName("scaled", 14, 22, 28).At(28), Is.EqualTo((14, 22)));
    }

    [Test]
    public void Overrides_replace_fields_anywhere()
    {
        var definition = Read("", "", "frames=16", "cells[1].retention=[1/8]", "cells.3.flops=15%", "seed=9",
            "data.split=validation");
        Assert.That((definition.Set.Frames, definition.Seed, definition.Split), Is.EqualTo((16, 9, "validation")));
        Assert.That(definition.Cells.Select(c => c.Id), Does.Contain("aim 1/8").And.Not.Contain("aim 1/2"));
    }

    [TestCase("frames", "--set frames: no '='")]
    [TestCase("frames=0", "--set frames: frames: '0' is not a whole number from 8 to 64")]
    [TestCase("frame=4", "--set frame: frame: unknown field")]
    [TestCase("data.x.y=4", "--set data.x.y: the definition has no field 'x'; it has set, split")]
    [TestCase("cells[9].samples=4", "--set cells[9].samples: '9' is not an index of a list of 6; use 0 to 5")]
    [TestCase("frames.x=4", "--set frames.x: 'x' lies inside a plain value")]
    [TestCase("frames=[", "--set frames: '[' is not a YAML value")]
    public void A_wrong_override_names_itself(string set, string message) =>
        Assert.That(Assert.Throws<DefinitionException>(() => DefinitionReader.Parse("d.yaml", Good, [set]))!.Message,
            Does.StartWith(message));

    [Test]
    public void A_limit_caps_every_cell() =>
        Assert.That(DefinitionReader.Parse("d.yaml", Good, null, 7).Cells.Select(c => c.Samples), Is.All.EqualTo(7));

    [Test]
    public void Cells_named_twice_are_one_with_the_larger_count_and_all_recordings()
    {
        var cells = DefinitionReader.Parse(
            "d.yaml", Good + "  - {method: aim, retention: 50%, samples: 33, headline: true, record: merges}\n").Cells;
        Assert.That(cells.Where(c => c.Id == "aim 1/2").Select(c => (c.Samples, c.Headline, c.Record)),
            Is.EqualTo(new[] { (33, true, Recordings.Merges) }));
    }

    [Test]
    public void The_main_job_names_the_headline_cells()
    {
        var definition = DefinitionReader.Read(Places.Definition("tradeoff-video"));
        Assert.That(definition.Cells.Where(c => c.Headline).Select(c => (c.Id, c.Counting)), Is.EqualTo(new[]
        {
            ("none", 2000), ("aim 1/4 default", 2000), ("aim 1/4 searched", 2000), ("random 1/4 default", 2000),
                ("random 1/4 searched", 2000),
            ("downsample at aim 1/4 default", 2000), ("downsample at aim 1/4 searched", 2000),
        }));
        Assert.That(definition.Margin, Is.EqualTo(2m));
    }
}
