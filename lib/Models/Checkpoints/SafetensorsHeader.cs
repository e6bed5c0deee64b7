using System.Text.Json;

namespace Aim.Models;

/// <summary>
/// The header of a safetensors file, checked before any of its numbers is used: no duplicate names, sizes multiplied with
/// overflow checks, and tensors that cover the data exactly, without holes, overlap or bytes left over. Every breach is a
/// <see cref="CheckpointException"/>.
/// </summary>
internal sealed class SafetensorsHeader
{
    internal readonly record struct Entry(SafetensorsInfo Info, long Begin, long End);

    public required IReadOnlyDictionary<string, Entry> Tensors { get; init; }

    public required IReadOnlyList<string> Names { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <param name="path">The file's name, for messages.</param>
    /// <param name="header">The JSON text's bytes.</param>
    /// <param name="dataLength">How many bytes follow the header.</param>
    public static SafetensorsHeader Parse(string path, ReadOnlyMemory<byte> header, long dataLength)
    {
        CheckpointException Error(string problem) => new($"{path}: {problem}");

        if (header.Length == 0 || header.Span[0] != (byte)'{')
            throw Error("the header does not begin with '{'; this is not a safetensors file");
        if (JsonText.Fault(header.Span) is { } fault)
            throw Error($"the header: {fault}; the file is damaged");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(header, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
        }
        catch (JsonException e)
        {
            string duplicate = e.Message.Contains("uplicate", StringComparison.Ordinal) ? " (a name occurs twice)" : "";
            throw new CheckpointException($"{path}: the header is not valid JSON{duplicate}; the file is damaged", e);
        }

        using (document)
            return Read(document.RootElement, dataLength, Error);
    }

    private static SafetensorsHeader Read(JsonElement root, long dataLength, Func<string, CheckpointException> error)
    {
        var tensors = new Dictionary<string, Entry>(StringComparer.Ordinal);
        var names = new List<string>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name == "__metadata__")
            {
                ReadMetadata(property.Value, metadata, error);
                continue;
            }

            tensors.Add(property.Name, ReadEntry(property, dataLength, error));
            names.Add(property.Name);
        }

        CheckCoverage(tensors, dataLength, error);
        return new SafetensorsHeader { Tensors = tensors, Names = names, Metadata = metadata };
    }

    private static void ReadMetadata(
        JsonElement element, Dictionary<string, string> metadata, Func<string, CheckpointException> error)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw error("__metadata__ must be an object of strings");
        foreach (var item in element.EnumerateObject())
        {
            if (item.Value.ValueKind != JsonValueKind.String)
                throw error($"__metadata__.{Quote(item.Name)} must be a string");
            metadata.Add(item.Name, item.Value.GetString()!);
        }
    }

    private static Entry ReadEntry(JsonProperty property, long dataLength, Func<string, CheckpointException> error)
    {
        string name = Quote(property.Name);
        if (property.Value.ValueKind != JsonValueKind.Object)
            throw error($"tensor {name}: an object with dtype, shape and data_offsets is expected");
        foreach (var field in property.Value.EnumerateObject())
        {
            if (field.Name is not ("dtype" or "shape" or "data_offsets"))
                throw error($"tensor {name}: unknown field {Quote(field.Name)}; only dtype, shape and data_offsets are allowed");
        }

        if (!property.Value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String)
            throw error($"tensor {name}: dtype is missing or not a string");
        string typeName = dtype.GetString()!;
        if (!Enum.GetNames<SafetensorsType>().Contains(typeName, StringComparer.Ordinal))
        {
            throw error(
                $"tensor {name}: dtype {Quote(typeName)} is not supported; "
                + $"{string.Join(", ", Enum.GetNames<SafetensorsType>())} are");
        }

        var type = Enum.Parse<SafetensorsType>(typeName);
        long[] shape = ReadLongs(property.Value, "shape", name, error);
        const int MostDimensions = 32;
        if (shape.Length > MostDimensions)
            throw error($"tensor {name}: {shape.Length} dimensions, more than the {MostDimensions} that are supported");
        long[] offsets = ReadLongs(property.Value, "data_offsets", name, error);
        if (offsets.Length != 2)
            throw error($"tensor {name}: data_offsets must be two numbers");
        long bytes = type.Size();
        try
        {
            foreach (long side in shape)
                bytes = checked(bytes * side);
        }
        catch (OverflowException e)
        {
            throw new CheckpointException(
                error($"tensor {name}: shape [{string.Join(", ", shape)}] overflows 64 bits").Message, e);
        }

        if (offsets[0] > offsets[1] || offsets[1] > dataLength)
        {
            throw error(
                $"tensor {name}: data_offsets [{offsets[0]}, {offsets[1]}] do not lie within the {dataLength} bytes of data; " +
                "the file is truncated or damaged");
        }

        if (offsets[1] - offsets[0] != bytes)
        {
            throw error(
                $"tensor {name}: {offsets[1] - offsets[0]} bytes are given, "
                + $"but {typeName} of shape [{string.Join(", ", shape)}] needs {bytes}");
        }

        return new Entry(new SafetensorsInfo(type, shape), offsets[0], offsets[1]);
    }

    private static long[] ReadLongs(JsonElement tensor, string field, string name, Func<string, CheckpointException> error)
    {
        if (!tensor.TryGetProperty(field, out var array) || array.ValueKind != JsonValueKind.Array)
            throw error($"tensor {name}: {field} is missing or not an array");
        var numbers = new long[array.GetArrayLength()];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (array[i].ValueKind != JsonValueKind.Number || !array[i].TryGetInt64(out numbers[i]) || numbers[i] < 0)
                throw error($"tensor {name}: {field} must hold whole numbers of at least 0");
        }

        return numbers;
    }

    private static void CheckCoverage(Dictionary<string, Entry> tensors, long dataLength, Func<string, CheckpointException> error)
    {
        long position = 0;
        foreach (var (name, entry) in tensors.OrderBy(t => t.Value.Begin).ThenBy(t => t.Value.End))
        {
            if (entry.Begin != position)
            {
                throw error(
                    $"tensor {Quote(name)} begins at byte {entry.Begin}, where {position} is expected: "
                    + "tensors must neither overlap nor leave holes");
            }

            position = entry.End;
        }

        if (position != dataLength)
            throw error($"{dataLength - position} bytes follow the last tensor; the header must cover the file");
    }

    // Names come from the file and go to a terminal: escaped, on one line, and not endless.
    private static string Quote(string name) => JsonSerializer.Serialize(name.Length <= 120 ? name : name[..117] + "...");
}
