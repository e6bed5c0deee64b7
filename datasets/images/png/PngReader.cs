using System.Buffers.Binary;

namespace Aim.Datasets;

/// <summary>What the chunks of one file have said so far.</summary>
internal sealed class PngReader(string name)
{
    private readonly MemoryStream _compressed = new();
    private PngHeader? _header;
    private byte[]? _palette, _transparency;
    private bool _dataEnded;
    private int _orientation = 1;

    /// <summary>Reads all chunks; what they promise is decoded by the result.</summary>
    /// <exception cref="PictureException">A chunk is damaged, in the wrong place or not in the standard.</exception>
    public PngPixels Parse(ReadOnlySpan<byte> data)
    {
        if (!data.StartsWith(PngFile.Signature))
            throw Fail(PictureFile.Foreign(data));
        int at = PngFile.Signature.Length;
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
                return Finish();                        // bytes behind IEND are not part of the picture
            Chunk(type, body);
            at += 12 + (int)length;
        }
    }

    private void Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        bool isHeader = type.SequenceEqual("IHDR"u8), isData = type.SequenceEqual("IDAT"u8);
        if (_header is not { } header)
        {
            _header = isHeader ? PngHeader.Read(body, Fail) : throw Fail($"the first chunk is {Name(type)}, it must be IHDR");
            return;
        }

        if (isHeader)
            throw Fail("a second IHDR chunk");
        if (_compressed.Length > 0 && !isData)
            _dataEnded = true;
        if (isData)
        {
            if (_dataEnded)
                throw Fail("the IDAT chunks are not in one run");
            if (header.ColourType == 3 && _palette is null)
                throw Fail("a palette picture without a PLTE chunk before its data");
            _compressed.Write(body);
        }
        else if (type.SequenceEqual("PLTE"u8))
            Palette(header, body);
        else if (type.SequenceEqual("tRNS"u8))
            Transparency(header, body);
        else if (type.SequenceEqual("eXIf"u8))
            _orientation = Exif.Orientation(body);
        else if ((type[0] & 0x20) == 0)
            throw Fail($"unknown critical chunk {Name(type)}");
    }

    private void Palette(PngHeader header, ReadOnlySpan<byte> body)
    {
        if (_palette is not null || _compressed.Length > 0 || _transparency is not null)
            throw Fail("PLTE in the wrong place");
        if (header.ColourType is 0 or 4)
            throw Fail("PLTE in a grey picture");
        if (body.Length == 0 || body.Length % 3 != 0 || body.Length > 768)
            throw Fail($"PLTE has {body.Length} bytes, it must have 3 for each of 1 to 256 colours");
        _palette = body.ToArray();
    }

    private void Transparency(PngHeader header, ReadOnlySpan<byte> body)
    {
        if (_transparency is not null || _compressed.Length > 0 || (header.ColourType == 3 && _palette is null))
            throw Fail("tRNS in the wrong place");
        bool fits = header.ColourType switch
        {
            0 => body.Length == 2,
            2 => body.Length == 6,
            3 => body.Length > 0 && body.Length <= _palette!.Length / 3,
            _ => false,
        };
        if (!fits)
            throw Fail($"tRNS of {body.Length} bytes does not fit colour type {header.ColourType}");
        _transparency = body.ToArray();
    }

    private PngPixels Finish()
    {
        if (_header is not { } header || _compressed.Length == 0)
            throw Fail("no picture data (IDAT)");
        _compressed.Position = 0;
        return new PngPixels(new PngRows(header, _compressed, Fail), _palette, _transparency, _orientation, Fail);
    }

    /// <summary>A chunk's type for a message; damaged types hold arbitrary bytes.</summary>
    private static string Name(ReadOnlySpan<byte> type)
    {
        Span<char> text = stackalloc char[4];
        for (int i = 0; i < 4; i++)
            text[i] = char.IsAsciiLetter((char)type[i]) ? (char)type[i] : '?';
        return new string(text);
    }

    private PictureException Fail(string reason) => new(name, reason);
}
