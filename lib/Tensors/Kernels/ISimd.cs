namespace Aim.Tensors.Kernels;

/// <summary>
/// The vector operations that kernels are written in, once for every width: <typeparamref name="V"/> is Vector512, Vector256 or
/// Vector128 of float. Everything inlines to one or two instructions.
/// </summary>
internal unsafe interface ISimd<V>
    where V : struct
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Lanes { get; }

    static abstract V Load(float* source);

    /// <summary>The first <paramref name="count"/> lanes, the rest <paramref name="fill"/>; touches no memory beyond.</summary>
    static abstract V LoadPartial(float* source, int count, float fill);

    /// <summary>Lanes of bfloat16, at any address.</summary>
    static abstract V LoadBFloat16(ushort* source);

    /// <summary>Lanes of float16, at any address; subnormals, infinities and NaN included.</summary>
    static abstract V LoadFloat16(ushort* source);

    /// <summary>Words of two bfloat16 each: the low halves and the high ones.</summary>
    static abstract void LoadBFloat16Pairs(uint* source, out V low, out V high);

    /// <summary>Words of two float16 each: the low halves and the high ones.</summary>
    static abstract void LoadFloat16Pairs(uint* source, out V low, out V high);

    static abstract void Store(V value, float* target);

    /// <summary>Past the caches, to an address aligned to the vector; another thread sees it after a fence.</summary>
    static abstract void StorePast(V value, float* target);

    static abstract void StorePartial(V value, float* target, int count);

    static abstract V Create(float value);

    static abstract V Add(V x, V y);

    static abstract V Subtract(V x, V y);

    static abstract V Multiply(V x, V y);

    static abstract V Divide(V x, V y);

    /// <summary>x * y + z, fused where the hardware can.</summary>
    static abstract V Fma(V x, V y, V z);

    static abstract V Sqrt(V x);

    static abstract V Abs(V x);

    static abstract V Negate(V x);

    /// <summary>Lane-wise minimum; if either is NaN, <paramref name="y"/>.</summary>
    static abstract V Min(V x, V y);

    /// <summary>Lane-wise maximum; if either is NaN, <paramref name="y"/>.</summary>
    static abstract V Max(V x, V y);

    /// <summary>To the nearest integer, ties to even.</summary>
    static abstract V Round(V x);

    /// <summary>x * 2^n for integral n in [-300, 300], rounded once into subnormals, overflowing to infinity.</summary>
    static abstract V ScaleByPowerOfTwo(V x, V n);

    /// <summary>Where x &lt; y: <paramref name="then"/>, else <paramref name="otherwise"/>.</summary>
    static abstract V IfLess(V x, V y, V then, V otherwise);

    /// <summary>The first <paramref name="count"/> lanes of x, <paramref name="fill"/> in the others.</summary>
    static abstract V KeepBelow(V x, int count, V fill);

    /// <summary>Magnitude of x with the sign of <paramref name="sign"/>.</summary>
    static abstract V CopySign(V x, V sign);

    /// <summary>Sum of the lanes, always in the same order.</summary>
    static abstract float Sum(V x);

    static abstract float MaxLane(V x);
}
