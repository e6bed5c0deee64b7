namespace Aim.Datasets;

/// <summary>
/// A bitmap font of 5x7 pixels for contact sheets and plates: capitals, digits and common signs; small letters print as capitals.
/// </summary>
internal static class PixelFont
{
    /// <summary>Pixels from one character to the next, and from one line to the next.</summary>
    public const int Advance = 6, Line = 10;

    /// <summary>Pixels of a character.</summary>
    public const int Width = 5, Height = 7;

    /// <summary>Seven rows of five pixels a character, the left pixel in the highest of five bits.</summary>
    private static readonly Dictionary<char, byte[]> Glyphs = new()
    {
        ['A'] = [14, 17, 17, 31, 17, 17, 17],
        ['B'] = [30, 17, 17, 30, 17, 17, 30],
        ['C'] = [14, 17, 16, 16, 16, 17, 14],
        ['D'] = [30, 17, 17, 17, 17, 17, 30],
        ['E'] = [31, 16, 16, 30, 16, 16, 31],
        ['F'] = [31, 16, 16, 30, 16, 16, 16],
        ['G'] = [14, 17, 16, 23, 17, 17, 14],
        ['H'] = [17, 17, 17, 31, 17, 17, 17],
        ['I'] = [14, 4, 4, 4, 4, 4, 14],
        ['J'] = [1, 1, 1, 1, 17, 17, 14],
        ['K'] = [17, 18, 20, 24, 20, 18, 17],
        ['L'] = [16, 16, 16, 16, 16, 16, 31],
        ['M'] = [17, 27, 21, 21, 17, 17, 17],
        ['N'] = [17, 25, 21, 19, 17, 17, 17],
        ['O'] = [14, 17, 17, 17, 17, 17, 14],
        ['P'] = [30, 17, 17, 30, 16, 16, 16],
        ['Q'] = [14, 17, 17, 17, 21, 18, 13],
        ['R'] = [30, 17, 17, 30, 20, 18, 17],
        ['S'] = [15, 16, 16, 14, 1, 1, 30],
        ['T'] = [31, 4, 4, 4, 4, 4, 4],
        ['U'] = [17, 17, 17, 17, 17, 17, 14],
        ['V'] = [17, 17, 17, 17, 17, 10, 4],
        ['W'] = [17, 17, 17, 21, 21, 27, 17],
        ['X'] = [17, 17, 10, 4, 10, 17, 17],
        ['Y'] = [17, 17, 10, 4, 4, 4, 4],
        ['Z'] = [31, 1, 2, 4, 8, 16, 31],
        ['0'] = [14, 17, 19, 21, 25, 17, 14],
        ['1'] = [4, 12, 4, 4, 4, 4, 14],
        ['2'] = [14, 17, 1, 6, 8, 16, 31],
        ['3'] = [14, 17, 1, 6, 1, 17, 14],
        ['4'] = [2, 6, 10, 18, 31, 2, 2],
        ['5'] = [31, 16, 30, 1, 1, 17, 14],
        ['6'] = [6, 8, 16, 30, 17, 17, 14],
        ['7'] = [31, 1, 2, 4, 8, 8, 8],
        ['8'] = [14, 17, 17, 14, 17, 17, 14],
        ['9'] = [14, 17, 17, 15, 1, 2, 12],
        [' '] = [0, 0, 0, 0, 0, 0, 0],
        ['.'] = [0, 0, 0, 0, 0, 12, 12],
        [','] = [0, 0, 0, 0, 12, 4, 8],
        [':'] = [0, 12, 12, 0, 12, 12, 0],
        ['?'] = [14, 17, 1, 2, 4, 0, 4],
        ['-'] = [0, 0, 0, 14, 0, 0, 0],
        ['>'] = [8, 4, 2, 1, 2, 4, 8],
        ['='] = [0, 0, 31, 0, 31, 0, 0],
        ['/'] = [1, 1, 2, 4, 8, 16, 16],
        ['('] = [2, 4, 8, 8, 8, 4, 2],
        [')'] = [8, 4, 2, 2, 2, 4, 8],
    };

    private static readonly byte[] Unknown = [31, 17, 17, 17, 17, 17, 31];

    /// <summary>
    /// Whether a character has ink at a pixel: <paramref name="column"/> 0 to 4, <paramref name="row"/> 0 to 6.
    /// </summary>
    public static bool IsSet(char character, int column, int row) =>
        (Glyphs.GetValueOrDefault(char.ToUpperInvariant(character), Unknown)[row] >> (Width - 1 - column) & 1) == 1;

    /// <summary>Writes one line of text on an RGB canvas; what does not fit is cut off.</summary>
    public static void Draw(Span<byte> rgb, int canvasWidth, int x, int y, string text, (byte R, byte G, byte B) colour)
    {
        int canvasHeight = rgb.Length / (canvasWidth * 3);
        for (int i = 0; i < text.Length; i++)
        {
            for (int row = 0; row < Height; row++)
                for (int column = 0; column < Width; column++)
                {
                    int px = x + i * Advance + column, py = y + row;
                    if (!IsSet(text[i], column, row) || (uint)px >= (uint)canvasWidth || (uint)py >= (uint)canvasHeight)
                        continue;
                    var pixel = rgb.Slice((py * canvasWidth + px) * 3, 3);
                    (pixel[0], pixel[1], pixel[2]) = colour;
                }
        }
    }

    /// <summary>
    /// Breaks a text at spaces into lines of at most <paramref name="width"/> pixels (a longer word stands alone).
    /// </summary>
    public static IReadOnlyList<string> Wrap(string text, int width)
    {
        var lines = new List<string>();
        string line = "";
        foreach (string word in text.Split(' '))
        {
            string longer = line.Length == 0 ? word : line + " " + word;
            if (longer.Length * Advance <= width || line.Length == 0)
                line = longer;
            else
            {
                lines.Add(line);
                line = word;
            }
        }
        lines.Add(line);
        return lines;
    }
}
