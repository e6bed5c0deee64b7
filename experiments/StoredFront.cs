using System.Text.Json;
using System.Text.Json.Serialization;
using Aim.Experiments.Planning;
using Aim.Experiments.Training;
using Aim.Reduction;

namespace Aim.Experiments;

/// <summary>
/// The Pareto front of AIM's settings that <c>aim search-front</c> measured for a model on the validation split, kept beside its
/// weights. Budgets are met by choosing from it.
/// </summary>
public sealed record StoredFront
{
    public const string FileName = "front.json";

    /// <summary>A front of a thousand points is a hundredth of this.</summary>
    private const long MostBytes = 4 << 20;

    public int Schema { get; init; } = 1;

    /// <summary>sha256 of the weights that it was measured with.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>Version of the data.</summary>
    public required string DataVersion { get; init; }

    /// <summary>Layers of the decoder.</summary>
    public required int Layers { get; init; }

    /// <summary>Frames of the clips that it was measured on.</summary>
    public required int Frames { get; init; }

    /// <summary>Settings that were tried.</summary>
    public required int Tried { get; init; }

    /// <summary>The front, from the cheapest to the dearest; accuracy rises strictly.</summary>
    public required IReadOnlyList<StoredPoint> Points { get; init; }

    /// <summary>The points as settings.</summary>
    [JsonIgnore]
    public IReadOnlyList<FrontPoint> Front => [.. Points.Select(p => p.ToPoint())];

    /// <summary>Reads the front stored with a model and checks that it was measured with these weights.</summary>
    /// <exception cref="DefinitionException">There is none, it is damaged, or it belongs to other weights.</exception>
    public static StoredFront Load(string modelDirectory, string modelSha256)
    {
        string path = Path.Combine(modelDirectory, FileName);
        const string again = "run 'aim search-front' again";
        StoredFront? stored;
        try
        {
            if (new FileInfo(path).Length > MostBytes)
                throw new DefinitionException($"{path}: longer than any front; {again}");
            stored = JsonSerializer.Deserialize(File.ReadAllText(path), StoredFrontJson.Default.StoredFront);
        }
        catch (FileNotFoundException)
        {
            throw new DefinitionException($"{path}: missing, so no budget can be met; run 'aim search-front' for this model");
        }
        catch (JsonException error)
        {
            throw new DefinitionException($"{path}: not a stored front ({error.Message.ReplaceLineEndings(" ")}); {again}");
        }
        if (stored is null || stored.Schema != 1)
            throw new DefinitionException($"{path}: not a stored front of this version, which is 1; {again}");
        if (stored.Fault() is { } fault)
            throw new DefinitionException($"{path}: {fault}; {again}");
        return stored.ModelSha256 == modelSha256
            ? stored
            : throw new DefinitionException(
                $"{path}: measured with other weights ({stored.ModelSha256[..8]}, the model is {modelSha256[..8]}); {again}");
    }

    public void Save(string modelDirectory) =>
        AtomicFile.WriteText(Path.Combine(modelDirectory, FileName),
            JsonSerializer.Serialize(this, StoredFrontJson.Default.StoredFront) + "\n");

    private string? Fault()
    {
        if (ModelSha256.Length != 64 || !ModelSha256.All(char.IsAsciiHexDigitLower))
            return "modelSha256 is no sha256 in lower-case hex";
        if (Layers is < 1 or > 1000 || Frames is < 1 or > 100_000 || Points.Count is 0 or > 10_000 || Tried < Points.Count)
            return $"{Points.Count} points of {Tried} tried, {Layers} layers and {Frames} frames are not what a search leaves";
        for (int i = 0; i < Points.Count; i++)
            // A null is what the file's reader lets into a list.
            if ((Points[i] is { } point ? point.Fault(Layers) : "missing") is { } fault)
                return $"points[{i}]: {fault}";
        if (Points.Any(p => p.Samples != Points[0].Samples))
            return "its points were not measured on equally many samples";
        return Aim.Reduction.Front.Of(Front).SequenceEqual(Front) ? null
            : "its points are no front from the cheapest to the dearest";
    }
}

/// <summary>A point of a stored front.</summary>
/// <param name="Retention">Share of each frame's tokens that merging keeps: <c>1/4</c>.</param>
/// <param name="L1">First pruning layer; null with <paramref name="L2"/>: nothing is pruned.</param>
/// <param name="L2">First layer without visual tokens.</param>
/// <param name="Correct">Right answers on the validation split.</param>
/// <param name="Samples">Of so many.</param>
/// <param name="Flops">Mean executed FLOPs of a prefill (matrix products and attention).</param>
public sealed record StoredPoint(string Retention, int? L1, int? L2, int Correct, int Samples, double Flops)
{
    public static StoredPoint Of(FrontPoint point)
    {
        bool prunes = point.Schedule != ScheduleChoice.None;
        return new(point.Retention.ToString(), prunes ? point.Schedule.L1 : null, prunes ? point.Schedule.L2 : null,
            point.Correct,
            point.Samples, point.Flops);
    }

    internal FrontPoint ToPoint() => new(Reduction.Retention.Parse(Retention),
        L1 is { } l1 && L2 is { } l2 ? new ScheduleChoice(l1, l2) : ScheduleChoice.None, Correct, Samples, Flops);

    internal string? Fault(int layers)
    {
        if (string.IsNullOrEmpty(Retention))
            return "its retention is missing";
        try
        {
            Reduction.Retention.Parse(Retention);
        }
        catch (ArgumentException error)
        {
            return error.Message;
        }
        if ((L1 is null) != (L2 is null) || L1 < 0 || L1 >= L2 || L2 > 2 * layers + 1)
            return $"({L1}, {L2}) is no schedule of {layers} layers";
        if (Samples is < 1 or > 100_000_000 || Correct < 0 || Correct > Samples)
            return $"{Correct} of {Samples} is no share of right answers";
        return double.IsFinite(Flops) && Flops > 0 ? null : $"flops is {Flops}, not a number above 0";
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n",
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StoredFront))]
internal sealed partial class StoredFrontJson : JsonSerializerContext;
