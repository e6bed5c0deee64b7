using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Aim.Tensors.Kernels;

/// <summary>
/// The kernels of one instruction set, chosen once per process. Every kernel is written once over <see cref="ISimd{V}"/>; the
/// three sets are its instances for 16, 8 and 4 lanes.
/// </summary>
internal abstract unsafe partial class KernelSet(string name, GemmTile tile)
{
    private static readonly KernelSet Best = Available()[0];
    private static KernelSet current = Best;

    /// <summary>The set that all kernels use.</summary>
    public static KernelSet Current => current;

    /// <summary><c>avx512</c>, <c>avx2</c> or <c>portable</c>.</summary>
    public string Name => name;

    /// <summary>The innermost kernel of matrix products and attention.</summary>
    public GemmTile Tile => tile;

    /// <summary>The sets that this machine can run, fastest first; <c>portable</c> is always among them.</summary>
    public static IReadOnlyList<KernelSet> Available()
    {
        var sets = new List<KernelSet>();
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
            sets.Add(new KernelSet<Vector512<float>, Simd512>("avx512", new GemmTile<Vector512<float>, Simd512>(12)));
        if (Vector256.IsHardwareAccelerated && Avx2.IsSupported && Fma.IsSupported)
            sets.Add(new KernelSet<Vector256<float>, Simd256>("avx2", new GemmTile<Vector256<float>, Simd256>(6)));
        sets.Add(new KernelSet<Vector128<float>, Simd128>("portable", new GemmTile<Vector128<float>, Simd128>(6)));
        return sets;
    }

    /// <summary>Uses another set until the result is disposed (for tests; process-wide).</summary>
    public static IDisposable Force(KernelSet set)
    {
        var before = current;
        current = set;
        return new Restore(before);
    }

    private sealed class Restore(KernelSet before) : IDisposable
    {
        public void Dispose() => current = before;
    }
}

/// <summary>The kernels at one vector width.</summary>
internal sealed unsafe partial class KernelSet<V, S>(string name, GemmTile tile) : KernelSet(name, tile)
    where V : struct
    where S : struct, ISimd<V>
{
}
