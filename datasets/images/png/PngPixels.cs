using System.Buffers.Binary;

namespace Aim.Datasets;

/// <summary>From a file's rows to pixels: samples unpacked, palette and transparency applied.</summary>
internal sealed class PngPixels(
    PngRows rows, byte[]? palette, byte[]? transparency, int orientation, Func<string, PictureException> fail)
{
    private readonly PngHeader _header = rows.Header;

    /// <summary>Width and height as the picture is to be seen.</summary>
    public (int Width, int Height) UprightSize => Exif.Turned(orientation, _header.Width, _header.Height);

    /// <summary>The samples as they are stored.</summary>
    public PngSamples ToSamples()
    {
        rows.CheckSize();
        int channels = _header.Channels;
        var values = new ushort[checked(_header.Width * _header.Height * channels)];
        rows.Read((row, y, x, step, pixels) =>
        {
            for (int i = 0; i < pixels; i++)
            {
                for (int c = 0; c < channels; c++)
                    values[(y * _header.Width + x + i * step) * channels + c] = Sample(row, i * channels + c);
            }
        });
        return new PngSamples(_header.Width, _header.Height, channels, _header.Depth, values);
    }

    /// <summary>The picture: RGB, or RGBA where the file has transparency.</summary>
    public Picture ToPicture()
    {
        rows.CheckSize();
        int channels = _header.ColourType is 4 or 6 || transparency is not null ? 4 : 3;
        var samples = new byte[checked(_header.Width * _header.Height * channels)];
        bool asIs = _header.Depth == 8 && channels == _header.Channels;
        rows.Read((row, y, x, step, pixels) =>
        {
            var to = samples.AsSpan((y * _header.Width + x) * channels);
            if (asIs && step == 1)
            {
                row.CopyTo(to);
                return;
            }

            for (int i = 0; i < pixels; i++)
                Pixel(row, i, to.Slice(i * step * channels, channels));
        });
        return new Picture(_header.Width, _header.Height, samples, orientation);
    }

    private ushort Sample(ReadOnlySpan<byte> row, int index)
    {
        if (_header.Depth == 16)
            return BinaryPrimitives.ReadUInt16BigEndian(row[(2 * index)..]);
        int bit = index * _header.Depth;
        return (ushort)(row[bit >> 3] >> (8 - _header.Depth - (bit & 7)) & ((1 << _header.Depth) - 1));
    }

    // A sample of any depth as 8 bits: the high byte of 16, fewer stretched to the whole range.
    private byte Byte(int sample) => _header.Depth switch
    {
        16 => (byte)(sample >> 8),
        8 => (byte)sample,
        _ => (byte)(sample * 255 / ((1 << _header.Depth) - 1)),
    };

    private void Pixel(ReadOnlySpan<byte> row, int index, Span<byte> to)
    {
        int first = index * _header.Channels;
        ushort a = Sample(row, first);
        switch (_header.ColourType)
        {
            case 0:
                to[..3].Fill(Byte(a));
                if (transparency is not null)
                    to[3] = Named(0) == to[0] ? (byte)0 : (byte)255;
                break;
            case 4:
                to[..3].Fill(Byte(a));
                to[3] = Byte(Sample(row, first + 1));
                break;
            case 3:
                if (a * 3 >= palette!.Length)
                    throw fail($"colour {a} of a palette of {palette.Length / 3}");
                palette.AsSpan(a * 3, 3).CopyTo(to);
                if (transparency is not null)
                    to[3] = a < transparency.Length ? transparency[a] : (byte)255;
                break;
            default:
                ushort b = Sample(row, first + 1), c = Sample(row, first + 2);
                (to[0], to[1], to[2]) = (Byte(a), Byte(b), Byte(c));
                if (_header.ColourType == 6)
                    to[3] = Byte(Sample(row, first + 3));
                else if (transparency is not null)
                    to[3] = Named(0) == to[0] && Named(1) == to[1] && Named(2) == to[2] ? (byte)0 : (byte)255;
                break;
        }
    }

    // A sample of the one colour that tRNS makes transparent, as Pillow compares it with a pixel: the number in the file with the
    // pixel's 8 bits. So of 2 and 4 bits only black can be named, and of 16 bits nothing.
    private int Named(int channel)
    {
        int sample = BinaryPrimitives.ReadUInt16BigEndian(transparency.AsSpan(2 * channel));
        return _header.Depth switch { 1 => Byte(sample & 1), 16 => -1, _ => sample & 0xFF };
    }
}
