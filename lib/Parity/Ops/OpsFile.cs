using System.Text.Json;
using Aim.Models;

namespace Aim.Parity.Ops;

/// <summary>The tensors beside ops.json, read one by one.</summary>
internal sealed class OpsFile(string path)
{
    private readonly Lazy<SafetensorsFile> _file = new(() => SafetensorsFile.Open(path));

    /// <summary>The tensor <c>case/name</c>, in a new contiguous block.</summary>
    /// <exception cref="CheckpointException">The file or the tensor is missing or broken.</exception>
    public Tensor Load(string id, string name)
    {
        var key = $"{id}/{name}";
        var info = _file.Value.Info(key);
        var y = empty(info.Shape, info.Dtype switch
        {
            SafetensorsType.F32 => ScalarType.Float32,
            SafetensorsType.F64 => ScalarType.Float64,
            SafetensorsType.F16 => ScalarType.Float16,
            SafetensorsType.BF16 => ScalarType.BFloat16,
            SafetensorsType.I64 => ScalarType.Int64,
            SafetensorsType.I32 => ScalarType.Int32,
            SafetensorsType.U8 => ScalarType.Byte,
            SafetensorsType.BOOL => ScalarType.Bool,
            _ => throw new FixtureException($"tensor {key} has the type {info.Dtype}, which no case uses"),
        });
        var bytes = _file.Value.ReadBytes(key);
        if (info.Dtype == SafetensorsType.BOOL && bytes.Any(b => b > 1))
            throw new FixtureException($"tensor {key} holds bytes that are neither 0 nor 1");
        bytes.CopyTo(y.bytes);
        return y;
    }

    /// <summary>The list <c>cases</c> of a JSON file.</summary>
    /// <exception cref="FixtureException">The file cannot be read, or has no such list.</exception>
    public static IReadOnlyList<JsonElement> Cases(string path)
    {
        try
        {
            var root = JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("cases", out var cases)
                && cases.ValueKind == JsonValueKind.Array && cases.EnumerateArray().All(c => c.ValueKind == JsonValueKind.Object)
                ? [.. cases.EnumerateArray()]
                : throw new FixtureException($"{path}: a list 'cases' of objects is expected");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            throw new FixtureException($"{path}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
