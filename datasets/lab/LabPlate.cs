using System.Collections.Concurrent;

namespace Aim.Datasets;

/// <summary>A light plate with dark digits or letters in a row: the lab's text-dense pictures.</summary>
/// <param name="Glyphs">3 to 5 digits, or 3 to 5 of <see cref="LabWorld.PlateLetters"/>.</param>
/// <param name="Row">The row of the 3x3 grid that it fills, 0 to 2.</param>
/// <param name="X">Centre of the first glyph, in pixels from the left.</param>
/// <param name="Y">Centre of the glyphs, in pixels from the top.</param>
/// <param name="Height">Height of a glyph, 8 to 12 pixels.</param>
/// <param name="Pitch">Pixels from one glyph's centre to the next one's.</param>
/// <param name="Start">The first frame that shows it.</param>
/// <param name="Length">How many frames show it.</param>
public sealed record LabPlate(string Glyphs, int Row, int X, int Y, int Height, int Pitch, int Start, int Length)
{
    /// <summary>Heights of the glyphs, in pixels.</summary>
    internal static readonly int[] Heights = [8, 10, 12];

    private const int Most = 5;
    private const int Border = 3;
    private const byte Paper = 236, Ink = 24;

    private static readonly ConcurrentDictionary<(char, int), Sprite> Sprites = new();

    /// <summary>Whether the glyphs are digits (else letters).</summary>
    public bool HasDigits => char.IsAsciiDigit(Glyphs[0]);

    /// <summary>What is read off it: number words or letters.</summary>
    public IReadOnlyList<string> Words => [.. Glyphs.Select(Word)];

    /// <summary>Whether frame <paramref name="frame"/> shows it.</summary>
    public bool VisibleAt(int frame) => frame >= Start && frame < Start + Length;

    /// <summary>A plate in a row of the grid, with different glyphs next to each other.</summary>
    internal static LabPlate Draw(LabRandom random, bool digits, int row, int start, int length)
    {
        int count = random.Between(3, Most), pitch = random.Between(13, 16), height = random.Pick(Heights);
        var glyphs = new char[count];
        for (int i = 0; i < count; i++)
            do
                glyphs[i] = digits ? (char)('0' + random.Below(10)) : random.Pick(LabWorld.PlateLetters)[0];
            while (i > 0 && glyphs[i] == glyphs[i - 1]);
        int left = Border + pitch / 2, right = LabWorld.Canvas - Border - pitch / 2 - (count - 1) * pitch;
        return new LabPlate(
            new string(glyphs), row, random.Between(left, right), 16 + 32 * row + random.Between(-4, 4),
            height, pitch, start, length);
    }

    /// <summary>Draws it, shifted by a frame's jitter.</summary>
    internal void Render(Span<byte> rgb, int dx, int dy)
    {
        int half = Height / 2 + Border, left = X + dx - Pitch / 2, width = Glyphs.Length * Pitch;
        LabCanvas.Fill(rgb, left, Y + dy - half, width, 2 * half, Paper);
        for (int i = 0; i < Glyphs.Length; i++)
            LabCanvas.Draw(rgb, SpriteOf(i), X + dx + i * Pitch, Y + dy);
    }

    /// <summary>The drawing of the <paramref name="index"/>-th glyph.</summary>
    internal Sprite SpriteOf(int index) => Sprites.GetOrAdd((Glyphs[index], Height), static key => Make(key.Item1, key.Item2));

    /// <summary>Everything that is drawn, in one number.</summary>
    internal ulong Hash()
    {
        ulong hash = LabRandom.Hash((ulong)Row, (ulong)X, (ulong)Y, (ulong)Height, (ulong)Pitch, (ulong)Start, (ulong)Length);
        foreach (char glyph in Glyphs)
            hash = LabRandom.Hash(hash, glyph);
        return hash;
    }

    /// <summary>The word for a glyph, which is one token: a number word for a digit, a letter itself.</summary>
    internal static string Word(char glyph) => char.IsAsciiDigit(glyph) ? LabWorld.Numbers[glyph - '0'] : glyph.ToString();

    /// <summary>The font's 5x7 pixels scaled to the height by area, in a square box.</summary>
    private static Sprite Make(char glyph, int height)
    {
        const int samples = 6;
        int width = (height * PixelFont.Width + PixelFont.Height / 2) / PixelFont.Height, left = (height - width) / 2;
        var rgb = new byte[height * height * 3];
        var alpha = new byte[height * height];
        for (int y = 0; y < height; y++)
            for (int x = left; x < left + width; x++)
            {
                int covered = 0;
                for (int s = 0; s < samples * samples; s++)
                {
                    int column = ((x - left) * samples + s % samples) * PixelFont.Width / (width * samples);
                    int row = (y * samples + s / samples) * PixelFont.Height / (height * samples);
                    covered += PixelFont.IsSet(glyph, column, row) ? 1 : 0;
                }
                int a = covered * 255 / (samples * samples);
                alpha[y * height + x] = (byte)a;
                rgb.AsSpan((y * height + x) * 3, 3).Fill((byte)(Ink * a / 255));
            }
        return new Sprite(height, rgb, alpha);
    }
}
