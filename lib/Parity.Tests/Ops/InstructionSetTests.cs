using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;

namespace Aim.Parity.Tests.Ops;

/// <summary>
/// The operator cases on every instruction set: each runs in a process of its own with the upper sets switched off, so that the
/// fallbacks of the engine and of .NET's own vector code are what is tested.
/// </summary>
public sealed class InstructionSetTests
{
    private static readonly string Best = Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? "avx512" : Second;

    private static string Second => Avx2.IsSupported && Fma.IsSupported ? "avx2" : "portable";

    public static IEnumerable<TestCaseData> Sets =>
    [
        new TestCaseData(Array.Empty<string>(), Best, 512).SetArgDisplayNames("all"),
        new TestCaseData(new[] { "DOTNET_EnableAVX512" }, Second, 256).SetArgDisplayNames("without AVX-512"),
        new TestCaseData(new[] { "DOTNET_EnableAVX512", "DOTNET_EnableAVX2" }, "portable", 128)
            .SetArgDisplayNames("without AVX2"),
    ];

    [TestCaseSource(nameof(Sets))]
    public async Task AllCasesPassWithTheUpperSetsOff(string[] switchedOff, string isa, int widest)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet"
            ? host : "dotnet", ["exec", typeof(OpsChild).Assembly.Location, OpsFixtures.Path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in switchedOff)
            start.Environment[name] = "0";
        using var child = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        using var kill = limit.Token.Register(() => child.Kill(true));
        var errors = child.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = await child.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await child.WaitForExitAsync(CancellationToken.None);
        Assert.That(child.ExitCode, Is.Zero, await errors);
        var report = JsonSerializer.Deserialize<ChildReport>(output)!;
        Assert.Multiple(() =>
        {
            Assert.That(report.Isa, Is.EqualTo(isa));
            Assert.That(report.Widest, Is.LessThanOrEqualTo(widest));
            Assert.That(report.Failures, Is.Empty);
            Assert.That(report.Statuses.Values.Sum(), Is.EqualTo(1390));
        });
    }
}
