namespace Aim.Datasets;

/// <summary>A decoded picture: 8 bits a sample, rows from the top, pixels from the left, as the file stores them.</summary>
public sealed class Picture
{
    /// <summary>Takes a picture's bytes, which are not copied.</summary>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="samples"><c>[height, width, 3]</c> (RGB) or <c>[height, width, 4]</c> (RGBA, not premultiplied).</param>
    /// <param name="orientation">EXIF's orientation, 1 to 8; anything else counts as 1.</param>
    /// <exception cref="ArgumentException">The sizes do not fit <paramref name="samples"/>.</exception>
    public Picture(int width, int height, byte[] samples, int orientation = 1)
    {
        ArgumentNullException.ThrowIfNull(samples);
        long pixels = (long)width * height;
        if (width < 1 || height < 1 || (samples.LongLength != pixels * 3 && samples.LongLength != pixels * 4))
        {
            throw new ArgumentException(
                $"{samples.LongLength} bytes are not {height} rows of {width} RGB or RGBA pixels", nameof(samples));
        }

        (Width, Height, Samples) = (width, height, samples);
        Orientation = orientation is >= 1 and <= 8 ? orientation : 1;
    }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Bytes a pixel: 3 (RGB) or 4 (RGBA).</summary>
    public int Channels => (int)(Samples.LongLength / Width / Height);

    /// <summary><c>[height, width, channels]</c>.</summary>
    public byte[] Samples { get; }

    /// <summary>Whether the file carries transparency.</summary>
    public bool HasAlpha => Channels == 4;

    /// <summary>How the camera was held, as EXIF counts it: 1 (upright) to 8. The samples are not turned.</summary>
    public int Orientation { get; }

    /// <summary>
    /// The picture as it is to be seen: turned by <see cref="Orientation"/>, as transformers' <c>load_image</c> and Pillow's
    /// <c>exif_transpose</c> do it.
    /// </summary>
    public Picture Upright()
    {
        var turn = (Transposition)Orientation;
        if (turn == Transposition.None)
            return this;
        byte[] turned = turn.Apply(Samples, Height, Width, Channels);
        return turn.SwapsAxes() ? new Picture(Height, Width, turned) : new Picture(Width, Height, turned);
    }

    /// <summary>
    /// The colours alone, alpha dropped and not applied: <c>[height, width, 3]</c>. The samples themselves if they are that.
    /// </summary>
    public byte[] ToRgb()
    {
        if (!HasAlpha)
            return Samples;
        var rgb = new byte[Samples.Length / 4 * 3];
        for (int p = 0, q = 0; q < rgb.Length; p += 4, q += 3)
            (rgb[q], rgb[q + 1], rgb[q + 2]) = (Samples[p], Samples[p + 1], Samples[p + 2]);
        return rgb;
    }

    /// <summary>
    /// Colours and alpha, 255 where the file has none: <c>[height, width, 4]</c>. The samples themselves if they are that.
    /// </summary>
    public byte[] ToRgba()
    {
        if (HasAlpha)
            return Samples;
        var rgba = new byte[checked(Samples.Length / 3 * 4)];
        for (int p = 0, q = 0; p < Samples.Length; p += 3, q += 4)
            (rgba[q], rgba[q + 1], rgba[q + 2], rgba[q + 3]) = (Samples[p], Samples[p + 1], Samples[p + 2], 255);
        return rgba;
    }
}
