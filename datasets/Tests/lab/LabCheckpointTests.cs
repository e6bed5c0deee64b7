using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Aim.Datasets.Tests.Lab;

public class LabCheckpointTests
{
    [Test]
    public void ModelsAreKnownByName()
    {
        foreach (var kind in Enum.GetValues<LabModelKind>())
            Assert.That(LabModelKinds.Parse(kind.Name()), Is.EqualTo(kind));
        Assert.That(() => LabModelKinds.Parse("audio"),
            Throws.ArgumentException.With.Message.Contains("video, single, single-b, multi"));
    }

    [TestCase(LabModelKind.Single, 144, 8)]
    [TestCase(LabModelKind.SingleB, 64, 12)]
    [TestCase(LabModelKind.Multi, 144, 8)]
    public void ModelsOfSinglePicturesAgreeOnTheirTokens(LabModelKind kind, int tokens, int patch)
    {
        var files = LabCheckpoint.Files(kind).ToDictionary(f => f.Key, f => JsonDocument.Parse(f.Value).RootElement);
        Assert.That(files.Keys, Does.Not.Contain("video_preprocessor_config.json"));
        var vision = files["config.json"].GetProperty("vision_config");
        int side = vision.GetProperty("image_size").GetInt32() / vision.GetProperty("patch_size").GetInt32();
        Assert.That(side * side, Is.EqualTo(tokens));
        Assert.That(files["config.json"].GetProperty("image_seq_length").GetInt32(), Is.EqualTo(tokens));
        Assert.That(files["processor_config.json"].GetProperty("patch_size").GetInt32(), Is.EqualTo(patch));
        var video = LabCheckpoint.Files();
        foreach (string shared in (string[])["tokenizer.json", "tokenizer_config.json", "generation_config.json"])
            Assert.That(LabCheckpoint.Files(kind)[shared], Is.EqualTo(video[shared]), shared);
    }

    [Test]
    public void TheCommittedFilesAreTheGenerators()
    {
        string directory = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "lab", "models", "lab-video");
        Assume.That(Directory.Exists(directory), "the sources are not here");
        foreach (var (name, text) in LabCheckpoint.Files())
            Assert.That(File.ReadAllText(Path.Combine(directory, name)), Is.EqualTo(text),
                $"{name}: regenerate it with LabCheckpoint.Write");
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [Test]
    public void IdsAgreeBetweenFiles()
    {
        var files = LabCheckpoint.Files().ToDictionary(f => f.Key, f => JsonDocument.Parse(f.Value).RootElement);
        var config = files["config.json"];
        var added = files["tokenizer.json"].GetProperty("added_tokens").EnumerateArray()
            .ToDictionary(t => t.GetProperty("content").GetString()!, t => t.GetProperty("id").GetInt32());
        int vocabulary = files["tokenizer.json"].GetProperty("model").GetProperty("vocab").EnumerateObject().Count();
        Assert.That(added.Values, Is.EqualTo(Enumerable.Range(vocabulary, 5)));
        Assert.That(config.GetProperty("video_token_index").GetInt32(), Is.EqualTo(added["<video>"]));
        Assert.That(config.GetProperty("image_token_index").GetInt32(), Is.EqualTo(added["<image>"]));
        Assert.That(config.GetProperty("text_config").GetProperty("eos_token_id").GetInt32(), Is.EqualTo(added["<|im_end|>"]));
        Assert.That(config.GetProperty("text_config").GetProperty("vocab_size").GetInt32(),
            Is.GreaterThan(added.Values.Max()).And.EqualTo(800));
    }

    [Test]
    public void WritesWhatItSays()
    {
        string directory = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}");
        LabCheckpoint.Write(directory);
        Assert.That(Directory.GetFiles(directory).Select(Path.GetFileName), Is.EquivalentTo(LabCheckpoint.Files().Keys));
        Assert.That(File.ReadAllText(Path.Combine(directory, "config.json")), Is.EqualTo(LabCheckpoint.Files()["config.json"]));
        Directory.Delete(directory, recursive: true);
    }
}
