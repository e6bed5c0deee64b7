using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Aim.Datasets;

/// <summary>YCbCr to RGB in 16-bit fixed point, as libjpeg (<c>jdcolor.c</c>) and JFIF define it.</summary>
internal static class JpegColour
{
    // round(c * 2^16)
    private const int RedOfCr = 91881, GreenOfCb = -22554, GreenOfCr = -46802, BlueOfCb = 116130, Half = 1 << 15;

    /// <summary>One row.</summary>
    /// <param name="luma">Y; the three planes hold at least as many samples as the row has pixels.</param>
    /// <param name="blue">Cb.</param>
    /// <param name="red">Cr.</param>
    /// <param name="rgb">Receives red, green, blue of each pixel.</param>
    public static void ToRgb(ReadOnlySpan<byte> luma, ReadOnlySpan<byte> blue, ReadOnlySpan<byte> red, Span<byte> rgb)
    {
        int width = rgb.Length / 3, x = 0;

        // Eight pixels at a time: their 24 bytes are written as 12 and 4 more, twice, so the last ones need room behind them.
        var compress = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 3, 3, 3);
        for (; Vector128.IsHardwareAccelerated && x + 10 <= width; x += 8)
        {
            var y = Widen(luma[x..]);
            var cb = Widen(blue[x..]) - Vector256.Create(128);
            var cr = Widen(red[x..]) - Vector256.Create(128);
            var r = Clamp(y + (cr * RedOfCr + Vector256.Create(Half) >> 16));
            var g = Clamp(y + (cb * GreenOfCb + cr * GreenOfCr + Vector256.Create(Half) >> 16));
            var b = Clamp(y + (cb * BlueOfCb + Vector256.Create(Half) >> 16));
            var pixels = r | g << 8 | b << 16;
            var to = rgb.Slice(x * 3, 28);
            Vector128.Shuffle(pixels.GetLower().AsByte(), compress).CopyTo(to);
            Vector128.Shuffle(pixels.GetUpper().AsByte(), compress).CopyTo(to[12..]);
        }

        for (; x < width; x++)
        {
            int y = luma[x], cb = blue[x] - 128, cr = red[x] - 128;
            rgb[x * 3] = Clamp(y + (cr * RedOfCr + Half >> 16));
            rgb[x * 3 + 1] = Clamp(y + (cb * GreenOfCb + cr * GreenOfCr + Half >> 16));
            rgb[x * 3 + 2] = Clamp(y + (cb * BlueOfCb + Half >> 16));
        }
    }

    private static Vector256<int> Widen(ReadOnlySpan<byte> samples)
    {
        var words = Vector128.WidenLower(Vector128.CreateScalarUnsafe(MemoryMarshal.Read<ulong>(samples)).AsByte());
        var (low, high) = Vector128.Widen(words);
        return Vector256.Create(low, high).AsInt32();
    }

    private static Vector256<int> Clamp(Vector256<int> value)
        => Vector256.Clamp(value, Vector256<int>.Zero, Vector256.Create(255));

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);
}
