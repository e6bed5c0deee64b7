using Aim.Experiments.Running;
using Aim.Fusion;
using Aim.Models;

namespace Aim.Experiments.InContext;

/// <summary>What aggregates pass through on their way: not what asks for them.</summary>
internal static class ReadingCode
{
    private static readonly Lazy<string> _name = new(() =>
    {
        var code = RunKeys.HashAssemblies([typeof(torch), typeof(MultimodalModel), typeof(Aggregator)]);
        return $"{Engine.Name} {Machine.Isa} {string.Join(' ', code.Select(c => c.Sha256))}";
    });

    /// <summary>Engine, instruction set and code, as a bank's keys hold them.</summary>
    public static string Name => _name.Value;
}
