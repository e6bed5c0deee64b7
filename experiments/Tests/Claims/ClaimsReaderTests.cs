using Aim.Experiments.Claims;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Tests.Claims;

public class ClaimsReaderTests
{
    private const string Good = """
        schema: 1
        name: paper
        title: A paper
        paper: Somebody (arXiv 0)
        summary: What to know.
        definitions: [one, two]
        claims:
          - id: holds
            claim: It holds.
            source: Table 1
            in: one
            tests:
              - {not-worse: aim 1/4, than: none, margin: 2}
              - {cheaper: aim 1/4, than: none, times: 4}
            controls: [{better: aim 1/4, than: random 1/4, kinds: [first, last]}]
          - {id: elsewhere, claim: It is so., source: Table 2, untestable: It needs another model.}

        """;

    [Test]
    public void Reads_claims_with_their_tests()
    {
        var file = ClaimsReader.Parse("c.yaml", Good);
        Assert.That(file.Definitions, Is.EqualTo(new[] { "one", "two" }));
        Assert.That(file.Claims[0].Tests, Is.EqualTo(new[]
        {
            new ClaimTest(TestKind.NotWorse, "aim 1/4", "none", 2), new ClaimTest(TestKind.Cheaper, "aim 1/4", "none", 4),
        }));
        Assert.That(file.Claims[0].Controls,
            Is.EqualTo(new[] { new ClaimTest(TestKind.Better, "aim 1/4", "random 1/4", 0, "first+last") }));
        Assert.That((file.Claims[1].Untestable, file.Claims[1].Definition),
            Is.EqualTo(("It needs another model.", (string?)null)));
    }

    [TestCase("in: one", "in: three", "c.yaml:11: claims[0].in: unknown definition 'three'; known: one, two")]
    [TestCase("    in: one\n", "", "claims[0].in: missing; name the definition")]
    [TestCase("{not-worse: aim 1/4, than: none, margin: 2}", "{worthy: aim 1/4}",
        "c.yaml:13: claims[0].tests: no known test; one of not-worse, better,")]
    [TestCase(", margin: 2", "", "claims[0].tests.margin: missing; the number that decides it")]
    [TestCase("than: none, times", "times", "claims[0].tests.than: missing; the cell that it is compared with")]
    [TestCase("untestable: It needs another model.", "in: one", "claims[1].tests: missing; a claim has tests, or says why")]
    [TestCase("id: elsewhere", "id: holds", "claims[1].id: 'holds' is used twice")]
    [TestCase("id: elsewhere", "id: Else", "claims[1].id: 'Else' has other characters")]
    [TestCase("times: 4}", "times: 4, by: 3}", "claims[0].tests.by: unknown field")]
    [TestCase("schema: 1", "schema: 3", "c.yaml:1: schema: the version is not known")]
    public void A_wrong_field_is_one_line_with_file_line_field_and_cure(string good, string bad, string message)
    {
        Assert.That(Good, Does.Contain(good));
        var error = Assert.Throws<DefinitionException>(() => ClaimsReader.Parse("c.yaml", Good.Replace(good, bad)))!;
        Assert.That(error.Message, Does.Contain(message).And.Not.Contain("\n"));
    }

    /// <summary>
    /// Every claim that ships must be about cells that its definition has: a name changed in one place would decide nothing.
    /// </summary>
    [Test]
    public void The_papers_claims_name_cells_and_definitions_that_there_are()
    {
        var file = ClaimsReader.Read(Places.Reproduction());
        var definitions = file.Definitions.ToDictionary(name => name, name => DefinitionReader.Read(Places.Definition(name)));
        foreach (var claim in file.Claims.Where(c => c.Untestable is null))
            foreach (var test in claim.Tests.Concat(claim.Controls))
            {
                var definition = definitions[claim.Definition!];
                string[] ids = [.. definition.Cells.Select(definition.IdOf)];
                Assert.That(ids, Does.Contain(test.Cell), claim.Id);
                if (test.Other is not null)
                    Assert.That(ids, Does.Contain(test.Other), claim.Id);
                var cell = definition.Cells.First(c => definition.IdOf(c) == test.Cell);
                Assert.That(test.Kind != TestKind.AttentionFalls || cell.Record.HasFlag(Recordings.Attention), claim.Id);
                Assert.That(test.Kind != TestKind.MergesAlike || cell.Record.HasFlag(Recordings.Merges), claim.Id);
            }
    }

    [Test]
    public void Every_definition_that_ships_is_read_asks_a_question_and_is_part_of_the_reproduction()
    {
        var names = ClaimsReader.Read(Places.Reproduction()).Definitions;
        foreach (string path in Places.Shipped())
        {
            var definition = DefinitionReader.Read(path);
            Assert.That(names, Does.Contain(definition.Name));
            Assert.That(definition.Name, Is.EqualTo(Path.GetFileNameWithoutExtension(path)));
            Assert.That(definition.Question.Length, Is.GreaterThan(200), "a paragraph");
            Assert.That(File.ReadLines(path).First(l => !l.StartsWith('#')), Does.StartWith("question:"), "at the top");
            Assert.That(definition.Cells.Where(c => c.Headline && !c.IsBaseline).Select(c => Math.Max(c.Samples, c.Counting)),
                Is.All.GreaterThanOrEqualTo(1000));
            Assert.That(CanonicalForm.Write(DefinitionReader.Parse("canonical", CanonicalForm.Write(definition))),
                Is.EqualTo(CanonicalForm.Write(definition)));
        }
    }
}
