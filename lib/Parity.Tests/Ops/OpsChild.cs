using System.Runtime.Intrinsics;
using System.Text.Json;

namespace Aim.Parity.Tests.Ops;

/// <summary>What a child process found.</summary>
/// <param name="Isa">The instruction set of its kernels.</param>
/// <param name="Widest">Bits of the widest vectors that it would use.</param>
/// <param name="Statuses">How many cases ended how.</param>
/// <param name="Failures">Each failing case with its reason.</param>
public sealed record ChildReport(
    string Isa, int Widest, Dictionary<CaseStatus, int> Statuses, string[] Failures);

/// <summary>The test assembly as a program: runs a directory's operator cases, prints a <see cref="ChildReport"/>.</summary>
public static class OpsChild
{
    public static int Main(string[] arguments)
    {
        var results = arguments.SelectMany(new OpsKind().Find).Select(c => c.Run()).ToArray();
        var widest = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        Console.WriteLine(JsonSerializer.Serialize(new ChildReport(Machine.Isa, widest,
            results.GroupBy(r => r.Status).ToDictionary(g => g.Key, g => g.Count()),
            [.. results.Where(r => r.Status == CaseStatus.Fail).Select(r => $"{r.Name}: {r.Reason}")])));
        return 0;
    }
}
