using Aim.Tensors.Kernels;

namespace Aim.Tensors.Benchmarks;

/// <summary>Products of row-major operands: the lab model's in training and a few of large models.</summary>
internal static unsafe class GemmCases
{
    public static IEnumerable<Func<Case>> All =>
    [
        () => Forward("Qwen2-0.5B gate", 768, 4896, 896),
        () => Forward("square", 1024, 1024, 1024),
        () => Forward("gate and up", 2600, 704, 128),
        () => Forward("down", 2600, 128, 352),
        () => Forward("query, key, value", 2600, 256, 128),
        () => Forward("output", 2600, 128, 128),
        () => Forward("logits", 600, 1000, 128),
        () => InputGradient(2600, 704, 128),
        () => InputGradient(2600, 128, 352),
        () => WeightGradient(2600, 704, 128),
        () => WeightGradient(2600, 128, 352),
        () => WeightGradient(2600, 128, 128),
        () => Forward("small", 64, 64, 64),
        () => Forward("one row, from cache", 1, 704, 128),
    ];

    /// <summary>x Wᵀ.</summary>
    private static Case Forward(string name, int m, int n, int k) => new(
        name, $"{m} x {n} x {k}", 2.0 * m * n * k, Bytes(m, n, k), m == 1, [(long)m * k, (long)n * k, (long)m * n],
        p => Gemm.Run(m, n, k, 1, (float*)p[0], k, 1, (float*)p[1], 1, k, 0, (float*)p[2], n));

    /// <summary>dY W.</summary>
    private static Case InputGradient(int m, int n, int k) => new(
        "input gradient", $"{m} x {k} x {n}", 2.0 * m * n * k, Bytes(m, n, k), false,
        [(long)m * n, (long)n * k, (long)m * k],
        p => Gemm.Run(m, k, n, 1, (float*)p[0], n, 1, (float*)p[1], k, 1, 0, (float*)p[2], k));

    /// <summary>dYᵀ X.</summary>
    private static Case WeightGradient(int m, int n, int k) => new(
        "weight gradient", $"{n} x {k} x {m}", 2.0 * m * n * k, Bytes(m, n, k), false,
        [(long)m * n, (long)m * k, (long)n * k],
        p => Gemm.Run(n, k, m, 1, (float*)p[0], 1, n, (float*)p[1], k, 1, 0, (float*)p[2], k));

    private static double Bytes(int m, int n, int k) => 4.0 * ((long)m * k + (long)n * k + (long)m * n);
}
