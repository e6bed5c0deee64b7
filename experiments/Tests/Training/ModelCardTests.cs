using System.Text.Json.Nodes;
using Aim.Datasets;
using Aim.Experiments.Training;

namespace Aim.Experiments.Tests.Training;

public class ModelCardTests
{
    /// <summary>What the card says of other programs follows from the checkpoint's own config.json.</summary>
    [Test]
    public void TheCardSaysWhatTransformersWouldNotLoad(
        [ValueSource(typeof(LabModelKinds), nameof(LabModelKinds.Names))] string name)
    {
        string directory = Directory.CreateTempSubdirectory("aim-card-").FullName;
        try
        {
            new TrainingSummary
            {
                Model = name,
                Command = "aim lab train",
                Recipe = name,
                Seed = 1,
                Steps = [0, 0, 0, 0],
                Seconds = [0, 0, 0, 0],
                DataShare = [0, 0, 0, 0],
                Isa = "avx2",
                HeldOut = [],
                Curve = [],
            }.Save(Path.Combine(directory, "training.json"));
            ModelCard.Write(directory, null);
            string card = File.ReadAllText(Path.Combine(directory, "README.md"));
            var config = JsonNode.Parse(LabCheckpoint.Files(LabModelKinds.Parse(name))["config.json"])!;
            Assert.That(card, Does.StartWith($"# lab-{name}"));
            Assert.That(card.Contains("## In transformers"), Is.EqualTo(config["mm_projector_type"] is not null));
            Assert.That(card.Contains("`mm_projector_type: linear`"),
                Is.EqualTo((string?)config["mm_projector_type"] == "linear"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
