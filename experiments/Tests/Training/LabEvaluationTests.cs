using Aim.Datasets;
using Aim.Experiments.Training;

namespace Aim.Experiments.Tests.Training;

/// <summary>Trains a few steps and evaluates what comes out: the whole path from nothing to a card.</summary>
public class LabEvaluationTests
{
    private string directory = "";

    [SetUp]
    public void MakeDirectory() => directory = Directory.CreateTempSubdirectory("aim-evaluation-").FullName;

    [TearDown]
    public void DeleteDirectory() => Directory.Delete(directory, recursive: true);

    [Test]
    public void ACheckpointGetsItsEvaluationAndCard()
    {
        LabTraining.Run(new LabTrainingOptions { Length = "tiny", Output = directory }, TextWriter.Null);
        var model = Path.Combine(directory, "model");
        LabEvaluation.Run(new LabEvaluationOptions { Model = model, SamplesPerKind = 2, HorizonSamplesPerKind = 1, Frames = 8 },
            TextWriter.Null);

        var record = EvaluationRecord.Load(Path.Combine(model, "evaluation.json"));
        Assert.That(record.Kinds.Select(k => k.Kind), Is.EqualTo(EvaluationItem.Kinds(LabMedium.Video)));
        Assert.That(record.Kinds.Select(k => k.Full.Samples), Is.All.EqualTo(2));
        Assert.That(record.Kinds.SelectMany(k => k.Controls.Values).Select(c => c.Samples), Is.All.EqualTo(2));
        Assert.That(record.Kinds[0].Controls.Keys,
            Is.EquivalentTo(new[] { "blank", "text", "oneFrame", "shuffled", "majority" }));
        Assert.That(record.Kinds.Select(k => k.Horizon.Select(h => h.Layer)), Is.All.EqualTo(Enumerable.Range(1, 12)));
        Assert.That(record.Kinds.Single(k => k.Kind == "there").Order, Is.False);

        Assert.That(record.Pictures.Select(k => k.Kind), Is.EqualTo(LabKinds.Picture));
        Assert.That(record.Pictures[0].Controls.Keys, Is.EquivalentTo(new[] { "blank", "text", "majority" }));
        Assert.That(record.Pictures.Select(k => k.Order), Is.All.False);

        var card = File.ReadAllText(Path.Combine(model, "README.md"));
        Assert.That(card, Does.Contain("aim lab train --model video --seed 1 --tiny").And.Contain(record.ModelSha256).And.Contain(
            "| first | ").And.Contain("### Single pictures"));
    }

    [Test]
    public void AWrongSplitIsNamed()
    {
        LabTraining.Run(new LabTrainingOptions { Length = "tiny", Output = directory }, TextWriter.Null);
        var options = new LabEvaluationOptions { Model = Path.Combine(directory, "model"), Split = "train", SamplesPerKind = 1 };
        Assert.That(() => LabEvaluation.Run(options, TextWriter.Null),
            Throws.ArgumentException.With.Message.Contains("--split train"));
    }
}
