using Aim.Parity;

namespace Aim.Models.Tests;

/// <summary>
/// Models against transformers, tokenizers against Hugging Face's and llama.cpp's, templates against Jinja: the cases that <c>aim
/// parity</c> runs.
/// </summary>
public sealed class FixtureTests
{
    private static IEnumerable<TestCaseData> Cases()
        => ParityWalker.Find(
                Path.Combine(AppContext.BaseDirectory, "Fixtures"),
                [new CaseFileKind(), new ChatTemplateKind(), new GeometryKind()])
            .Select(c => new TestCaseData(c).SetName($"{{m}}({c.Kind}/{c.Name})"));

    [TestCaseSource(nameof(Cases))]
    public void Equals_upstream(IParityCase fixture) => Passes(fixture);

    [Test]
    public void Every_kind_is_there()
    {
        var kinds = Cases().CountBy(c => ((IParityCase)c.Arguments[0]!).Kind).ToDictionary(k => k.Key, k => k.Value);
        var expected = new Dictionary<string, int> { ["chat-templates"] = 156, ["geometry"] = 154, ["models"] = 22 };
        Assert.That(kinds, Is.EqualTo(expected));
    }

    [Test]
    public void Pillows_operations_are_there()
        => Assert.That(new ResizeKind().Find(Fixture.PathOf("resize")).Count(), Is.EqualTo(271));

    [TestCaseSource(nameof(Operations))]
    public void Equals_Pillow_and_torch(IParityCase fixture) => Passes(fixture);

    private static IEnumerable<TestCaseData> Operations()
        => new ResizeKind().Find(Path.Combine(AppContext.BaseDirectory, "Fixtures", "resize"))
            .Select((c, i) => new TestCaseData(c).SetName($"{{m}}({i} {c.Name})"));

    // Genuine vocabularies and their long lists of cases are stored compressed.
    [TestCase("qwen2_5", "qwen2", 359 + 110 + 25 + 47)]
    [TestCase("gpt2", "gpt-2", 359 + 113 + 25 + 47)]
    [TestCase("mistral", null, 359 + 118 + 25)]
    public void Tokenizer_equals_upstream(string name, string? vectors, int count)
    {
        string root = Fixture.NewDirectory();
        try
        {
            string source = Fixture.PathOf("tokenizers"), tokenizer = Path.Combine(root, "any-name"),
                beside = Path.Combine(root, "vectors");
            Directory.CreateDirectory(tokenizer);
            Directory.CreateDirectory(beside);
            foreach (string file in (string[])["tokenizer.json", "cases.json"])
                Fixture.Unpack(Path.Combine(source, name, file), Path.Combine(tokenizer, file));
            foreach (string part in vectors is null ? (string[])[] : [$"{vectors}.inp", $"{vectors}.out"])
                File.Copy(Path.Combine(source, part), Path.Combine(beside, part));
            int found = 0;
            foreach (var fixture in ParityWalker.Find(root, ParityKinds.All))
            {
                var result = fixture.Run();
                Assert.That(result.Status, Is.EqualTo(CaseStatus.Pass), CaseReport.Line(result));
                found++;
            }

            Assert.That(found, Is.EqualTo(count));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void Passes(IParityCase fixture)
    {
        var result = fixture.Run();
        TestContext.Out.WriteLine(CaseReport.Line(result));
        Assert.That(result.Status, Is.EqualTo(CaseStatus.Pass), CaseReport.Line(result));
    }
}
