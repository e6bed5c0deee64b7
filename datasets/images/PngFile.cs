using System.Buffers.Binary;
using System.IO.Compression;

namespace Aim.Datasets;

/// <summary>
/// A small, strict PNG reader and writer: 8 bits a sample, every colour type, not interlaced.
/// Whatever a file says about itself is checked before memory is taken for it: sizes, chunk order, every CRC, the
/// zlib stream's end. A file that breaks a rule is rejected with a <see cref="PngException"/>, never half read.
/// </summary>
/// <remarks>Rules: W3C PNG (second edition), sections 5 (chunks), 9 (filters), 11 (IHDR, PLTE, tRNS).</remarks>
public static partial class PngFile
{
    /// <summary>The most pixels that a picture may have.</summary>
    public const int MaxPixels = 1 << 24;

    /// <summary>The most bytes that a file may have.</summary>
    public const int MaxFileBytes = 1 << 26;

    /// <summary>deflate cannot expand by more than this; a header that needs more is lying.</summary>
    private const int MaxDeflateRatio = 1032;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>Reads a picture from a file.</summary>
    /// <exception cref="PngException">The file is no PNG that this reader takes; the message says why.</exception>
    public static PngImage Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.Length > MaxFileBytes)
            throw new PngException(path, $"{stream.Length} bytes, more than the {MaxFileBytes} that are read");
        var data = new byte[stream.Length];
        stream.ReadExactly(data);
        return Read(data, path);
    }

    /// <summary>Reads a picture from memory; <paramref name="name"/> stands in error messages.</summary>
    /// <exception cref="PngException">The bytes are no PNG that this reader takes; the message says why.</exception>
    public static PngImage Read(ReadOnlySpan<byte> data, string name) => new Decoder(name).Decode(data);

    /// <summary>What the chunks of one file have said so far.</summary>
    private sealed class Decoder(string name)
    {
        private int _width, _height, _colourType = -1;
        private byte[]? _palette, _transparency;
        private readonly MemoryStream _compressed = new();
        private bool _dataEnded;

        public PngImage Decode(ReadOnlySpan<byte> data)
        {
            if (!data.StartsWith(Signature))
                throw Fail(data.IsEmpty ? "the file is empty" : $"{Kind(data)}, not a PNG file (the signature is wrong)");
            int at = Signature.Length;
            while (true)
            {
                if (data.Length - at < 12)
                    throw Fail("cut off before the IEND chunk");
                uint length = BinaryPrimitives.ReadUInt32BigEndian(data[at..]);
                var type = data.Slice(at + 4, 4);
                if (length > (uint)(data.Length - at - 12))
                    throw Fail($"chunk {Name(type)} says {length} bytes, {data.Length - at - 12} are left");
                var body = data.Slice(at + 8, (int)length);
                uint crc = BinaryPrimitives.ReadUInt32BigEndian(data[(at + 8 + (int)length)..]);
                if (Crc32.Of(data.Slice(at + 4, 4 + (int)length)) != crc)
                    throw Fail($"chunk {Name(type)} is damaged (its CRC does not match)");
                if (type.SequenceEqual("IEND"u8))
                    return Finish();                    // bytes behind IEND are not part of the picture
                Chunk(type, body);
                at += 12 + (int)length;
            }
        }

        private void Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
        {
            bool isHeader = type.SequenceEqual("IHDR"u8), isData = type.SequenceEqual("IDAT"u8);
            if (isHeader != (_colourType < 0))
                throw Fail(isHeader ? "a second IHDR chunk" : $"the first chunk is {Name(type)}, it must be IHDR");
            if (_compressed.Length > 0 && !isData)
                _dataEnded = true;
            if (isHeader)
                Header(body);
            else if (isData)
            {
                if (_dataEnded)
                    throw Fail("the IDAT chunks are not in one run");
                if (_colourType == 3 && _palette is null)
                    throw Fail("a palette picture without a PLTE chunk before its data");
                _compressed.Write(body);
            }
            else if (type.SequenceEqual("PLTE"u8))
                Palette(body);
            else if (type.SequenceEqual("tRNS"u8))
                Transparency(body);
            else if ((type[0] & 0x20) == 0)
                throw Fail($"unknown critical chunk {Name(type)}");
        }

        private void Header(ReadOnlySpan<byte> body)
        {
            if (body.Length != 13)
                throw Fail($"IHDR has {body.Length} bytes, it must have 13");
            uint width = BinaryPrimitives.ReadUInt32BigEndian(body), height = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
            if (width == 0 || height == 0 || width > int.MaxValue || height > int.MaxValue)
                throw Fail($"impossible size {width} x {height}");
            if ((ulong)width * height > MaxPixels)
                throw Fail($"{width} x {height} pixels, more than the {MaxPixels} that are read");
            int depth = body[8], colourType = body[9];
            bool legal = colourType switch
            {
                0 => depth is 1 or 2 or 4 or 8 or 16,
                3 => depth is 1 or 2 or 4 or 8,
                2 or 4 or 6 => depth is 8 or 16,
                _ => false,
            };
            if (!legal)
                throw Fail($"colour type {colourType} with {depth} bits is not in the standard");
            if (body[10] != 0 || body[11] != 0 || body[12] > 1)
                throw Fail($"compression {body[10]}, filter {body[11]}, interlace {body[12]}: not in the standard");
            if (depth != 8)
                throw Fail($"{depth} bits a sample; only 8 are read");
            if (body[12] != 0)
                throw Fail("interlaced; only pictures that are not are read");
            (_width, _height, _colourType) = ((int)width, (int)height, colourType);
        }

        private void Palette(ReadOnlySpan<byte> body)
        {
            if (_palette is not null || _compressed.Length > 0 || _transparency is not null)
                throw Fail("PLTE in the wrong place");
            if (_colourType is 0 or 4)
                throw Fail("PLTE in a grey picture");
            if (body.Length == 0 || body.Length % 3 != 0 || body.Length > 768)
                throw Fail($"PLTE has {body.Length} bytes, it must have 3 for each of 1 to 256 colours");
            _palette = body.ToArray();
        }

        private void Transparency(ReadOnlySpan<byte> body)
        {
            if (_transparency is not null || _compressed.Length > 0 || (_colourType == 3 && _palette is null))
                throw Fail("tRNS in the wrong place");
            bool fits = _colourType switch
            {
                0 => body.Length == 2,
                2 => body.Length == 6,
                3 => body.Length > 0 && body.Length <= _palette!.Length / 3,
                _ => false,
            };
            if (!fits)
                throw Fail($"tRNS of {body.Length} bytes does not fit colour type {_colourType}");
            _transparency = body.ToArray();
        }

        private PngImage Finish()
        {
            if (_colourType < 0 || _compressed.Length == 0)
                throw Fail("no picture data (IDAT)");
            int channels = _colourType switch { 0 or 3 => 1, 2 => 3, 4 => 2, _ => 4 };
            long size = (long)_height * (1 + (long)_width * channels);
            if (size > _compressed.Length * MaxDeflateRatio)
                throw Fail($"the data cannot hold {_width} x {_height} pixels");
            var rows = new byte[size];
            Inflate(rows);
            Unfilter(rows, channels);
            return new PngImage(_width, _height, ToRgba(rows, channels), _colourType is 4 or 6 || _transparency is not null);
        }

        /// <summary>Fills <paramref name="rows"/> exactly; one byte more or less than the header promises is an error.</summary>
        private void Inflate(byte[] rows)
        {
            _compressed.Position = 0;
            try
            {
                using var zlib = new ZLibStream(_compressed, CompressionMode.Decompress);
                int read = zlib.ReadAtLeast(rows, rows.Length, throwOnEndOfStream: false);
                if (read < rows.Length)
                    throw Fail($"the data ends after {read} of {rows.Length} bytes");
                if (zlib.ReadByte() >= 0)
                    throw Fail("more data than the picture has rows");
            }
            catch (InvalidDataException)
            {
                throw Fail("the data is damaged (not a zlib stream, or its checksum is wrong)");
            }
        }

        private void Unfilter(byte[] rows, int channels)
        {
            int stride = 1 + _width * channels;
            for (int y = 0; y < _height; y++)
            {
                var row = rows.AsSpan(y * stride + 1, stride - 1);
                var up = y == 0 ? default : rows.AsSpan((y - 1) * stride + 1, stride - 1);
                int filter = rows[y * stride];
                if (filter > 4)
                    throw Fail($"row {y} has filter {filter}; 0 to 4 exist");
                if (filter == 0)
                    continue;
                for (int x = 0; x < row.Length; x++)
                {
                    int a = x < channels ? 0 : row[x - channels];
                    int b = up.IsEmpty ? 0 : up[x];
                    int c = up.IsEmpty || x < channels ? 0 : up[x - channels];
                    row[x] += (byte)(filter switch { 1 => a, 2 => b, 3 => (a + b) >> 1, _ => Paeth(a, b, c) });
                }
            }
        }

        private static int Paeth(int a, int b, int c)
        {
            int pa = Math.Abs(b - c), pb = Math.Abs(a - c), pc = Math.Abs(a + b - 2 * c);
            return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
        }

        private byte[] ToRgba(byte[] rows, int channels)
        {
            var rgba = new byte[_width * _height * 4];
            int stride = 1 + _width * channels;
            for (int y = 0, q = 0; y < _height; y++)
            {
                var row = rows.AsSpan(y * stride + 1, stride - 1);
                for (int p = 0; p < row.Length; p += channels, q += 4)
                    Pixel(row.Slice(p, channels), rgba.AsSpan(q, 4));
            }
            return rgba;
        }

        private void Pixel(ReadOnlySpan<byte> sample, Span<byte> rgba)
        {
            rgba[3] = 255;
            switch (_colourType)
            {
                case 0 or 4:
                    rgba[..3].Fill(sample[0]);
                    if (_colourType == 4)
                        rgba[3] = sample[1];
                    else if (_transparency is { } grey && grey[0] == 0 && grey[1] == sample[0])
                        rgba[3] = 0;
                    break;
                case 3:
                    int index = sample[0];
                    if (index * 3 >= _palette!.Length)
                        throw Fail($"colour {index} of a palette of {_palette.Length / 3}");
                    _palette.AsSpan(index * 3, 3).CopyTo(rgba);
                    if (_transparency is not null && index < _transparency.Length)
                        rgba[3] = _transparency[index];
                    break;
                default:
                    sample.CopyTo(rgba);
                    if (_transparency is { } t && t[0] == 0 && t[2] == 0 && t[4] == 0
                        && t[1] == sample[0] && t[3] == sample[1] && t[5] == sample[2])
                        rgba[3] = 0;
                    break;
            }
        }

        /// <summary>What a file without PNG's signature looks like, whatever its name says.</summary>
        private static string Kind(ReadOnlySpan<byte> data) =>
            data.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "a JPEG file"
            : data.StartsWith("GIF8"u8) ? "a GIF file"
            : data.StartsWith("BM"u8) ? "a BMP file"
            : data.StartsWith("RIFF"u8) ? "a WebP file"
            : "unknown content";

        /// <summary>A chunk's type for a message; damaged types hold arbitrary bytes.</summary>
        private static string Name(ReadOnlySpan<byte> type)
        {
            Span<char> text = stackalloc char[4];
            for (int i = 0; i < 4; i++)
                text[i] = char.IsAsciiLetter((char)type[i]) ? (char)type[i] : '?';
            return new string(text);
        }

        private PngException Fail(string reason) => new(name, reason);
    }
}
