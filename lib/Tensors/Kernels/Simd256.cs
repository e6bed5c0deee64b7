using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Aim.Tensors.Kernels;

using V = System.Runtime.Intrinsics.Vector256<float>;
using Vec = System.Runtime.Intrinsics.Vector256;

/// <summary>8 lanes: AVX2 with FMA.</summary>
internal readonly unsafe struct Simd256 : ISimd<V>
{
    public static int Lanes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* source) => Vec.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadPartial(float* source, int count, float fill) =>
        Vec.ConditionalSelect(Below(count), Avx.MaskLoad(source, Below(count)), Vec.Create(fill));

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
    private static Vector256<uint> Words(ushort* source) =>
        Vec.WidenLower(Vector128.Load(source).ToVector256Unsafe());

    /// <summary>
    /// Float16 in the low half of each word. The product by 2^112 moves the exponent and is exact, of subnormals too; the largest
    /// exponent means infinity or NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V WidenFloat16(Vector256<uint> words)
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(V value, float* target, int count) => Avx.MaskStore(target, Below(count), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Below(int count) => Vec.LessThan(Vector256<int>.Indices, Vec.Create(count)).AsSingle();

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
    public static V Fma(V x, V y, V z) => Vec.FusedMultiplyAdd(x, y, z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sqrt(V x) => Vec.Sqrt(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Abs(V x) => Vec.Abs(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Negate(V x) => -x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Min(V x, V y) => Vec.MinNative(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max(V x, V y) => Vec.MaxNative(x, y);

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
    private static V Power(Vector256<int> exponent) => Vec.ShiftLeft(exponent + Vec.Create(127), 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V IfLess(V x, V y, V then, V otherwise) => Vec.ConditionalSelect(Vec.LessThan(x, y), then, otherwise);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V KeepBelow(V x, int count, V fill) =>
        Vec.ConditionalSelect(Below(count), x, fill);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V CopySign(V x, V sign) => Vec.CopySign(x, sign);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V x) => Simd128.Sum(x.GetLower() + x.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(V x) => Simd128.MaxLane(Simd128.Max(x.GetLower(), x.GetUpper()));
}
