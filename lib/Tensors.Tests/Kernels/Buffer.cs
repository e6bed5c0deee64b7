using System.Runtime.InteropServices;

namespace Aim.Tensors.Tests.Kernels;

/// <summary>
/// Native floats between two guards of NaN: a kernel that reads beyond its operand yields NaN, one that writes there is caught by
/// <see cref="Dispose"/>. Misaligned on purpose, as views are.
/// </summary>
internal sealed unsafe class Buffer : IDisposable
{
    private const int Guard = 64;
    private readonly float* block;
    private readonly long count;

    public Buffer(long count, float fill = float.NaN)
    {
        this.count = count;
        block = (float*)NativeMemory.AlignedAlloc((nuint)(count + 2 * Guard + 1) * sizeof(float), 64);
        new Span<float>(block, (int)(count + 2 * Guard + 1)).Fill(float.NaN);
        Span.Fill(fill);
    }

    public float* Pointer => block + Guard + 1;

    public Span<float> Span => new(Pointer, (int)count);

    /// <summary>Uniform in [-scale, scale), by SplitMix64.</summary>
    public static Buffer Random(long count, ulong seed, float scale = 1)
    {
        var buffer = new Buffer(count);
        foreach (ref var x in buffer.Span)
            x = (float)(scale * (2 * Next(ref seed) - 1));
        return buffer;
    }

    public static Buffer Copy(Buffer other)
    {
        var buffer = new Buffer(other.count);
        other.Span.CopyTo(buffer.Span);
        return buffer;
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood 2014), in [0, 1).</summary>
    public static double Next(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    public void Dispose()
    {
        var clean = true;
        for (var i = 0; i < Guard; i++)
            clean &= float.IsNaN(block[i]) && float.IsNaN(block[Guard + 1 + count + i]);
        NativeMemory.AlignedFree(block);
        Assert.That(clean, "a kernel wrote outside its operand");
    }
}
