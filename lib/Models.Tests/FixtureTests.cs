using System.IO.Compression;
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
                Path.Combine(AppContext.BaseDirectory, "Fixtures"), [new CaseFileKind(), new ChatTemplateKind(), new GeometryKind()])
            .Select(c => new TestCaseData(c).SetName($"{{m}}({c.Kind}/{c.Name})"));

    [TestCaseSource(nameof(Cases))]
    public void Equals_upstream(IParityCase fixture) => Passes(fixture);

    [Test]
    public void Every_kind_is_there()
    {
        var kinds = Cases().CountBy(c => ((IParityCase)c.Arguments[0]!).Kind).ToDictionary(k => k.Key, k => k.Value);
        var expected = new Dictionary<string, int> { ["chat-templates"] = 48, ["geometry"] = 154, ["models"] = 12 };
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

    // Qwen2.5's genuine vocabulary is stored compressed.
    [Test]
    public void Tokenizer_equals_upstream()
    {
        string root = Fixture.NewDirectory();
        try
        {
            string tokenizer = Path.Combine(root, "any-name"), vectors = Path.Combine(root, "vectors");
            string source = Fixture.PathOf("tokenizers"), packed = Path.Combine(source, "qwen2_5", "tokenizer.json.gz");
            Directory.CreateDirectory(tokenizer);
            Directory.CreateDirectory(vectors);
            using (var stream = new GZipStream(File.OpenRead(packed), CompressionMode.Decompress))
            using (var target = File.Create(Path.Combine(tokenizer, "tokenizer.json")))
                stream.CopyTo(target);
            File.Copy(Path.Combine(source, "qwen2_5", "cases.json"), Path.Combine(tokenizer, "cases.json"));
            File.Copy(Path.Combine(source, "qwen2.inp"), Path.Combine(vectors, "qwen2.inp"));
            File.Copy(Path.Combine(source, "qwen2.out"), Path.Combine(vectors, "qwen2.out"));
            int count = 0;
            foreach (var found in ParityWalker.Find(root, ParityKinds.All))
            {
                Passes(found);
                count++;
            }

            Assert.That(count, Is.EqualTo(359 + 110 + 25 + 47));
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
