using System.Buffers.Binary;

namespace Aim.Datasets;

/// <summary>The one thing that matters here of a picture's EXIF data: how the camera was held.</summary>
internal static class Exif
{
    private const int OrientationTag = 0x112, Short = 3, EntryBytes = 12;

    /// <summary>
    /// The orientation, 1 to 8; 1 where the block has none or is damaged, which is no reason to refuse a picture.
    /// </summary>
    /// <param name="block">A TIFF header and its directories, with or without <c>Exif\0\0</c> before it.</param>
    public static int Orientation(ReadOnlySpan<byte> block)
    {
        if (block.StartsWith("Exif\0\0"u8))
            block = block[6..];
        bool little = block.StartsWith("II"u8);
        if (block.Length < 8 || (!little && !block.StartsWith("MM"u8)))
            return 1;
        uint directory = Read32(block[4..], little);
        if (directory > block.Length - 2)
            return 1;
        int entries = Read16(block[(int)directory..], little);
        var at = block[((int)directory + 2)..];
        for (; entries > 0 && at.Length >= EntryBytes; entries--, at = at[EntryBytes..])
        {
            if (Read16(at, little) != OrientationTag)
                continue;
            int value = Read16(at[8..], little);
            return Read16(at[2..], little) == Short && Read32(at[4..], little) == 1 && value is >= 1 and <= 8 ? value : 1;
        }

        return 1;
    }

    /// <summary>Width and height once a picture is turned upright: the orientations from 5 on lie on their side.</summary>
    public static (int Width, int Height) Turned(int orientation, int width, int height)
        => ((Transposition)orientation).SwapsAxes() ? (height, width) : (width, height);

    private static ushort Read16(ReadOnlySpan<byte> data, bool little)
        => little ? BinaryPrimitives.ReadUInt16LittleEndian(data) : BinaryPrimitives.ReadUInt16BigEndian(data);

    private static uint Read32(ReadOnlySpan<byte> data, bool little)
        => little ? BinaryPrimitives.ReadUInt32LittleEndian(data) : BinaryPrimitives.ReadUInt32BigEndian(data);
}
