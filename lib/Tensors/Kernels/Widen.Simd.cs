using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    /// <summary>Values of this type, at any address, as float32.</summary>
    public abstract void Widen(WeightType type, byte* source, float* target, long count);

    /// <summary>Rows of a float16 panel, <paramref name="step"/> bytes apart, as float32 [depth, 32].</summary>
    public abstract void WidenPanel(byte* source, nint step, int depth, float* target);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    /// <summary>How far ahead memory is fetched, in bytes.</summary>
    private const int Ahead = 2048;

    public override void Widen(WeightType type, byte* source, float* target, long count)
    {
        if (type == WeightType.Float32)
            new ReadOnlySpan<byte>(source, checked((int)(count * sizeof(float)))).CopyTo(new Span<byte>(target, int.MaxValue));
        else if (type == WeightType.BFloat16)
            Widen<BFloat16Row<V, S>>(source, target, count);
        else
            Widen<Float16Row<V, S>>(source, target, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen<R>(byte* source, float* target, long count)
        where R : struct, IRow<V>
    {
        long i = 0;
        for (; i + S.Lanes <= count; i += S.Lanes)
        {
            if (Sse.IsSupported)
                Sse.Prefetch0(source + i * R.Size + Ahead);
            S.Store(R.Load(source + i * R.Size), target + i);
        }
        for (; i < count; i++)
            target[i] = R.One(source + i * R.Size);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void WidenPanel(byte* source, nint step, int depth, float* target)
    {
        for (var p = 0; p < depth; p++, source += step, target += WeightPack.Width)
        {
            for (var s = 0; s < WeightPack.Half; s += S.Lanes)
            {
                S.LoadFloat16Pairs((uint*)source + s, out var low, out var high);
                S.Store(low, target + s);
                S.Store(high, target + WeightPack.Half + s);
            }
        }
    }
}
