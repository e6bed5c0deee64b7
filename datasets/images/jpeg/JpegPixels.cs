namespace Aim.Datasets;

/// <summary>What a JPEG file's components are.</summary>
internal enum JpegColours
{
    Grey,
    Rgb,
    YCbCr,

    /// <summary>Inks, inverted as Adobe stores them.</summary>
    Cmyk,

    /// <summary>The same, its first three as YCbCr.</summary>
    Ycck,
}

/// <summary>From the components' samples to RGB, row by row: chroma brought to full size, colours converted.</summary>
internal sealed class JpegPixels(JpegFrame frame, JpegColours colours)
{
    private readonly JpegUpsampler[] _components = [.. frame.Components.Select(c => new JpegUpsampler(frame, c))];

    /// <summary>The picture, <c>[height, width, 3]</c>.</summary>
    public byte[] ToRgb()
    {
        int width = frame.Width;
        var rgb = GC.AllocateUninitializedArray<byte>(checked(frame.Height * width * 3));
        var inks = new byte[colours == JpegColours.Ycck ? width * 3 : 0];
        for (int y = 0; y < frame.Height; y++)
        {
            var row = rgb.AsSpan(y * width * 3, width * 3);
            var a = _components[0].Row(y);
            if (colours == JpegColours.Grey)
            {
                Interleave(a, a, a, row);
                continue;
            }

            var b = _components[1].Row(y);
            var c = _components[2].Row(y);
            switch (colours)
            {
                case JpegColours.Rgb:
                    Interleave(a, b, c, row);
                    break;
                case JpegColours.YCbCr:
                    JpegColour.ToRgb(a, b, c, row);
                    break;
                case JpegColours.Cmyk:
                    Interleave(a, b, c, row);
                    Print(row, _components[3].Row(y));
                    break;
                case JpegColours.Ycck:
                    // Stored is 255 - ink of inverted inks: YCbCr of the inks' complements.
                    JpegColour.ToRgb(a, b, c, row);
                    foreach (ref byte value in row)
                        value = (byte)~value;
                    Print(row, _components[3].Row(y));
                    break;
            }
        }

        return rgb;
    }

    private static void Interleave(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, Span<byte> row)
    {
        for (int x = 0, at = 0; at < row.Length; x++, at += 3)
            (row[at], row[at + 1], row[at + 2]) = (a[x], b[x], c[x]);
    }

    // Pillow's CMYK to RGB, the inks being inverted: (255 - k) - (255 - k) * ink / 255 with the division rounded.
    private static void Print(Span<byte> row, ReadOnlySpan<byte> black)
    {
        for (int at = 0; at < row.Length; at++)
        {
            int light = black[at / 3], t = (255 - row[at]) * light + 128;
            row[at] = (byte)Math.Max(0, light - ((t + (t >> 8)) >> 8));
        }
    }
}
