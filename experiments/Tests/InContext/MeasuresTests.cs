using Aim.Datasets;
using Aim.Experiments.InContext;
using Aim.Experiments.InContext.Measures;
using Aim.Experiments.Planning;
using Aim.Fusion;
using Aim.Reports.Records;

namespace Aim.Experiments.Tests.InContext;

/// <summary>Tokens, memory, speed, parameters, attention and perplexity, on a model that has learnt nothing.</summary>
public class MeasuresTests
{
    private const string Yaml = """
        schema: 1
        name: tiny
        version: 1
        title: Does it measure?
        question: Whether every measure gives its figures.
        claim: It measures.
        source: nowhere
        model: model
        measure: MEASURE
        tasks: [object2]
        shots: [0, 2]
        episodes: 2
        conditions:
          - {name: raw, form: raw}
          - {name: prefix, form: raw, reuse: prefix}
          - {name: cold, form: fused, layer: 2, projection: untrained, reuse: none}
          - {name: warm, form: fused, layer: 2, projection: untrained}

        """;

    private string _root = "";

    [OneTimeSetUp]
    public void MakeModel() => _root = UntaughtModel.Make(Yaml);

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_root, recursive: true);

    private string DefinitionFile => Path.Combine(_root, "tiny.yaml");

    private InContextDefinition Definition(string measure, string more = "") =>
        InContextReader.Parse(DefinitionFile, Yaml.Replace("MEASURE", measure + more));

    private ModelStock Stock() => new(Path.Combine(_root, $"out-{Guid.NewGuid():N}"), TextWriter.Null,
        new ProjectionRecipe { Steps = 2, Documents = 1, WarmUp = 1 });

    private static InContextDefinition Only(InContextDefinition definition, params string[] names) =>
        definition with { Conditions = [.. definition.Conditions.Where(c => names.Contains(c.Name))] };

    [Test]
    public void Tokens_are_counted_exactly()
    {
        using var stock = Stock();
        var definition = Definition("tokens") with { Tasks = [LabTask.Object2, LabTask.Pair, LabTask.Caption] };
        var finding = new TokenCount(stock, definition, DefinitionFile).Run(default);
        Assert.That((finding.Claim.Verdict, finding.Claim.Measure!.Value.Value, finding.IsTimed),
            Is.EqualTo((ClaimVerdict.Holds, 1.0, false)));
        var rows = finding.Exhibits.OfType<TableRecord>().Single().Rows;
        Assert.That(rows[0].Values[1].Value - rows[3].Values[1].Value, Is.EqualTo(2 * 144), "two pictures");
        Assert.That(rows[0].Values[1].Detail, Is.EqualTo("6 of 6 exact"));
    }

    [Test]
    public void Memory_grows_with_pictures_and_hardly_fused()
    {
        using var stock = Stock();
        var finding = new MemoryUse(stock, Definition("memory"), DefinitionFile).Run(default);
        if (MemoryMeter.PeakOf(() => { }) is null)
            Assert.Ignore("this engine does not count its memory");
        var lines = finding.Exhibits.OfType<LinesRecord>().Single().Panels.Single().Lines.ToDictionary(l => l.Name,
            l => l.Points);
        double Growth(string name) => lines[name][1].Y - lines[name][0].Y;
        Assert.That(Growth("raw"), Is.Positive);
        Assert.That(Growth("warm"), Is.LessThan(Growth("raw") / 2));
        Assert.That(lines["prefix"][1].Y, Is.GreaterThan(lines["warm"][1].Y), "keys and values of the demonstrations are kept");
        Assert.That(finding.IsTimed, Is.True);
    }

    [Test]
    public void Speed_has_the_same_bits_warm_and_cold_and_every_figure()
    {
        using var stock = Stock();
        var definition = Definition("speed", "\nfactor: 4");
        var finding = new SpeedTest(stock, definition, DefinitionFile).Run(default);
        Assert.That(finding.Claim.Reason, Does.Contain("have the same bits at every number of "
            + "shots").And.Contain("KV-prefix caching"));
        var table = finding.Exhibits.OfType<TableRecord>().Single();
        Assert.That(table.Lead, Does.EndWith("found 100.0 % of them."));
        double Flops(int row) => table.Rows[row].Values[3].Value!.Value;
        Assert.That(Flops(3), Is.LessThan(Flops(2)).And.LessThan(Flops(0) / 2), "a warm bank reads no demonstration");
        Assert.That(Flops(1), Is.LessThan(Flops(0)), "nor does a kept prefix");
        double prefixBytes = table.Rows[1].Values[4].Value!.Value, entryBytes = table.Rows[3].Values[4].Value!.Value;
        Assert.That(prefixBytes, Is.GreaterThan(10 * entryBytes));
        Assert.That(() => new SpeedTest(stock, Only(definition, "raw", "warm"), DefinitionFile).Run(default),
            Throws.TypeOf<DefinitionException>());
    }

    /// <summary>The rival answers as the whole prompt does: it is the same prompt.</summary>
    [Test]
    public void A_kept_prefix_gives_the_logits_of_the_whole_prompt()
    {
        using var stock = Stock();
        var definition = Definition("speed", "\nfactor: 4");
        var episode = LabEpisodes.Of(LabTask.Object2, 1, 2)[0];
        TimedRun Run(string name)
        {
            var prompts = stock.Prompts(definition, definition.Conditions.First(c => c.Name == name), DefinitionFile, default);
            using var prompt = new TimedPrompt(prompts, episode, 2,
                reader => stock.BankIn(Path.Combine(stock.Directory, "bank-of-one"), reader));
            var first = prompt.Run();
            Assert.That(prompt.Run().Logits, Is.EqualTo(first.Logits), "again and again");
            return first;
        }

        Assert.That(Run("prefix").Logits, Is.EqualTo(Run("raw").Logits).Within(1e-4));
        Assert.That(Run("warm").Logits, Is.EqualTo(Run("cold").Logits));
        Assert.That(Run("warm").Logits, Is.Not.EqualTo(Run("raw").Logits).Within(1e-4));
    }

    [Test]
    public void Only_the_projection_trains()
    {
        using var stock = Stock();
        var definition = Only(Definition("tokens"), "warm");
        definition = definition with
        {
            Conditions = [definition.Conditions[0],
            definition.Conditions[0] with { Name = "norm", LayerNorm = true }]
        };
        var finding = new ParameterCount(stock, definition, DefinitionFile).Run(default);
        Assert.That(finding.Claim.Verdict, Is.EqualTo(ClaimVerdict.Holds));
        var rows = finding.Exhibits.OfType<TableRecord>().Single().Rows;
        Assert.That(rows.Select(r => r.Values[0].Value),
            Is.EqualTo(new double?[] { (128 * 128) + 128, (128 * 128) + (3 * 128) }));
    }

    [Test]
    public void A_demonstrations_aggregate_does_not_depend_on_the_others()
    {
        using var stock = Stock();
        var definition = Only(Definition("tokens"), "warm");
        definition = definition with { Conditions = [definition.Conditions[0], new Condition("last", Form.Fused)] };
        var finding = new Independence(stock, definition, DefinitionFile).Run(default);
        Assert.That((finding.Claim.Verdict, finding.Claim.Measure!.Value.N), Is.EqualTo((ClaimVerdict.Holds, 2 * 2 * 2 * 3)));
        Assert.That(finding.Exhibits.OfType<TableRecord>().Single().Rows.SelectMany(r => r.Values.Skip(1).Select(v => v.Value)),
            Is.All.EqualTo(1));
    }

    [Test]
    public void Attention_is_given_by_place_and_layer()
    {
        using var stock = Stock();
        var definition = Only(Definition("tokens"), "raw");
        var finding = new AttentionSpread(stock, definition, DefinitionFile).Run(default);
        var lines = finding.Exhibits.OfType<LinesRecord>().Single();
        Assert.That(lines.Panels, Has.Count.EqualTo(2));
        var mass = lines.Panels[1].Lines;
        for (int layer = 0; layer < 12; layer++)
            Assert.That(mass.Sum(l => l.Points[layer].Y), Is.EqualTo(1).Within(1e-4), "all of the prompt");
        var map = finding.Exhibits.OfType<HeatMapRecord>().Single();
        Assert.That((map.X.Count, map.Y.Count), Is.EqualTo((6, 12)));
        Assert.That(map.Layers[1].Values[3].Sum(v => v!.Value), Is.EqualTo(1).Within(1e-4));
        Assert.That(finding.Claim.Measure!.Value.N, Is.EqualTo(2));
    }

    [Test]
    public void Perplexity_is_of_held_out_stories_and_found_again()
    {
        using var stock = Stock();
        string yaml = Yaml.Replace("MEASURE", "perplexity\nfactor: 0.25").Replace("episodes: 2",
            "episodes: 10").Replace("projection: untrained}", "projection: trained}");
        var definition = InContextReader.Parse(DefinitionFile, yaml);
        definition = Only(definition, "raw", "warm");
        var first = new StoryPerplexity(stock, definition, DefinitionFile).Run(default);
        string journal = File.ReadAllText(Path.Combine(stock.Directory, "stories.jsonl"));
        var again = new StoryPerplexity(stock, definition, DefinitionFile).Run(default);
        Assert.That(File.ReadAllText(Path.Combine(stock.Directory, "stories.jsonl")), Is.EqualTo(journal));
        Assert.That(journal.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(2 * 2 * 10));
        Assert.That(again.Claim.Reason, Is.EqualTo(first.Claim.Reason).And.Contains(" 0 of 10 stories hold a label or wording "
            + "of the tests."));
        var points = first.Exhibits.OfType<LinesRecord>().Single().Panels.Single().Lines;
        Assert.That(points.Select(l => l.Points[0].Y), Is.All.EqualTo(points[0].Points[0].Y).Within(1e-9),
            "without pairs all conditions are one");
        Assert.That(points[0].Points[0].Y, Is.InRange(100, 5000), "some hundred words, none of them known");
    }

    /// <summary>
    /// What the shipped model sees is planted by its training: it is in the states that read the picture, and not in those that
    /// read another's, a grey one or none.
    /// </summary>
    [Test]
    public void A_probe_reads_the_picture_off_a_demonstrations_states()
    {
        using var stock = Stock();
        string head = Yaml[..Yaml.IndexOf("  - ", StringComparison.Ordinal)].Replace("MEASURE", "probe")
            .Replace("model: model", "model: datasets/lab/models/lab-single").Replace("shots: [0, 2]", "shots: [1]")
            .Replace("episodes: 2", "episodes: 50");
        var definition = InContextReader.Parse(DefinitionFile, head + """
              - {name: states, form: fused, layer: 9}
              - {name: projected, form: fused, layer: 9, projection: untrained}
              - {name: shuffled, form: fused, layer: 9, pictures: shuffled}
              - {name: blank, form: fused, layer: 9, pictures: blank}
              - {name: text only, form: text}
            tests:
              - {better: states 1, than: shuffled 1}
            controls:
              - {not-better: text only 1, than: blank 1, by: 20}

            """);
        var finding = new ImageProbe(stock, definition, DefinitionFile).Run(default);
        double[] right = [.. finding.Exhibits.OfType<BarsRecord>().Single().Series.Single().Values.Select(v => v.Value!.Value)];
        Assert.That(right[0], Is.GreaterThan(0.4), string.Join(' ', right));
        Assert.That(right[1], Is.EqualTo(right[0]).Within(0.2), "a linear map that loses nothing leaves it there");
        Assert.That(right[2..], Is.All.LessThan(0.25));
        Assert.That(finding.Claim.Verdict, Is.EqualTo(ClaimVerdict.Holds), finding.Claim.Reason);
        Assert.That(finding.Claim.Measure!.Value.N, Is.EqualTo(50));
    }

    /// <summary>Times and memory stand beside the collection, which stays the same from run to run.</summary>
    [Test]
    public void What_was_measured_by_the_clock_stands_apart()
    {
        string directory = Path.Combine(_root, "report");
        InContextDefinition[] all =
        [
            Definition("tokens") with { Name = "counted" }, Definition("speed", "\nfactor: 4") with { Name = "timed" },
            Definition("memory") with { Name = "gone", Model = "nowhere" },
        ];
        string Report() => new InContextReproduction(TextWriter.Null).Run([.. all.Select(d => (d, DefinitionFile))], directory,
            default);
        string report = Report(), file = Path.Combine(directory, CollectionFile.Name), first = File.ReadAllText(file);
        var collection = CollectionFile.Read(file);
        Assert.That(collection.Record.Exhibits.Select(e => e.Id), Is.EqualTo(new[] { "counted", "counted-numbers" }));
        Assert.That(collection.Timings!.Exhibits.Select(e => e.Id), Is.EqualTo(new[] { "timed", "timed-numbers" }));
        Assert.That(collection.Claims.Select(c => c.Id), Is.EqualTo(new[] { "counted", "gone", "timed" }));
        Assert.That(collection.Claims[1].Reason, Does.Contain("need the model nowhere, which is not there"));
        string html = File.ReadAllText(report);
        Assert.That(html, Does.Contain("Time and memory").And.Contain("GFLOP/s measured in the same "
            + "run").And.Contain("id=\"measured\""));
        Report();
        Assert.That(File.ReadAllText(file), Is.EqualTo(first));
    }
}
