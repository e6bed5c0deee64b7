using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    /// <summary>Rows of a float16 panel, <paramref name="step"/> bytes apart, as float32 [depth, 32].</summary>
    public abstract void WidenPanel(byte* source, nint step, int depth, float* target);
}

internal sealed unsafe partial class KernelSet<V, S>
{
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
