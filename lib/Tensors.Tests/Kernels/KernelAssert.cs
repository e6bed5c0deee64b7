using Aim.Tensors.Kernels;

namespace Aim.Tensors.Tests.Kernels;

/// <summary>
/// What every kernel is held to: its reference on each instruction set, and the same bits at any number of threads.
/// </summary>
internal static class KernelAssert
{
    private static readonly int[] ThreadCounts = [1, 2, 3, 8];

    /// <summary>The instruction sets of this machine, for TestCaseSource.</summary>
    public static IEnumerable<string> Sets => KernelSet.Available().Select(s => s.Name);

    public static IDisposable Force(string set) => KernelSet.Force(KernelSet.Available().Single(s => s.Name == set));

    public static void Close(Buffer actual, Buffer expected, double absolute, double relative, string what)
    {
        var a = actual.Span;
        var e = expected.Span;
        for (var i = 0; i < e.Length; i++)
        {
            if (float.IsNaN(e[i]) && float.IsNaN(a[i]) || a[i] == e[i])
                continue;
            if (!(Math.Abs((double)a[i] - e[i]) <= absolute + relative * Math.Abs(e[i])))
                Assert.Fail($"{what}: element {i} of {e.Length} is {a[i]:R}, expected {e[i]:R}");
        }
    }

    public static void SameBits(Buffer actual, Buffer expected, string what)
    {
        var a = System.Runtime.InteropServices.MemoryMarshal.AsBytes(actual.Span);
        var e = System.Runtime.InteropServices.MemoryMarshal.AsBytes(expected.Span);
        if (!a.SequenceEqual(e))
            Assert.Fail($"{what}: bits differ");
    }

    /// <summary>Runs at 1, 2, 3 and 8 threads; <paramref name="run"/> fills its outputs, all must be equal bit by bit.</summary>
    public static void SameAtAnyThreadCount(string what, Func<Buffer[]> run)
    {
        var before = Pool.Threads;
        Buffer[]? first = null;
        try
        {
            foreach (var threads in ThreadCounts)
            {
                Pool.Threads = threads;
                var outputs = run();
                if (first is null)
                {
                    first = outputs;
                    continue;
                }
                for (var i = 0; i < outputs.Length; i++)
                {
                    SameBits(outputs[i], first[i], $"{what}, output {i}, {threads} threads against {ThreadCounts[0]}");
                    outputs[i].Dispose();
                }
            }
        }
        finally
        {
            Pool.Threads = before;
            foreach (var buffer in first ?? [])
                buffer.Dispose();
        }
    }
}
