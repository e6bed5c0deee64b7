using System.Reflection;
using System.Runtime.InteropServices;
using Aim.Tensors.Kernels;

namespace Aim.Tensors.Tests.Kernels;

using Elementwise = Aim.Tensors.Kernels.Elementwise; // the engine has classes of these names, too
using Reduce = Aim.Tensors.Kernels.Reduce;

/// <summary>
/// Every kernel of the engine, found by reflection, gives the same bits at 1, 2, 3 and 8 threads on every instruction set.
/// </summary>
[NonParallelizable]
public unsafe class ThreadCountTests
{
    private const int Rows = 531, Dim = 200, Count = Rows * Dim;

    /// <summary>Parts of kernels, and what only moves or measures.</summary>
    private static readonly string[] NotKernels =
    [
        "GemmBlocked", "GemmPack", "GemmThin", "WeightPack", "AttentionForward", "AttentionBackward", "AttentionStep",
        "CausalPageRank", "Prefetch", "PeakLoop", "Scratch", "Streaming",
    ];

    private static readonly AttentionShape Heads = AttentionShape.Contiguous(2, 4, 2, 230, 230, 32, true);
    private static readonly AttentionShape ManyHeads = AttentionShape.Contiguous(9, 4, 2, 130, 130, 32, true);
    private static readonly AttentionShape Step = AttentionShape.Contiguous(2, 14, 2, 1, 430, 64, true);
    private static readonly AttentionShape Open = AttentionShape.Contiguous(1, 3, 3, 230, 230, 40, false);
    private static readonly RotaryShape Turns =
        new(2, 4, 400, 32, HeadStrides.RowMajor(4, 400, 32), HeadStrides.Contiguous(4, 400, 32), 0);

