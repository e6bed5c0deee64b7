using System.Buffers.Binary;
using System.IO.Compression;

namespace Aim.Datasets;

public static partial class PngFile
{
    /// <summary>Writes a picture atomically (a temporary file in the same directory, flushed, renamed).</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="pixels"><c>[height, width, 3]</c> (RGB) or <c>[height, width, 4]</c> (RGBA).</param>
    /// <exception cref="ArgumentException">The sizes do not fit <paramref name="pixels"/>.</exception>
    public static void Write(string path, int width, int height, ReadOnlySpan<byte> pixels)
    {
        AtomicFile.Write(path, Encode(width, height, pixels));
    }

    /// <summary>The bytes of a PNG file: 8 bits a sample, RGB or RGBA by the length of <paramref name="pixels"/>.</summary>
    /// <exception cref="ArgumentException">The sizes do not fit <paramref name="pixels"/>.</exception>
    public static byte[] Encode(int width, int height, ReadOnlySpan<byte> pixels)
    {
        if (width <= 0 || height <= 0 || (long)width * height > PictureFile.MaxPixels)
            throw new ArgumentException($"a picture of {width} x {height} pixels cannot be written");
        int channels = pixels.Length == width * height * 3 ? 3 : 4;
        if (pixels.Length != width * height * channels)
            throw new ArgumentException($"{width} x {height} pixels need 3 or 4 bytes each, {pixels.Length} were given");

        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8;
        header[9] = channels == 3 ? (byte)2 : (byte)6;
        header[10..].Clear();

        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            int stride = width * channels;
            var filtered = new byte[1 + stride];
            filtered[0] = 2;                            // 'up': good for flat areas, no search
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < stride; x++)
                    filtered[1 + x] = (byte)(pixels[y * stride + x] - (y == 0 ? 0 : pixels[(y - 1) * stride + x]));
                zlib.Write(filtered);
            }
        }

        using var file = new MemoryStream();
        file.Write(Signature);
        Chunk(file, "IHDR"u8, header);
        Chunk(file, "IDAT"u8, data.GetBuffer().AsSpan(0, (int)data.Length));
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, body.Length);
        file.Write(word);
        file.Write(type);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(word, Crc32.Of(type, body));
        file.Write(word);
    }
}
