using Aim.Parity.Ops;

namespace Aim.Parity;

/// <summary>Operators, forward and backward, and optimisers: <c>ops.json</c> with <c>ops.safetensors</c>.</summary>
public sealed class OpsKind : IParityKind
{
    internal const string Name = "ops";

    /// <inheritdoc/>
    public IEnumerable<IParityCase> Find(string directory)
    {
        var path = Path.Combine(directory, "ops.json");
        if (!File.Exists(path))
            return [];
        try
        {
            var tensors = new OpsFile(Path.Combine(directory, "ops.safetensors"));
            return [.. OpsFile.Cases(path).Select((json, i) => new OpCase(json, i, tensors))];
        }
        catch (FixtureException e)
        {
            return [new BrokenCase(Name, "ops.json", e.Message)];
        }
    }
}

/// <summary>Calls that torch rejects: <c>errors.json</c>.</summary>
public sealed class ErrorsKind : IParityKind
{
    internal const string Name = "errors";

    /// <inheritdoc/>
    public IEnumerable<IParityCase> Find(string directory)
    {
        var path = Path.Combine(directory, "errors.json");
        if (!File.Exists(path))
            return [];
        try
        {
            return [.. OpsFile.Cases(path).Select((json, i) => new ErrorCase(json, i))];
        }
        catch (FixtureException e)
        {
            return [new BrokenCase(Name, "errors.json", e.Message)];
        }
    }
}

/// <summary>A description that cannot be read.</summary>
internal sealed record BrokenCase(string Kind, string Name, string Reason) : IParityCase
{
    public CaseResult Run() => new(Kind, Name, CaseStatus.Fail, [], Reason);
}
