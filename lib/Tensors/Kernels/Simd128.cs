using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aim.Tensors.Kernels;

using V = System.Runtime.Intrinsics.Vector128<float>;
using Vec = System.Runtime.Intrinsics.Vector128;

/// <summary>4 lanes: whatever the platform has (SSE, Arm64 AdvSimd, or plain code).</summary>
internal readonly unsafe struct Simd128 : ISimd<V>
{
    public static int Lanes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* source) => Vec.Load(source);

    public static V LoadPartial(float* source, int count, float fill) => Vec.Create(
        count > 0 ? source[0] : fill, count > 1 ? source[1] : fill, count > 2 ? source[2] : fill, count > 3 ? source[3] : fill);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadBFloat16(ushort* source) => Vec.ShiftLeft(Words(source), 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadFloat16(ushort* source) => WidenFloat16(Words(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBFloat16Pairs(uint* source, out V low, out V high)
    {
        var words = Vec.Load(source);
        low = Vec.ShiftLeft(words, 16).AsSingle();
        high = (words & Vec.Create(0xFFFF0000)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadFloat16Pairs(uint* source, out V low, out V high)
    {
        var words = Vec.Load(source);
        low = WidenFloat16(words & Vec.Create(0xFFFFu));
        high = WidenFloat16(Vec.ShiftRightLogical(words, 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Words(ushort* source) =>
        Vec.WidenLower(Vec.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(source)).AsUInt16());

    /// <summary>
    /// Float16 in the low half of each word. The product by 2^112 moves the exponent and is exact, of subnormals too; the largest
    /// exponent means infinity or NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V WidenFloat16(Vector128<uint> words)
    {
        var magnitude = Vec.ShiftLeft(words & Vec.Create(0x7FFFu), 13);
        var special = Vec.GreaterThan(magnitude, Vec.Create(0x0F7FFFFFu)) & Vec.Create(0x7F800000u);
        var value = (magnitude.AsSingle() * Vec.Create(5.192296858534828e33f)).AsUInt32() | special;
        return (value | Vec.ShiftLeft(words & Vec.Create(0x8000u), 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V value, float* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePast(V value, float* target) => value.StoreAlignedNonTemporal(target);

    public static void StorePartial(V value, float* target, int count)
    {
        for (var i = 0; i < Math.Min(count, 4); i++)
            target[i] = value[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(float value) => Vec.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add(V x, V y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract(V x, V y) => x - y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V x, V y) => x * y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Divide(V x, V y) => x / y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Fma(V x, V y, V z) => Vec.MultiplyAddEstimate(x, y, z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sqrt(V x) => Vec.Sqrt(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Abs(V x) => Vec.Abs(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Negate(V x) => -x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Min(V x, V y) => Vec.ConditionalSelect(Vec.LessThan(x, y), x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max(V x, V y) => Vec.ConditionalSelect(Vec.LessThan(y, x), x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Round(V x) => Vec.Round(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ScaleByPowerOfTwo(V x, V n)
    {
        // 2^n does not fit one float's exponent over the whole range; half of it twice does, and rounds only in the last product.
        var exponent = Vec.ConvertToInt32(n);
        var half = Vec.ShiftRightArithmetic(exponent, 1);
        return x * Power(half) * Power(exponent - half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Power(Vector128<int> exponent) => Vec.ShiftLeft(exponent + Vec.Create(127), 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V IfLess(V x, V y, V then, V otherwise) => Vec.ConditionalSelect(Vec.LessThan(x, y), then, otherwise);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V KeepBelow(V x, int count, V fill) =>
        Vec.ConditionalSelect(Vec.LessThan(Vector128<int>.Indices, Vec.Create(count)).AsSingle(), x, fill);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V CopySign(V x, V sign) => Vec.CopySign(x, sign);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V x)
    {
        x += Vec.Shuffle(x, Vec.Create(2, 3, 0, 1));
        return (x + Vec.Shuffle(x, Vec.Create(1, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(V x)
    {
        x = Max(x, Vec.Shuffle(x, Vec.Create(2, 3, 0, 1)));
        return Max(x, Vec.Shuffle(x, Vec.Create(1, 0, 3, 2))).ToScalar();
    }
}
