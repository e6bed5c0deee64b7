namespace Aim.Datasets;

/// <summary>A decoded picture: 8 bits a sample, rows from the top, pixels from the left.</summary>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgba">Red, green, blue, alpha of each pixel, not premultiplied: <c>[height, width, 4]</c>.</param>
/// <param name="HasAlpha">Whether the file carried transparency (else every alpha is 255).</param>
public sealed record PngImage(int Width, int Height, byte[] Rgba, bool HasAlpha)
{
    /// <summary>The colours alone, alpha dropped and not applied: <c>[height, width, 3]</c>.</summary>
    public byte[] ToRgb()
    {
        var rgb = new byte[checked(Width * Height * 3)];
        for (int p = 0, q = 0; q < rgb.Length; p += 4, q += 3)
        {
            rgb[q] = Rgba[p];
            rgb[q + 1] = Rgba[p + 1];
            rgb[q + 2] = Rgba[p + 2];
        }
        return rgb;
    }
}
