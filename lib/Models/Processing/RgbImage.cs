namespace Aim.Models;

/// <summary>A picture of 8-bit colours, as it comes from its file and before anything a model does to it.</summary>
public sealed record RgbImage
{
    /// <summary>Takes a picture's bytes, which are not copied.</summary>
    /// <param name="height">Rows.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="rgb">
    /// Row after row, red, green and blue of each pixel: height * width * 3 bytes. Alpha must be dropped before.
    /// </param>
    /// <exception cref="ArgumentException">The picture is empty, or the bytes do not fit its size.</exception>
    public RgbImage(int height, int width, byte[] rgb)
    {
        ArgumentNullException.ThrowIfNull(rgb);
        if (height < 1 || width < 1 || rgb.LongLength != (long)height * width * 3)
            throw new ArgumentException($"{rgb.LongLength} bytes are not {height} rows of {width} RGB pixels", nameof(rgb));
        (Height, Width, Rgb) = (height, width, rgb);
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary><c>[height, width, 3]</c>.</summary>
    public byte[] Rgb { get; }

    /// <summary>The part of the picture that starts at a row and a column and lies within it.</summary>
    internal RgbImage Crop(int top, int left, int height, int width)
    {
        var result = new byte[checked(height * width * 3)];
        for (int y = 0; y < height; y++)
            Rgb.AsSpan((((top + y) * Width) + left) * 3, width * 3).CopyTo(result.AsSpan(y * width * 3));
        return new RgbImage(height, width, result);
    }

    /// <summary>A larger picture of one colour with this one at a row and a column of it.</summary>
    internal RgbImage Pad(int top, int left, int height, int width, ReadOnlySpan<byte> colour)
    {
        var result = new byte[checked(height * width * 3)];
        for (int i = 0; i < result.Length; i++)
            result[i] = colour[i % 3];
        for (int y = 0; y < Height; y++)
            Rgb.AsSpan(y * Width * 3, Width * 3).CopyTo(result.AsSpan((((top + y) * width) + left) * 3));
        return new RgbImage(height, width, result);
    }
}
