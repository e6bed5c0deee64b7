using Aim.Models;
using static Aim.Fusion.Tests.LabHosts;

namespace Aim.Fusion.Tests;

public sealed class DemonstrationFileTests
{
    private string _directory = null!;

    [SetUp]
    public void Open()
    {
        _directory = NewDirectory();
        File.WriteAllText(Path.Combine(_directory, "a.jpg"), "");
    }

    [TearDown]
    public void Close() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void A_line_is_a_demonstration()
    {
        var read = DemonstrationFile.Read(
            Write("""{"image": "a.jpg", "instruction": " answer:", "reference": " yes\n"}""", "",
                """{"image": "a.jpg", "reference": " no"}"""), ReadPicture);
        Assert.That(read.Select(d => d.Text), Is.EqualTo(new[] { " answer: yes\n", " no" }));
        Assert.That(read[0].Picture!.Rgb, Is.EqualTo(Picture(1).Rgb));
    }

    [Test]
    public void A_document_is_pairs()
    {
        var document = DemonstrationFile.ReadDocuments(
            Write("""{"pairs": [{"image": "a.jpg", "reference": " x"}, {"image": "a.jpg", "reference": " y"}]}"""), ReadPicture)
                .Single();
        Assert.That(document.Demonstrations.Single().Text, Is.EqualTo(" x"));
        Assert.That(document.Queries.Single().Text.Single().Text, Is.EqualTo(" y"));
    }

    [TestCase("""{"image": "b.jpg", "reference": " x"}""", "there is no picture")]
    [TestCase("""{"image": "../a.jpg", "reference": " x"}""", "leaves the file's directory")]
    [TestCase("""{"image": "/a.jpg", "reference": " x"}""", "leaves the file's directory")]
    [TestCase("""{"image": "a.jpg", "reference": "  "}""", "reference is empty")]
    [TestCase("""{"image": "a.jpg"}""", "reference is missing")]
    [TestCase("""{"image": 3, "reference": " x"}""", "image: a text is needed")]
    [TestCase("""[1]""", "an object is needed")]
    [TestCase("""{"image": """, "not JSON")]
    public void A_bad_line_is_named_with_file_and_number(string line, string reason)
    {
        string path = Write("""{"image": "a.jpg", "reference": " fine"}""", line);
        Assert.That(() => DemonstrationFile.Read(path, ReadPicture),
            Throws.TypeOf<DemonstrationException>().With.Message.Contains($"{path}:2: ").And.Message.Contains(reason));
    }

    [Test]
    public void A_broken_picture_is_named_with_file_and_number()
    {
        string path = Write("""{"image": "a.jpg", "reference": " x"}""");
        Assert.That(() => DemonstrationFile.Read(path, _ => throw new FormatException("a.jpg: not a picture")),
            Throws.TypeOf<DemonstrationException>().With.Message.EqualTo($"{path}:1: image: a.jpg: not a picture"));
    }

    [Test]
    public void A_missing_file_and_a_line_without_end_are_refused()
    {
        Assert.That(() => DemonstrationFile.Read(Path.Combine(_directory, "none.jsonl"), ReadPicture),
            Throws.TypeOf<DemonstrationException>());
        Assert.That(() => DemonstrationFile.Read(Write(new string('x', 2_000_000)), ReadPicture),
            Throws.TypeOf<DemonstrationException>().With.Message.Contains("longer than"));
    }

    private string Write(params string[] lines)
    {
        string path = Path.Combine(_directory, "demonstrations.jsonl");
        File.WriteAllLines(path, lines);
        return path;
    }

    private static RgbImage ReadPicture(string path) => Picture(1);
}
