using BenchmarkDotNet.Attributes;

namespace Aim.Tensors.Benchmarks;

/// <summary>The cases of <c>quick</c> under BenchmarkDotNet: distributions and allocations instead of the best of five.</summary>
[MemoryDiagnoser]
public class KernelBenchmarks
{
    private Case? current;

    /// <summary>Index into the cases.</summary>
    [ParamsSource(nameof(Names))]
    public string Kernel { get; set; } = "";

    /// <summary>Names of the cases.</summary>
    public static IEnumerable<string> Names => All.Select(Name);

    /// <summary>Allocates the case's operands.</summary>
    [GlobalSetup]
    public void Setup() => current = All.First(create => Name(create) == Kernel)();

    /// <summary>One run of the kernel.</summary>
    [Benchmark]
    public void Run() => current!.Run();

    /// <summary>Frees the operands.</summary>
    [GlobalCleanup]
    public void Cleanup() => current!.Dispose();

    private static IEnumerable<Func<Case>> All => Cases.All.Concat(RowCases.Large).Concat(RowCases.Lab);

    private static string Name(Func<Case> create)
    {
        using var one = create();
        return $"{one.Name.Trim()} {one.Shape}";
    }
}
