using System.Text.Json;
using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>A point of the training curve, also a progress line.</summary>
/// <param name="Loss">Mean since the point before.</param>
/// <param name="Kinds">Accuracy on the training batches by kind since the point before.</param>
internal sealed record CurvePoint(string Stage, int Step, double Loss, double Accuracy, SortedDictionary<string, double> Kinds);

/// <summary>
/// What a training needs to go on: where it is and how it came there. Data need no state: they are a function of seed and step.
/// </summary>
internal sealed record TrainingProgress
{
    public required string Recipe { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>
    /// Steps of the stages as they were when this state was written; those of stages not begun may still change.
    /// </summary>
    public required int[] Steps { get; init; }

    /// <summary>Index of the stage in progress: 0 tower, 1 text, 2 align, 3 joint, 4 practice, 5 done.</summary>
    public int Stage { get; init; }

    /// <summary>Steps done in that stage.</summary>
    public int Step { get; init; }

    /// <summary>Seconds of training so far, by stage (for the card; no influence on the result).</summary>
    public double[] Seconds { get; init; } = [0, 0, 0, 0, 0];

    /// <summary>Share of a step's time that its data took, by stage.</summary>
    public double[] DataShare { get; init; } = [0, 0, 0, 0, 0];

    public List<CurvePoint> Curve { get; init; } = [];

    /// <summary>Figures of the finished stages, for the card.</summary>
    public SortedDictionary<string, double> Measures { get; init; } = [];
}

/// <summary>
/// The training state in one safetensors file: weights in float32, the optimiser's moments, and the progress as
/// metadata. Written beside and renamed, so a kill leaves the state before.
/// </summary>
internal static class TrainingState
{
    private const string Key = "aim_training";
    private const string Updates = "updates";

    public static void Save(string path, TrainingProgress progress, IEnumerable<(string Name, Tensor Tensor)> weights,
        StageOptimizer? optimizer)
    {
        var tensors = new List<(string, float[], long[])>();
        foreach (var (name, tensor) in weights)
        {
            tensors.Add(("weight." + name, Values(tensor), tensor.shape));
        }

        if (optimizer is not null)
        {
            tensors.AddRange(optimizer.State.Select(t => (t.Name, Values(t.Tensor), t.Tensor.shape)));
            tensors.Add((Updates, optimizer.Updates, [optimizer.Updates.Length]));
        }

        var metadata = new Dictionary<string, string> { [Key] = JsonSerializer.Serialize(progress) };
        SafetensorsWriter.Write(path, tensors.Select(t => SafetensorsEntry.Float(t.Item1, SafetensorsType.F32, t.Item3, t.Item2)),
            metadata);
    }

    /// <summary>The progress that a state file holds; null when there is none that is whole.</summary>
    public static TrainingProgress? TryReadProgress(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var file = SafetensorsFile.Open(path);
            return file.Metadata.TryGetValue(Key, out var json) ? JsonSerializer.Deserialize<TrainingProgress>(json) : null;
        }
        catch (Exception e) when (e is CheckpointException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads weights and moments back.</summary>
    public static void Restore(string path, IEnumerable<(string Name, Tensor Tensor)> weights, StageOptimizer? optimizer,
        int step)
    {
        using var file = SafetensorsFile.Open(path);
        using var noGrad = torch.no_grad();
        foreach (var (name, tensor) in weights)
        {
            Fill(tensor, file.ReadFloat32("weight." + name));
        }

        if (optimizer is not null && step > 0)
        {
            foreach (var (name, tensor) in optimizer.State)
            {
                Fill(tensor, file.ReadFloat32(name));
            }

            optimizer.Updates = file.ReadFloat32(Updates);
        }
    }

    private static float[] Values(Tensor tensor) => tensor.detach().data<float>().ToArray();

    private static void Fill(Tensor tensor, float[] values)
    {
        using var source = torch.tensor(values, tensor.shape);
        tensor.copy_(source);
    }
}
