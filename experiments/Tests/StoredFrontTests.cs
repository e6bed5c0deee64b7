using System.Text.Json.Nodes;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Tests;

public class StoredFrontTests
{
    private static readonly string s_sha = new('a', 64);

    private static StoredFront Sample => new()
    {
        ModelSha256 = s_sha,
        DataVersion = "2",
        Layers = 4,
        Frames = 8,
        Tried = 9,
        Points = [new("1/16", 0, 2, 3, 10, 1e6), new("1/4", 1, 3, 5, 10, 2.5e6), new("1", null, null, 8, 10, 9e6)],
    };

    [Test]
    public void ItReadsBackWhatItWrote()
    {
        using var place = new Place();
        Sample.Save(place.Path);
        var read = StoredFront.Load(place.Path, s_sha);
        Assert.That(read.Points, Is.EqualTo(Sample.Points));
        Assert.That(read.Front.Select(p => p.ToString()), Is.EqualTo((string[])["1/16 (0, 2)", "1/4 (1, 3)", "1"]));
        Assert.That(read.Front.Select(StoredPoint.Of), Is.EqualTo(Sample.Points));
        string first = File.ReadAllText(place.File);
        read.Save(place.Path);
        Assert.That(File.ReadAllText(place.File), Is.EqualTo(first));
    }

    [Test]
    public void WhatIsMissingOrAnotherModelsIsNamed()
    {
        using var place = new Place();
        Refused(place, "run 'aim search-front' for this model");
        Sample.Save(place.Path);
        Assert.That(
            () => StoredFront.Load(place.Path, new string('b', 64)),
                Throws.TypeOf<DefinitionException>().With.Message.Contains("other weights"));
    }

    [TestCase("", "not a stored front")]
    [TestCase("null", "of this version")]
    [TestCase("[1]", "not a stored front")]
    [TestCase("{}", "not a stored front")]
    public void WhatIsNoFrontIsRefused(string text, string says)
    {
        using var place = new Place();
        File.WriteAllText(place.File, text);
        Refused(place, says);
    }

    [TestCase("schema", "2", "version")]
    [TestCase("modelSha256", "\"../../x\"", "sha256")]
    [TestCase("modelSha256", "null", "not a stored front")]
    [TestCase("layers", "0", "0 layers")]
    [TestCase("layers", "1e400", "not a stored front")]
    [TestCase("frames", "-1", "-1 frames")]
    [TestCase("tried", "2", "2 tried")]
    [TestCase("points", "[]", "0 points")]
    [TestCase("points", "[null]", "points[0]: missing")]
    [TestCase("points", "[{\"correct\":1,\"samples\":2,\"flops\":3}]", "points[0]: its retention is missing")]
    [TestCase("extra", "1", "not a stored front")]
    public void DamagedFieldsAreNamed(string field, string value, string says)
    {
        using var place = new Place();
        Sample.Save(place.Path);
        var json = JsonNode.Parse(File.ReadAllText(place.File))!;
        json[field] = value == "1e400" ? null : JsonNode.Parse(value);
        File.WriteAllText(place.File,
            json.ToJsonString().Replace("\"layers\":null", "\"layers\":1e400", StringComparison.Ordinal));
        Refused(place, says);
    }

    [TestCase("retention", "\"2\"", "(0, 1]")]
    [TestCase("retention", "\"x\"", "not a number")]
    [TestCase("l1", "3", "(3, 3) is no schedule")]
    [TestCase("l1", "-1", "is no schedule")]
    [TestCase("l1", "null", "is no schedule")]
    [TestCase("l2", "99", "is no schedule of 4 layers")]
    [TestCase("correct", "11", "11 of 10")]
    [TestCase("correct", "-1", "-1 of 10")]
    [TestCase("samples", "0", "of 0")]
    [TestCase("samples", "20", "equally many")]
    [TestCase("flops", "0", "above 0")]
    [TestCase("flops", "-2.5e6", "above 0")]
    [TestCase("flops", "\"NaN\"", "not a stored front")]
    [TestCase("flops", "9.5e6", "no front")]
    [TestCase("correct", "3", "no front")]
    public void DamagedPointsAreNamed(string field, string value, string says)
    {
        using var place = new Place();
        Sample.Save(place.Path);
        var json = JsonNode.Parse(File.ReadAllText(place.File))!;
        json["points"]![1]![field] = JsonNode.Parse(value);
        File.WriteAllText(place.File, json.ToJsonString());
        Refused(place, says);
    }

    [Test]
    public void AFileThatIsTooLongIsNotRead()
    {
        using var place = new Place();
        using (var file = File.Create(place.File))
            file.SetLength(5 << 20);
        Refused(place, "longer than any front");
    }

    private static void Refused(Place place, string says) => Assert.That(
        () => StoredFront.Load(place.Path, s_sha),
        Throws.TypeOf<DefinitionException>().With.Message.Contains(says).And.Message.Contains(StoredFront.FileName));

    private sealed class Place : IDisposable
    {
        public Place() => Directory.CreateDirectory(Path);

        public string Path { get; } = System.IO.Path.Combine(TestContext.CurrentContext.WorkDirectory,
            $"front-{Guid.NewGuid():N}");

        public string File => System.IO.Path.Combine(Path, StoredFront.FileName);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
