using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Aim.Datasets;

/// <summary>
/// Drawing on a 96x96 RGB canvas: background, sprites, noise. Integers only, so every machine draws the same bytes.
/// </summary>
internal static class LabCanvas
{
    private const int Side = LabWorld.Canvas;

    /// <summary>Bytes of a frame, <c>[96, 96, 3]</c>.</summary>
    public const int Bytes = Side * Side * 3;

    private const int Row = Side * 3;
    private const int PatternCells = 4;
    private const int CellUnit = 2 * Side / PatternCells;           // of half pixels, from one cell's centre to the next
    private const int PatternAmplitude = 22;
    private const double NoiseDeviation = 0.03 * 255;
    private const int TableSize = 1 << 16;

    /// <summary>Gaussian noise, its positive and its negative part, so that saturating byte arithmetic adds it.</summary>
    private static readonly (byte[] Up, byte[] Down) Noise = MakeNoise();

    private static readonly (int Cell, int Offset)[] Positions = MakePositions();

    /// <summary>A random colour with a smooth random 4x4 pattern in each channel.</summary>
    public static byte[] Background(ulong look)
    {
        var random = new LabRandom(look);
        Span<int> pattern = stackalloc int[3 * PatternCells * PatternCells];
        var rgb = new byte[Bytes];
        for (int channel = 0; channel < 3; channel++)
        {
            int colour = random.Between(30, 225);
            foreach (ref int value in pattern.Slice(channel * PatternCells * PatternCells, PatternCells * PatternCells))
                value = colour + random.Between(-PatternAmplitude, PatternAmplitude);
        }
        // Bilinear between the pattern's cell centres: down first, then across, in whole numbers.
        Span<int> across = stackalloc int[PatternCells];
        for (int y = 0; y < Side; y++)
        {
            var (above, below) = Positions[y];
            for (int channel = 0; channel < 3; channel++)
            {
                var cells = pattern.Slice((channel * PatternCells + above) * PatternCells, 2 * PatternCells);
                for (int k = 0; k < PatternCells; k++)
                    across[k] = cells[k] * (CellUnit - below) + cells[k + PatternCells] * below;
                for (int x = 0, at = y * Row + channel; x < Side; x++, at += 3)
                {
                    var (left, right) = Positions[x];
                    rgb[at] = (byte)(((CellUnit - right) * across[left] + right * across[left + 1]) / (CellUnit * CellUnit));
                }
            }
        }
        return rgb;
    }

    /// <summary>
    /// Lays the sprite over the canvas, its centre at (<paramref name="x"/>, <paramref name="y"/>); what lies outside is cut off.
    /// </summary>
    public static void Draw(Span<byte> rgb, Sprite sprite, int x, int y)
    {
        int left = x - sprite.Side / 2, top = y - sprite.Side / 2;
        for (int row = Math.Max(0, -top); row < Math.Min(sprite.Side, Side - top); row++)
            for (int column = Math.Max(0, -left); column < Math.Min(sprite.Side, Side - left); column++)
            {
                int source = row * sprite.Side + column, keep = 255 - sprite.Alpha[source];
                if (keep == 255)
                    continue;
                var target = rgb.Slice((top + row) * Row + (left + column) * 3, 3);
                for (int channel = 0; channel < 3; channel++)
                    target[channel] = (byte)(sprite.Rgb[source * 3 + channel] + (target[channel] * keep + 127) / 255);
            }
    }

    /// <summary>Fills a rectangle with a grey; what lies outside is cut off.</summary>
    public static void Fill(Span<byte> rgb, int left, int top, int width, int height, byte grey)
    {
        int from = Math.Max(0, left), to = Math.Min(Side, left + width);
        for (int y = Math.Max(0, top); y < Math.Min(Side, top + height); y++)
            rgb[(y * Row + from * 3)..(y * Row + to * 3)].Fill(grey);
    }

    /// <summary>Adds pixel noise, standard deviation 0.03 of the range: each row reads the table from a random place.</summary>
    public static void AddNoise(Span<byte> rgb, LabRandom random)
    {
        for (int y = 0; y < Side; y++)
        {
            int at = (int)(random.Bits() >> 48);
            var up = MemoryMarshal.Cast<byte, Vector128<byte>>(Noise.Up.AsSpan(at, Row));
            var down = MemoryMarshal.Cast<byte, Vector128<byte>>(Noise.Down.AsSpan(at, Row));
            var row = MemoryMarshal.Cast<byte, Vector128<byte>>(rgb.Slice(y * Row, Row));
            for (int i = 0; i < row.Length; i++)
                row[i] = Vector128.SubtractSaturate(Vector128.AddSaturate(row[i], up[i]), down[i]);
        }
    }

    /// <summary>For each pixel of a side the cell centre before it, and how far behind that it lies.</summary>
    private static (int Cell, int Offset)[] MakePositions()
    {
        var positions = new (int, int)[Side];
        for (int i = 0; i < Side; i++)
        {
            int at = Math.Clamp(2 * i + 1 - Side / PatternCells, 0, CellUnit * (PatternCells - 1) - 1);
            positions[i] = (at / CellUnit, at % CellUnit);
        }
        return positions;
    }

    private static (byte[] Up, byte[] Down) MakeNoise()
    {
        var random = new LabRandom(0x6E6F697365);
        byte[] up = new byte[TableSize + Row], down = new byte[TableSize + Row];
        for (int i = 0; i < TableSize; i++)
        {
            // Twelve uniform numbers: variance 1, no libm whose last bit differs by machine.
            double sum = -6;
            for (int k = 0; k < 12; k++)
                sum += random.Unit();
            int value = (int)Math.Round(sum * NoiseDeviation);
            up[i] = (byte)Math.Max(0, value);
            down[i] = (byte)Math.Max(0, -value);
        }
        up.AsSpan(0, Row).CopyTo(up.AsSpan(TableSize));
        down.AsSpan(0, Row).CopyTo(down.AsSpan(TableSize));
        return (up, down);
    }
}
