namespace Aim.Models;

/// <summary>One picture over another: <c>Image.alpha_composite</c>, <c>paste</c> with a mask, <c>blend</c>.</summary>
internal static class PillowComposite
{
    /// <summary>An RGBA picture laid over one of the same size by its alpha.</summary>
    public static Raster Over(this Raster over, Raster under)
    {
        if (over.Channels != 4 || under.Channels != 4 || (over.Height, over.Width) != (under.Height, under.Width))
            throw new ArgumentException("two RGBA pictures of one size are expected");
        const int Bits = 7;
        var result = new Raster(over.Height, over.Width, 4);
        for (int at = 0; at < result.Samples.Length; at += 4)
        {
            uint alpha = over.Samples[at + 3], below = under.Samples[at + 3];
            if (alpha == 0)
            {
                under.Samples.AsSpan(at, 4).CopyTo(result.Samples.AsSpan(at));
                continue;
            }

            // The upper colour's share has 7 bits more than a byte.
            uint both = alpha * 255 + below * (255 - alpha);
            uint upper = alpha * 255 * 255 * (1 << Bits) / both, lower = 255 * (1 << Bits) - upper;
            for (int c = 0; c < 3; c++)
            {
                uint sum = over.Samples[at + c] * upper + under.Samples[at + c] * lower + (0x80 << Bits);
                result.Samples[at + c] = (byte)(((sum >> 8) + sum >> 8) >> Bits);
            }

            result.Samples[at + 3] = (byte)Alpha.Div255((int)both);
        }

        return result;
    }

    /// <summary>
    /// A copy with another picture, of the same kind, pasted at a place by a mask; what lies outside is cut off.
    /// </summary>
    /// <param name="mask">One channel, of the pasted picture's size: 0 keeps what is there.</param>
    public static Raster Paste(this Raster picture, Raster other, Raster mask, int left, int top)
    {
        if (other.Channels != picture.Channels || mask.Channels != 1 || (mask.Height, mask.Width) != (other.Height, other.Width))
            throw new ArgumentException("a picture of the same kind and a mask of its size are expected");
        var result = picture with { Samples = [.. picture.Samples] };
        int channels = picture.Channels;
        for (int y = Math.Max(0, -top); y < Math.Min(other.Height, picture.Height - top); y++)
        {
            for (int x = Math.Max(0, -left); x < Math.Min(other.Width, picture.Width - left); x++)
            {
                int share = mask.Samples[y * mask.Width + x];
                var to = result.Row(top + y).Slice((left + x) * channels, channels);
                var from = other.Row(y).Slice(x * channels, channels);
                for (int c = 0; c < channels; c++)
                    to[c] = (byte)Alpha.Div255(to[c] * (255 - share) + from[c] * share);
            }
        }

        return result;
    }

    /// <summary>
    /// (1 - share) of one picture and share of another of the same kind and size, truncated; a share outside 0 to 1
    /// extrapolates.
    /// </summary>
    public static Raster Blend(this Raster first, Raster second, float share)
    {
        if ((first.Height, first.Width, first.Channels) != (second.Height, second.Width, second.Channels))
            throw new ArgumentException("two pictures of one kind and size are expected");
        return first with
        {
            Samples = [.. first.Samples.Zip(second.Samples, (a, b) => (byte)Math.Clamp(a + share * (b - a), 0, 255))],
        };
    }
}
