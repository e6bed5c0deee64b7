using System.Text.Json;
using Aim.Parity.Ops;

namespace Aim.Parity;

/// <summary>Operators, forward and backward, and optimisers: <c>ops.json</c> with <c>ops.safetensors</c>.</summary>
public sealed class OpsKind : IParityKind
{
    internal const string Name = "ops";

    /// <inheritdoc/>
    public IEnumerable<IParityCase> Find(string directory)
    {
        string path = Path.Combine(directory, "ops.json");
        var tensors = new OpsTensors(Path.Combine(directory, "ops.safetensors"));
        return FileOfCases.Find(path, Name, file => Cases(file).Select((json, i) => new OpCase(json, i, path, tensors)));
    }

    /// <summary>The list <c>cases</c> of a file.</summary>
    internal static IEnumerable<JsonElement> Cases(JsonElement file)
    {
        var cases = file.NeedArray("cases").EnumerateArray();
        return cases.All(c => c.ValueKind == JsonValueKind.Object)
            ? cases
            : throw new BadFixtureException("the field cases must be an array of objects");
    }

    /// <summary>A case's own name, or its place in the list.</summary>
    internal static string NameOf(JsonElement json, int index) => json.TextOrNull("id") ?? $"case {index}";
}

/// <summary>Calls that torch rejects: <c>errors.json</c>.</summary>
public sealed class ErrorsKind : IParityKind
{
    internal const string Name = "errors";

    /// <inheritdoc/>
    public IEnumerable<IParityCase> Find(string directory)
    {
        string path = Path.Combine(directory, "errors.json");
        return FileOfCases.Find(path, Name, file => OpsKind.Cases(file).Select((json, i) => new ErrorCase(json, i, path)));
    }
}
