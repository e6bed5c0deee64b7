namespace Aim.Models;

/// <summary>
/// A picture of any kind that Pillow's operations take, 8 bits a sample: grey (1 channel), grey and alpha (2), RGB, YCbCr or HSV
/// (3), RGBA or CMYK (4). It may be empty.
/// </summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Pixels a row.</param>
/// <param name="Channels">Samples a pixel.</param>
/// <param name="Samples"><c>[height, width, channels]</c>.</param>
internal sealed record Raster(int Height, int Width, int Channels, byte[] Samples)
{
    /// <summary>A black, transparent one.</summary>
    public Raster(int height, int width, int channels)
        : this(height, width, channels, new byte[checked(height * width * channels)])
    {
    }

    /// <summary>Bytes of a row.</summary>
    public int Stride => Width * Channels;

    /// <summary>Whether the last channel is alpha, by which Pillow weights the colours when it mixes pixels.</summary>
    public bool HasAlpha => Channels is 2 or 4;

    /// <summary>One row.</summary>
    public Span<byte> Row(int y) => Samples.AsSpan(y * Stride, Stride);

    /// <summary>Turned or mirrored, without losing a pixel (<c>Image.transpose</c>).</summary>
    public Raster Turn(Transposition turn)
    {
        byte[] turned = turn.Apply(Samples, Height, Width, Channels);
        return turn.SwapsAxes() ? new Raster(Width, Height, Channels, turned) : new Raster(Height, Width, Channels, turned);
    }
}
