using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Aim.Models;

/// <summary>
/// The two passes of a resize over bytes: sums of 22-bit fixed-point weights, rounded, shifted and clipped. Whole numbers, so
/// that the vector code and the plain code give the same bytes.
/// </summary>
internal static class ResamplePasses
{
    private const int Precision = 22, Half = 1 << (Precision - 1);

    /// <summary>Widths, of the rows from <paramref name="firstRow"/> to before <paramref name="endRow"/>.</summary>
    public static void Across(Raster from, Raster to, ResampleWeights weights, int firstRow, int endRow)
    {
        int[] values = weights.Fixed(Precision);

        // A pixel is read as four bytes, so the last ones need room behind them.
        var row = new byte[from.Stride + sizeof(int)];
        for (int y = firstRow; y < endRow; y++)
        {
            from.Row(y).CopyTo(row);
            var target = to.Row(y);
            for (int x = 0; x < weights.Count; x++)
            {
                var taps = values.AsSpan(weights.At(x));
                var source = row.AsSpan(weights.First(x) * from.Channels);
                var pixel = target.Slice(x * from.Channels, from.Channels);
                if (from.Channels >= 3)
                    Pixel(source, taps, pixel);
                else
                    PixelPlainly(source, taps, pixel);
            }
        }
    }

    /// <summary>Heights.</summary>
    public static void Down(Raster from, Raster to, ResampleWeights weights)
    {
        int[] values = weights.Fixed(Precision);
        for (int y = 0; y < weights.Count; y++)
        {
            var taps = values.AsSpan(weights.At(y));
            var source = from.Samples.AsSpan(weights.First(y) * from.Stride);
            var target = to.Row(y);
            int x = 0;
            for (; Vector128.IsHardwareAccelerated && x + 16 <= target.Length; x += 16)
                Sixteen(source[x..], from.Stride, taps, target[x..]);
            for (; x < target.Length; x++)
            {
                int sum = Half;
                for (int i = 0; i < taps.Length; i++)
                    sum += source[x + i * from.Stride] * taps[i];
                target[x] = Clip(sum);
            }
        }
    }

    // Three or four channels in four lanes.
    private static void Pixel(ReadOnlySpan<byte> source, ReadOnlySpan<int> taps, Span<byte> pixel)
    {
        var sum = Vector128.Create(Half);
        int step = pixel.Length;
        for (int i = 0; i < taps.Length; i++)
        {
            var bytes = Vector128.CreateScalarUnsafe(MemoryMarshal.Read<int>(source[(i * step)..])).AsByte();
            sum += Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32() * taps[i];
        }

        var clipped = Vector128.Clamp(sum >> Precision, Vector128<int>.Zero, Vector128.Create(255));
        for (int c = 0; c < step; c++)
            pixel[c] = (byte)clipped[c];
    }

    private static void PixelPlainly(ReadOnlySpan<byte> source, ReadOnlySpan<int> taps, Span<byte> pixel)
    {
        for (int c = 0; c < pixel.Length; c++)
        {
            int sum = Half;
            for (int i = 0; i < taps.Length; i++)
                sum += source[i * pixel.Length + c] * taps[i];
            pixel[c] = Clip(sum);
        }
    }

    private static void Sixteen(ReadOnlySpan<byte> source, int stride, ReadOnlySpan<int> taps, Span<byte> target)
    {
        var half = Vector256.Create(Half);
        var (low, high) = (half, half);
        for (int i = 0; i < taps.Length; i++)
        {
            var (lower, upper) = Vector128.Widen(Vector128.Create(source.Slice(i * stride, 16)));
            var (first, second) = Vector256.Widen(Vector256.Create(lower, upper));
            low += first.AsInt32() * taps[i];
            high += second.AsInt32() * taps[i];
        }

        var (zero, most) = (Vector256<int>.Zero, Vector256.Create(255));
        low = Vector256.Clamp(low >> Precision, zero, most);
        high = Vector256.Clamp(high >> Precision, zero, most);
        var narrow = Vector256.Narrow(low, high).AsUInt16();
        Vector128.Narrow(narrow.GetLower(), narrow.GetUpper()).CopyTo(target);
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> Precision, 0, 255);
}
