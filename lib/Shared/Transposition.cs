namespace Aim;

/// <summary>
/// The eight ways to turn and mirror a picture without losing a pixel, numbered as EXIF's orientation: what must be done to see
/// the picture upright. Names as Pillow's <c>Image.Transpose</c>; rotations are counter-clockwise. Compiled into the libraries
/// that read pictures and that resize them, since neither is below the other.
/// </summary>
internal enum Transposition
{
    None = 1,
    FlipLeftRight = 2,
    Rotate180 = 3,
    FlipTopBottom = 4,
    Transpose = 5,
    Rotate270 = 6,
    Transverse = 7,
    Rotate90 = 8,
}

internal static class TranspositionExtensions
{
    /// <summary>Whether rows become columns, so that height and width change places.</summary>
    public static bool SwapsAxes(this Transposition turn) => turn >= Transposition.Transpose;

    /// <summary>The turned pixels.</summary>
    /// <param name="pixels"><c>[height, width, channels]</c>.</param>
    /// <returns>The same bytes in their new order; a copy where nothing is turned.</returns>
    public static byte[] Apply(this Transposition turn, ReadOnlySpan<byte> pixels, int height, int width, int channels)
    {
        bool fromRight = turn is Transposition.FlipLeftRight or Transposition.Rotate180
            or Transposition.Transverse or Transposition.Rotate90;
        bool fromBelow = turn is Transposition.FlipTopBottom or Transposition.Rotate180
            or Transposition.Transverse or Transposition.Rotate270;
        int right = fromRight ? -channels : channels, down = fromBelow ? -width * channels : width * channels;
        int start = (fromRight ? (width - 1) * channels : 0) + (fromBelow ? (height - 1) * width * channels : 0);
        var (rows, columns, rowStep, step) = turn.SwapsAxes() ? (width, height, right, down) : (height, width, down, right);
        var result = new byte[height * width * channels];
        for (int y = 0, to = 0; y < rows; y++)
        {
            for (int x = 0, from = start + y * rowStep; x < columns; x++, from += step, to += channels)
            {
                for (int c = 0; c < channels; c++)
                    result[to + c] = pixels[from + c];
            }
        }

        return result;
    }
}