    /// <summary>A kernel's name, the lengths of its outputs, and a run of it from random input and ids below 100.</summary>
    private static readonly (string Name, long[] Outputs, Action<nint, nint, nint[]> Run)[] Cases =
    [
        ("Gemm.Run", [700 * 300], (x, _, y) => Gemm.Run(700, 300, 129, 1, P(x), 129, 1, P(x, 9), 1, 129, 0, P(y[0]), 300)),
        ("Gemm.Run", [5 * 3000], (x, _, y) => Gemm.Run(5, 3000, 129, 1, P(x), 129, 1, P(x, 9), 1, 129, 0, P(y[0]), 3000)),
        ("Gemm.Run", [129 * 300], (x, _, y) => Gemm.Run(129, 300, 700, 1, P(x), 1, 129, P(x, 9), 300, 1, 0, P(y[0]), 300)),
        ("Gemm.RunBatched", [24 * 50 * 70], (x, _, y) =>
            Gemm.RunBatched(24, 50, 70, 64, 1, P(x), 3200, 64, 1, P(x, 9), 4480, 1, 64, 0, P(y[0]), 3500, 70)),
        .. new[] { 1, 5, 28, 300 }.SelectMany(m => new[] { false, true }.Select(packed => Product(m, packed))),
        ("WeightGemm.Unpack", [129], (x, _, y) => WeightGemm.Unpack(Weight((byte*)P(x, 5), false), 7, P(y[0]))),
        ("Attention.Forward", Forward(Heads), (x, _, y) => Attend(Heads, x, y)),
        ("Attention.Forward", Forward(ManyHeads), (x, _, y) => Attend(ManyHeads, x, y)),
        ("Attention.Forward", Forward(Open), (x, _, y) => Attend(Open, x, y)),
        ("Attention.Forward", Forward(Step), (x, _, y) => Attend(Step, x, y)),
        ("Attention.Backward", Backward(Heads), (x, _, y) => AttendBack(Heads, x, y)),
        ("Attention.Backward", Backward(ManyHeads), (x, _, y) => AttendBack(ManyHeads, x, y)),
        ("Attention.Backward", Backward(Open), (x, _, y) => AttendBack(Open, x, y)),
        ("Importance.PageRank", [2 * 230], (x, _, y) => Importance.PageRank(Heads, P(x), P(x, 9), P(y[0]), null, null)),
        ("Importance.PageRank", [2 * 230], (x, _, y) =>
            Importance.PageRank(Heads, P(x), P(x, 9), P(y[0]), null, null, streaming: true)),
        ("Importance.PageRank", [230], (x, _, y) => Importance.PageRank(Open, P(x), P(x, 9), P(y[0]), null, null)),
        ("ScatterMean.Rows", [100 * 1030], (x, ids, y) =>
        {
            Elementwise.Copy(P(x), P(y[0]), 100 * 1030);
            ScatterMean.Rows(P(y[0]), P(x, 9), (long*)ids, 1, 100, Rows, 1030);
        }),
        ("Norm.RmsForward", [Count, Rows], (x, _, y) => Norm.RmsForward(P(x), P(x, 9), P(y[0]), P(y[1]), Rows, Dim, 1e-6)),
        ("Norm.RmsBackward", [Count, Dim], (x, _, y) =>
            Norm.RmsBackward(P(x), P(x, 9), P(x, 5), P(x, 7), P(y[0]), P(y[1]), Rows, Dim)),
        ("Norm.LayerForward", [Count, Rows, Rows], (x, _, y) =>
            Norm.LayerForward(P(x), P(x, 9), P(x, 5), P(y[0]), P(y[1]), P(y[2]), Rows, Dim, 1e-6)),
        ("Norm.LayerBackward", [Count, Dim, Dim], (x, _, y) =>
            Norm.LayerBackward(P(x), P(x, 9), P(x, 5), P(x, 3), P(x, 7), P(y[0]), P(y[1]), P(y[2]), Rows, Dim)),
        ("Softmax.Forward", [Count], (x, _, y) => Softmax.Forward(P(x), P(y[0]), Rows, Dim)),
        ("Softmax.Forward", [Count], (x, _, y) => Softmax.Forward(P(x), P(y[0]), 3, Count / 3)),
        ("Softmax.Backward", [Count], (x, _, y) => Softmax.Backward(P(x), P(x, 9), P(y[0]), Rows, Dim)),
        ("Softmax.LogForward", [Count], (x, _, y) => Softmax.LogForward(P(x), P(y[0]), Rows, Dim)),
        ("Softmax.LogBackward", [Count], (x, _, y) => Softmax.LogBackward(P(x), P(x, 9), P(y[0]), Rows, Dim)),
        ("Rotary.Forward", [102400], (x, _, y) => Rotary.Forward(Turns, P(x), P(x, 9), P(x, 5), P(y[0]))),
        ("Rotary.Backward", [102400], (x, _, y) => Rotary.Backward(Turns, P(x), P(x, 9), P(x, 5), P(y[0]))),
        ("Reduce.Sum", [1], (x, _, y) => *P(y[0]) = (float)Reduce.Sum(P(x), 300_007)),
        ("Reduce.SumSquares", [1], (x, _, y) => *P(y[0]) = (float)Reduce.SumSquares(P(x), 300_007)),
        ("Reduce.SumRows", [Dim], (x, _, y) => Reduce.SumRows(P(x), P(y[0]), Rows, Dim)),
        ("CrossEntropy.Forward", [Rows, Rows], (x, ids, y) =>
            CrossEntropy.Forward(P(x), (long*)ids, P(y[0]), P(y[1]), Rows, Dim, -100)),
        ("CrossEntropy.Backward", [Count], (x, ids, y) =>
            CrossEntropy.Backward(P(x), (long*)ids, P(x, 9), null, 0.1f, P(y[0]), Rows, Dim, -100)),
        ("EmbeddingTable.Gather", [Count], (x, ids, y) => EmbeddingTable.Gather(P(x), (long*)ids, P(y[0]), Rows, Dim)),
        ("EmbeddingTable.ScatterAdd", [100 * Dim], (x, ids, y) =>
        {
            new Span<float>(P(y[0]), 100 * Dim).Clear();
            EmbeddingTable.ScatterAdd(P(x), (long*)ids, P(y[0]), Rows, 100, Dim);
        }),
        ("AdamWKernel.Step", [Count, Count, Count], (x, _, y) =>
        {
            foreach (var output in y)
                Elementwise.Copy(P(x), P(output), Count);
            new Span<float>(P(y[2]), Count).Fill(0.5f);
            AdamWKernel.Step(P(y[0]), P(x, 9), P(y[1]), P(y[2]), Count, new AdamWSettings(1e-2, 0.9, 0.99, 1e-8, 0.1, 3));
        }),
        ("Elementwise.Scale", [Count], (x, _, y) => Elementwise.Scale(0.3f, P(x), P(y[0]), Count)),
        ("Elementwise.Copy", [Count], (x, _, y) => Elementwise.Copy(P(x), P(y[0]), Count)),
        ("Elementwise.AddRow", [Count], (x, _, y) => Elementwise.AddRow(P(x), P(x, 9), P(y[0]), Rows, Dim)),
        ("Elementwise.Axpy", [Count], (x, _, y) =>
        {
            Elementwise.Copy(P(x, 9), P(y[0]), Count);
            Elementwise.Axpy(0.3f, P(x), P(y[0]), Count);
        }),
        ("Activations.Swiglu", [Count / 2], (x, _, y) => Activations.Swiglu(P(x), P(y[0]), Rows, Dim / 2)),
        ("Activations.SwigluBackward", [Count], (x, _, y) => Activations.SwigluBackward(P(x), P(x, 9), P(y[0]), Rows, Dim / 2)),
        .. typeof(Activations).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Concat(typeof(Elementwise).GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(m => m.GetParameters() is [.., var count] && count.ParameterType == typeof(long) && Pointers(m) is 2 or 3
                && m.GetParameters().Length == Pointers(m) + 1 && m.Name != "Copy")
            .Select(OfArrays),
    ];

    public static IEnumerable<TestCaseData> All => KernelAssert.Sets.SelectMany(set => Cases.Select((c, i) =>
        new TestCaseData(set, i).SetArgDisplayNames(set, $"{c.Name} {i}")));

    [TestCaseSource(nameof(All))]
    public void BitsDoNotDependOnThem(string set, int index)
    {
        using var forced = KernelAssert.Force(set);
        var (name, lengths, run) = Cases[index];
        using var input = Buffer.Random(2_000_000, 5, 2);
        var ids = (long*)NativeMemory.Alloc(Rows, sizeof(long));
        for (var i = 0; i < Rows; i++)
            ids[i] = i * 37 % 100;
        KernelAssert.SameAtAnyThreadCount(name, () =>
        {
            Buffer[] outputs = [.. lengths.Select(n => new Buffer(n))];
            run((nint)input.Pointer, (nint)ids, [.. outputs.Select(o => (nint)o.Pointer)]);
            return outputs;
        });
        NativeMemory.Free(ids);
    }

    [Test]
    public void NoKernelIsForgotten()
    {
        var kernels = typeof(Gemm).Assembly.GetTypes()
            .Where(t => t.Namespace == typeof(Gemm).Namespace
                && t is { IsAbstract: true, IsSealed: true, IsNested: false, IsGenericType: false }
                && !t.Name.EndsWith("Reference", StringComparison.Ordinal) && !NotKernels.Contains(t.Name))
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(m => Pointers(m) > 0)
            .Select(m => $"{m.DeclaringType!.Name}.{m.Name}");
        Assert.That(kernels.Distinct().Except(Cases.Select(c => c.Name)), Is.Empty, "kernels without a case here");
    }

    private static int Pointers(MethodInfo m) => m.GetParameters().Count(p => p.ParameterType == typeof(float*));

    /// <summary>A function of one or two arrays into another, and their length.</summary>
    private static (string Name, long[] Outputs, Action<nint, nint, nint[]> Run) OfArrays(MethodInfo m)
    {
        object Boxed(float* p) => Pointer.Box(p, typeof(float*));
        return ($"{m.DeclaringType!.Name}.{m.Name}", [Count], (x, _, y) => m.Invoke(null, Pointers(m) == 2
            ? [Boxed(P(x)), Boxed(P(y[0])), (long)Count]
            : [Boxed(P(x)), Boxed(P(x, 9)), Boxed(P(y[0])), (long)Count]));
    }

    /// <summary>A product with a weight [700, 129]; WeightGemmTests has the 16-bit types.</summary>
    private static (string Name, long[] Outputs, Action<nint, nint, nint[]> Run) Product(int m, bool packed) =>
        ("WeightGemm.Run", [m * 700], (x, _, y) =>
        {
            var source = (byte*)P(x, 5);
            using var panels = new Buffer(WeightGemm.PackedBytes(700, 129, WeightType.Float32) / sizeof(float));
            if (packed)
                WeightGemm.Pack(source, WeightType.Float32, 700, 129, (byte*)panels.Pointer);
            WeightGemm.Run(m, P(x), 129, Weight(packed ? (byte*)panels.Pointer : source, packed), P(y[0]), 700, P(x, 7));
        }
    );

    private static WeightMatrix Weight(byte* data, bool packed) =>
        new() { Data = data, Type = WeightType.Float32, Rows = 700, Columns = 129, Packed = packed };

    /// <summary>The input, or another part of it.</summary>
    private static float* P(nint x, int part = 0) => (float*)x + part * 100_003;

    private static long[] Forward(AttentionShape s) =>
        [(long)s.Batch * s.QueryHeads * s.Queries * s.HeadDim, (long)s.Batch * s.QueryHeads * s.Queries];

    private static long[] Backward(AttentionShape s)
    {
        var keys = (long)s.Batch * s.KeyHeads * s.Keys * s.HeadDim;
        return [.. Forward(s), Forward(s)[0], keys, keys];
    }

    private static void Attend(AttentionShape s, nint x, nint[] y) =>
        Attention.Forward(s, P(x), P(x, 5), P(x, 9), P(y[0]), P(y[1]), null, null);

    private static void AttendBack(AttentionShape s, nint x, nint[] y)
    {
        Attend(s, x, y);
        Attention.Backward(s, P(x), P(x, 5), P(x, 9), P(y[0]), P(y[1]), P(x, 7), P(y[2]), P(y[3]), P(y[4]), null, null);
    }
}
