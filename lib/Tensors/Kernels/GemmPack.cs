using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aim.Tensors.Kernels;

/// <summary>
/// Packs a matrix into panels: <c>width</c> neighbouring lines (rows of A, columns of B) interleaved, so that the innermost
/// kernel reads both operands front to back. Lines beyond the matrix become zeros.
/// </summary>
internal static unsafe class GemmPack
{
    /// <summary>Depth of a part of a panel that is filled at a time, so that it stays in L1 from first line to last.</summary>
    private const int DepthChunk = 128;

    /// <summary>
    /// target[p * width + i] = source[i * lineStride + p * depthStride] for i below <paramref name="lines"/> and p below
    /// <paramref name="depth"/>; zeros for i up to <paramref name="width"/>, a multiple of 4 unless lines are contiguous in
    /// memory.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Panel(float* source, nint lineStride, nint depthStride, int lines, int depth, float* target, int width)
    {
        if (lineStride == 1)
        {
            for (var p = 0; p < depth; p++)
                CopyRow(source + p * depthStride, lines, target + p * width, width);
            return;
        }
        if (depthStride == 1)
            Transpose(source, lineStride, lines, depth, target, width);
        else
            for (var i = 0; i < lines; i++)
            {
                for (var p = 0; p < depth; p++)
                    target[(nint)p * width + i] = source[i * lineStride + p * depthStride];
            }
        for (var i = lines; i < width; i++)
        {
            for (var p = 0; p < depth; p++)
                target[(nint)p * width + i] = 0;
        }
    }

    /// <summary>target[p * width + i] = source[i * lineStride + p].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, nint lineStride, int lines, int depth, float* target, nint width)
    {
        for (var from = 0; from < depth; from += DepthChunk)
        {
            var count = Math.Min(DepthChunk, depth - from);
            var i = 0;
            for (; i + 4 <= lines; i += 4)
                Transpose4(source + i * lineStride + from, lineStride, count, target + from * width + i, width);
            for (; i < lines; i++)
            {
                for (var p = from; p < from + count; p++)
                    target[p * width + i] = source[i * lineStride + p];
            }
        }
    }

    /// <summary>
    /// Panel after panel, each [depth, width], of a matrix whose lines are contiguous at every depth: memory is read row by row,
    /// since a row's lines lie in one page and a panel's depth in many.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Panels(float* source, nint depthStride, int lines, int depth, float* target, int width)
    {
        var panel = (nint)width * depth;
        for (var p = 0; p < depth; p++, source += depthStride, target += width)
        {
            var to = target;
            var i = 0;
            for (; i + width <= lines; i += width, to += panel)
                CopyRow(source + i, width, to, width);
            if (i < lines)
                CopyRow(source + i, lines - i, to, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRow(float* source, int lines, float* target, int width)
    {
        var i = 0;
        for (; i + 8 <= lines; i += 8)
            Vector256.Load(source + i).Store(target + i);
        for (; i + 4 <= lines; i += 4)
            Vector128.Load(source + i).Store(target + i);
        for (; i < lines; i++)
            target[i] = source[i];
        for (; i < width; i++)
            target[i] = 0;
    }

    /// <summary>Four lines of contiguous depth, transposed four by four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4(float* source, nint lineStride, int depth, float* target, nint w)
    {
        var s1 = source + lineStride;
        var s2 = s1 + lineStride;
        var s3 = s2 + lineStride;
        var p = 0;
        for (; p + 4 <= depth; p += 4)
        {
            var a = Vector128.Load(source + p);
            var b = Vector128.Load(s1 + p);
            var c = Vector128.Load(s2 + p);
            var d = Vector128.Load(s3 + p);
            var ac0 = UnpackLow(a, c);
            var ac1 = UnpackHigh(a, c);
            var bd0 = UnpackLow(b, d);
            var bd1 = UnpackHigh(b, d);
            UnpackLow(ac0, bd0).Store(target);
            UnpackHigh(ac0, bd0).Store(target + w);
            UnpackLow(ac1, bd1).Store(target + 2 * w);
            UnpackHigh(ac1, bd1).Store(target + 3 * w);
            target += 4 * w;
        }
        for (; p < depth; p++, target += w)
        {
            target[0] = source[p];
            target[1] = s1[p];
            target[2] = s2[p];
            target[3] = s3[p];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> UnpackLow(Vector128<float> x, Vector128<float> y) =>
        System.Runtime.Intrinsics.X86.Sse.IsSupported
            ? System.Runtime.Intrinsics.X86.Sse.UnpackLow(x, y)
            : Vector128.Create(x[0], y[0], x[1], y[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> UnpackHigh(Vector128<float> x, Vector128<float> y) =>
        System.Runtime.Intrinsics.X86.Sse.IsSupported
            ? System.Runtime.Intrinsics.X86.Sse.UnpackHigh(x, y)
            : Vector128.Create(x[2], y[2], x[3], y[3]);
}
