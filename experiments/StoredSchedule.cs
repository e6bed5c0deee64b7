using System.Text.Json;
using System.Text.Json.Serialization;
using Aim.Experiments.Planning;
using Aim.Experiments.Training;

namespace Aim.Experiments;

/// <summary>
/// The pruning schedule that <c>aim search-schedule</c> chose for a model, kept beside its weights: what was tried on the
/// validation split, by the rule 'the cheapest whose accuracy is within the margin of the unpruned one'.
/// </summary>
public sealed record StoredSchedule
{
    public const string FileName = "schedule.json";

    public int Schema { get; init; } = 1;

    /// <summary>sha256 of the weights that it was chosen for.</summary>
    public required string ModelSha256 { get; init; }

    public required int L1 { get; init; }

    public required int L2 { get; init; }

    /// <summary>The merging retention at which schedules were compared.</summary>
    public required string Retention { get; init; }

    public required int Frames { get; init; }

    /// <summary>Validation samples of the kinds that count.</summary>
    public required int Samples { get; init; }

    /// <summary>How far, in points, accuracy may lie below the unpruned one.</summary>
    public required decimal Margin { get; init; }

    /// <summary>Right answers at this retention without pruning.</summary>
    public required int Unpruned { get; init; }

    /// <summary>All that was tried, cheapest first.</summary>
    public required IReadOnlyList<TriedSchedule> Tried { get; init; }

    /// <summary>Reads the schedule stored with a model and checks that it was chosen for these weights.</summary>
    /// <exception cref="DefinitionException">There is none, it is damaged, or it belongs to other weights.</exception>
    public static StoredSchedule Load(string modelDirectory, string modelSha256)
    {
        string path = Path.Combine(modelDirectory, FileName);
        StoredSchedule? stored;
        try
        {
            stored = JsonSerializer.Deserialize(File.ReadAllText(path), StoredScheduleJson.Default.StoredSchedule);
        }
        catch (FileNotFoundException)
        {
            throw new DefinitionException(
                $"{path}: missing, so there is no 'searched' schedule; run 'aim search-schedule' for this model");
        }
        catch (JsonException error)
        {
            throw new DefinitionException(
                $"{path}: not a stored schedule ({error.Message.ReplaceLineEndings(" ")}); run 'aim search-schedule' again");
        }
        if (stored is null || stored.Schema != 1 || stored.L1 < 0 || stored.L1 >= stored.L2)
            throw new DefinitionException($"{path}: not a stored schedule of this version; run 'aim search-schedule' again");
        return stored.ModelSha256 == modelSha256
            ? stored
            : throw new DefinitionException(
                $"{path}: chosen for other weights ({stored.ModelSha256[..8]}, the model is {modelSha256[..8]}); run 'aim "
                    + $"search-schedule' again");
    }

    public void Save(string modelDirectory) =>
        AtomicFile.WriteText(Path.Combine(modelDirectory, FileName),
            JsonSerializer.Serialize(this, StoredScheduleJson.Default.StoredSchedule) + "\n");
}

/// <summary>One schedule of the search.</summary>
/// <param name="L1">First pruning layer.</param>
/// <param name="L2">First layer without visual tokens.</param>
/// <param name="Flops">Mean executed FLOPs of a prefill (matrix products and attention).</param>
/// <param name="Correct">Right answers.</param>
/// <param name="Samples">Samples asked: fewer than all where it was given up.</param>
public sealed record TriedSchedule(int L1, int L2, double Flops, int Correct, int Samples);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n",
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StoredSchedule))]
internal sealed partial class StoredScheduleJson : JsonSerializerContext;
