using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aim.Experiments.Training;

/// <summary>
/// `evaluation.json`, stored beside a lab checkpoint: what the model can do, by kind, with its controls. Written by
/// `aim lab evaluate`, read by the card, the runner (which kinds count) and the report.
/// </summary>
public sealed record EvaluationRecord
{
    public int Schema { get; init; } = 1;

    /// <summary>SHA-256 of model.safetensors that was evaluated.</summary>
    public required string ModelSha256 { get; init; }

    public required string Split { get; init; }

    /// <summary>Frames sampled from each clip.</summary>
    public required int Frames { get; init; }

    /// <summary>Questions about clips; empty for a model that takes pictures alone.</summary>
    public required IReadOnlyList<KindEvaluation> Kinds { get; init; }

    /// <summary>Questions about single pictures.</summary>
    public IReadOnlyList<KindEvaluation> Pictures { get; init; } = [];

    public static EvaluationRecord Load(string path) =>
        JsonSerializer.Deserialize<EvaluationRecord>(File.ReadAllText(path), Options)
        ?? throw new InvalidDataException($"{path}: empty; run `aim lab evaluate` to write it");

    public void Save(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, Options) + "\n");

    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };
}

/// <summary>One kind of question.</summary>
public sealed record KindEvaluation
{
    public required string Kind { get; init; }

    /// <summary>The answer depends on the order of the frames: such a kind must also beat its shuffled control.</summary>
    public required bool Order { get; init; }

    /// <summary>Beats its blind control by 30 points (and, for an order kind, shuffled frames by 20).</summary>
    public required bool Counts { get; init; }

    /// <summary>The figures behind <see cref="Counts"/>, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>The unreduced model.</summary>
    public required Proportion Full { get; init; }

    /// <summary>Controls by name: `blank`, `text`, `majority`, and for clips `oneFrame` and `shuffled`.</summary>
    public required IReadOnlyDictionary<string, Proportion> Controls { get; init; }

    /// <summary>Accuracy when every visual token is removed before decoder layer l = 1..layers (fewer samples).</summary>
    public required IReadOnlyList<HorizonPoint> Horizon { get; init; }
}

/// <summary>A share of right answers with its 95 % Wilson interval.</summary>
public sealed record Proportion(int Correct, int Samples, double Accuracy, double Low, double High)
{
    public static Proportion Of(int correct, int samples)
    {
        var interval = Statistics.Proportion.Wilson(correct, samples);
        return new Proportion(correct, samples, correct / (double)samples, interval.Low, interval.High);
    }
}

/// <summary>Vision removed before layer <paramref name="Layer"/> (layers 0..Layer-1 saw it).</summary>
public sealed record HorizonPoint(int Layer, Proportion Result);
