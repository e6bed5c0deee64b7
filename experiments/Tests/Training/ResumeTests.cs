using System.Security.Cryptography;
using Aim.Datasets;
using Aim.Experiments.Training;
using Aim.Models;

namespace Aim.Experiments.Tests.Training;

/// <summary>Whole trainings of the real geometry, a few steps each.</summary>
public class ResumeTests
{
    private string directory = "";

    [SetUp]
    public void MakeDirectory() => directory = Directory.CreateTempSubdirectory("aim-training-").FullName;

    [TearDown]
    public void DeleteDirectory() => Directory.Delete(directory, recursive: true);

    [Test]
    public void KilledTrainingsEndWithTheSameWeightsAtAnyThreadCount()
    {
        var whole = Train("whole", threads: 1);
        foreach (var stop in new[] { 2, 3, 5, 7, 10 })
        {
            // In the middle of the tower, at its end, in the middle of text, of alignment, of the joint stage; then on with
            // another thread count.
            Train("parts" + stop, threads: 2, stop);
            Assert.That(Train("parts" + stop, threads: 2), Is.EqualTo(whole), $"stopped after {stop} steps");
        }
    }

    [TestCase("single")]
    [TestCase("single-b")]
    public void EveryModelTrainsAndLoads(string name)
    {
        var options = Options(name, 2, null) with { Model = name };
        Assert.That(LabTraining.Run(options, TextWriter.Null), Is.Zero);
        var model = Path.Combine(options.Output, "model");
        using (var host = LabHost.Load(model))
        {
            Assert.That(host.TakesClips, Is.False);
            Assert.That(host.Rows(LabMedium.Image).PerFrame, Is.EqualTo(name == "single" ? 144 : 64));
        }

        if (name == "single")
        {
            // lab-multi goes on from what lab-single ended with.
            Assert.That(LabTraining.Run(Options("multi", 2, null) with { Model = "multi", From = model }, TextWriter.Null),
                Is.Zero);
        }
    }

    [Test]
    public void AStateOfAnotherSeedIsNotContinued()
    {
        Train("seed", threads: 1, stopAfter: 1);
        var options = Options("seed", 1, null) with { Seed = 2 };
        Assert.That(() => LabTraining.Run(options, TextWriter.Null), Throws.ArgumentException.With.Message.Contains("--fresh"));
    }

    /// <summary>A state from before the last stage was added has neither steps nor times of it.</summary>
    [Test]
    public void AStateOfFewerStagesIsContinued()
    {
        string whole = Train("all", threads: 1);
        int[] steps = LabRecipe.Named("video", "tiny").Steps;
        var before = Options("before", 1, null) with { StageSteps = [.. steps[..^1], 0] };
        Assert.That(LabTraining.Run(before, TextWriter.Null), Is.Zero);
        string state = Path.Combine(directory, "before", "state.safetensors");
        var found = TrainingState.TryReadProgress(state)!;
        using var scope = torch.NewDisposeScope();
        List<(string, Tensor)> weights = [];
        using (var file = SafetensorsFile.Open(state))
            weights.AddRange(file.Names.Select(n => (n["weight.".Length..], torch.tensor(file.ReadFloat32(n), file.Info(n).Shape))));
        TrainingState.Save(state, found with
        {
            Stage = steps.Length - 1,
            Steps = found.Steps[..^1],
            Seconds = found.Seconds[..^1],
            DataShare = found.DataShare[..^1],
        }, weights, optimizer: null);

        Assert.That(Train("before", threads: 1), Is.EqualTo(whole));
    }

    private LabTrainingOptions Options(string name, int threads, int? stopAfter) => new()
    {
        Length = "tiny",
        Output = Path.Combine(directory, name),
        Threads = threads,
        StopAfter = stopAfter,
    };

    private string Train(string name, int threads, int? stopAfter = null)
    {
        Assert.That(LabTraining.Run(Options(name, threads, stopAfter), TextWriter.Null), Is.Zero);
        var weights = Path.Combine(directory, name, "model", "model.safetensors");
        return stopAfter is null ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(weights))) : "";
    }
}
