using System.Buffers.Binary;

namespace Aim.Datasets;

/// <summary>
/// Reads baseline and progressive JPEG (8 bits, Huffman; 1, 3 or 4 components), to the bit as libjpeg with its defaults:
/// accurate integer transform, triangle upsampling of chroma. Whatever breaks the format is an error, a file cut off too.
/// </summary>
/// <remarks>
/// ITU T.81; JFIF 1.02; Adobe's APP14. Not read: arithmetic coding, lossless and hierarchical frames, 12 bits, heights that
/// only a DNL marker tells. Where libjpeg would smooth the blocks of a progressive file whose scans leave coefficients out, this
/// does not. Bytes between segments that belong to none are skipped, as libjpeg does.
/// </remarks>
internal ref struct JpegReader(ReadOnlySpan<byte> data, string name)
{
    // A progressive file has about ten scans. Each takes time for all blocks, however short it is.
    private const int MaxScans = 100;

    // Of an interleaved unit (T.81, B.2.3).
    private const int MaxBlocksInUnit = 10;

    private readonly ReadOnlySpan<byte> _data = data;
    private readonly short[]?[] _steps = new short[4][];
    private readonly JpegHuffman?[] _dc = new JpegHuffman[4], _ac = new JpegHuffman[4];
    private JpegFrame? _frame;
    private int _at, _interval, _scans, _orientation;
    private bool _hasJfif;
    private int? _adobeTransform;

    /// <summary>Decodes the file.</summary>
    /// <exception cref="PictureException">It is broken, or no JPEG that is read.</exception>
    public Picture Read()
    {
        _at = 2;
        while (true)
        {
            byte marker = Marker();
            if (marker == JpegMarkers.EndOfImage)
                return Finish();
            if (marker == JpegMarkers.StartOfImage)
                throw Fail("a second start of image");
            if (JpegMarkers.StandsAlone(marker))
                continue;
            Segment(marker, Body(marker));
        }
    }

    /// <summary>Width and height as the picture is to be seen, from what stands before its data.</summary>
    /// <exception cref="PictureException">It is broken up to there, or no JPEG that is read.</exception>
    public (int Width, int Height) UprightSize()
    {
        _at = 2;
        for (byte marker; (marker = Marker()) != JpegMarkers.StartOfScan;)
        {
            if (marker is JpegMarkers.EndOfImage or JpegMarkers.StartOfImage)
                throw Fail("no picture data");
            if (!JpegMarkers.StandsAlone(marker))
                Segment(marker, Body(marker));
        }

        var frame = _frame ?? throw Fail("a scan before its frame");
        return Exif.Turned(_orientation, frame.Width, frame.Height);
    }

    private byte Marker()
    {
        while (_at + 1 < _data.Length && (_data[_at] != 0xFF || _data[_at + 1] is 0 or 0xFF))
            _at++;
        if (_at + 1 >= _data.Length)
            throw Fail("cut off before the end of image");
        _at += 2;
        return _data[_at - 1];
    }

    private ReadOnlySpan<byte> Body(byte marker)
    {
        if (_at + 2 > _data.Length)
            throw Fail("cut off before the end of image");
        int length = BinaryPrimitives.ReadUInt16BigEndian(_data[_at..]);
        if (length < 2)
            throw Fail($"segment {marker:X2} says {length} bytes; it has 2 at least");
        if (length > _data.Length - _at)
            throw Fail($"cut off: segment {marker:X2} says {length} bytes, {_data.Length - _at} are left");
        _at += length;
        return _data.Slice(_at - length + 2, length - 2);
    }

    private void Segment(byte marker, ReadOnlySpan<byte> body)
    {
        switch (marker)
        {
            case JpegMarkers.QuantisationTables:
                ReadSteps(body);
                break;
            case JpegMarkers.HuffmanTables:
                ReadHuffman(body);
                break;
            case JpegMarkers.RestartInterval:
                _interval = body.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(body) : throw Fail("DRI must have 4 bytes");
                break;
            case JpegMarkers.StartOfScan:
                ReadScan(body);
                break;
            case JpegMarkers.App0:
                _hasJfif |= body.StartsWith("JFIF\0"u8);
                break;
            case JpegMarkers.App1 when _orientation == 0 && body.StartsWith("Exif\0\0"u8):
                _orientation = Exif.Orientation(body);
                break;
            case JpegMarkers.App14 when body.Length >= 12 && body.StartsWith("Adobe"u8):
                _adobeTransform = body[11];
                break;
            case var frame when JpegMarkers.IsFrame(frame):
                ReadFrame(frame, body);
                break;
        }
    }

    private readonly void ReadSteps(ReadOnlySpan<byte> body)
    {
        while (body.Length > 0)
        {
            int wide = body[0] >> 4, index = body[0] & 15, bytes = wide == 0 ? 64 : 128;
            if (wide > 1 || index > 3 || body.Length < 1 + bytes)
                throw Fail($"quantisation table {index} of precision {wide} in {body.Length - 1} bytes is not in the standard");
            var steps = new short[64];
            for (int k = 0; k < 64; k++)
            {
                int step = wide == 0 ? body[1 + k] : BinaryPrimitives.ReadUInt16BigEndian(body[(1 + 2 * k)..]);
                steps[JpegScan.Zigzag[k]] = (short)step;
            }

            _steps[index] = steps;
            body = body[(1 + bytes)..];
        }
    }

    private readonly void ReadHuffman(ReadOnlySpan<byte> body)
    {
        while (body.Length > 0)
        {
            int kind = body[0] >> 4, index = body[0] & 15, symbols = 0;
            foreach (byte count in body[1..Math.Min(17, body.Length)])
                symbols += count;
            if (kind > 1 || index > 3 || symbols > 256 || body.Length < 17 + symbols)
                throw Fail($"Huffman table {index} of class {kind} with {symbols} codes does not fit its segment");
            (kind == 0 ? _dc : _ac)[index] = JpegHuffman.Create(body[1..17], body.Slice(17, symbols))
                ?? throw Fail($"Huffman table {index} has impossible code lengths");
            body = body[(17 + symbols)..];
        }
    }

    private void ReadFrame(byte marker, ReadOnlySpan<byte> body)
    {
        if (marker is not (JpegMarkers.Baseline or JpegMarkers.Extended or JpegMarkers.Progressive))
        {
            int kind = marker - JpegMarkers.Baseline;
            throw Fail($"frames of kind SOF{kind} (lossless, hierarchical or arithmetic coding) are not supported");
        }

        if (_frame is not null)
            throw Fail("a second frame");
        if (body.Length < 6 || body.Length != 6 + 3 * body[5])
            throw Fail("the frame's components do not fit its segment");
        int height = BinaryPrimitives.ReadUInt16BigEndian(body[1..]), width = BinaryPrimitives.ReadUInt16BigEndian(body[3..]);
        if (body[0] != 8)
            throw Fail($"{body[0]} bits a sample are not supported; only 8 are");
        if (height == 0 || width == 0)
            throw Fail($"impossible size {width} x {height}");
        if ((long)width * height > PictureFile.MaxPixels)
            throw Fail($"{width} x {height} pixels, more than the {PictureFile.MaxPixels} that are read");
        if (body[5] is not (1 or 3 or 4))
            throw Fail($"{body[5]} components are not supported; 1, 3 or 4 are");
        var components = new JpegComponent[body[5]];
        for (int i = 0; i < components.Length; i++)
        {
            var entry = body.Slice(6 + 3 * i, 3);
            var (id, across, down, steps) = (entry[0], entry[1] >> 4, entry[1] & 15, entry[2]);
            if (across is < 1 or > 4 || down is < 1 or > 4 || steps > 3)
                throw Fail($"component {id}: sampling {across} x {down}, quantisation table {steps} are not in the standard");
            if (components.Any(c => c?.Id == id))
                throw Fail($"two components are called {id}");
            components[i] = new JpegComponent(id, across, down, steps);
        }

        var frame = new JpegFrame
        {
            Width = width,
            Height = height,
            IsProgressive = marker == JpegMarkers.Progressive,
            Components = components,
        };
        frame.Measure();
        foreach (var c in components)
        {
            if (frame.MaxAcross % c.Across != 0 || frame.MaxDown % c.Down != 0)
                throw Fail($"sampling {c.Across} x {c.Down} beside {frame.MaxAcross} x {frame.MaxDown} is not supported");
        }

        if (frame.Blocks > 8L * _data.Length)
            throw Fail($"the data cannot hold {width} x {height} pixels");
        _frame = frame;
        foreach (var c in components)
        {
            if (frame.IsProgressive)
                c.Coefficients = new short[(long)c.Rows * c.Stride * 64];
            else
                c.Samples = new byte[c.Rows * c.Stride * 64];
        }
    }

    private void ReadScan(ReadOnlySpan<byte> body)
    {
        if (_frame is not { } frame)
            throw Fail("a scan before the frame");
        int count = body.Length > 0 ? body[0] : 0;
        if (count is < 1 or > 4 || body.Length != 4 + 2 * count)
            throw Fail("a scan's components do not fit its segment");
        if (++_scans > MaxScans)
            throw Fail($"more than {MaxScans} scans");
        int first = body[^3], last = body[^2], high = body[^1] >> 4, low = body[^1] & 15;
        if (!frame.IsProgressive)
            (first, last, high, low) = (0, 63, 0, 0);           // whatever the file says: these are fixed
        else if (last > 63 || low > 13 || (high != 0 && high != low + 1) || (first == 0 ? last != 0 : last < first || count > 1))
            throw Fail($"a scan of coefficients {first} to {last}, bits {high} to {low}, is not in the standard");
        var components = new JpegComponent[count];
        for (int i = 0; i < count; i++)
        {
            int id = body[1 + 2 * i], tables = body[2 + 2 * i];
            var c = frame.Components.FirstOrDefault(c => c.Id == id);
            if (c is null || components.Contains(c))
                throw Fail($"a scan's component {id} is not one of the frame's, or is named twice");
            if ((tables >> 4) > 3 || (tables & 15) > 3)
                throw Fail($"component {id} names Huffman tables {tables >> 4} and {tables & 15}; 0 to 3 exist");
            (c.Dc, c.Ac) = (_dc[tables >> 4], _ac[tables & 15]);
            if ((first == 0 && high == 0 && c.Dc is null) || (last > 0 && c.Ac is null))
                throw Fail($"component {id} needs a Huffman table that is not defined");
            c.Steps ??= _steps[c.Quantisation] ?? throw Fail($"quantisation table {c.Quantisation} is not defined");
            components[i] = c;
        }

        if (count > 1 && components.Sum(c => c.Across * c.Down) > MaxBlocksInUnit)
            throw Fail($"a scan's sampling factors give more than {MaxBlocksInUnit} blocks a unit");
        var scan = new JpegScan(frame, components, first, last, high > 0, low);
        if (scan.Decode(_data, ref _at, _interval) is { } problem)
            throw Fail(problem);
    }

    private readonly Picture Finish()
    {
        if (_frame is not { } frame || _scans == 0)
            throw Fail("no picture data (no scan)");
        foreach (var c in frame.Components)
        {
            if (c.Steps is null)
                throw Fail($"component {c.Id} is in no scan");
            if (frame.IsProgressive)
                Transform(c);
        }

        byte[] rgb = new JpegPixels(frame, Colours(frame)).ToRgb();
        return new Picture(frame.Width, frame.Height, rgb, _orientation);
    }

    private static void Transform(JpegComponent c)
    {
        int stride = c.Stride * 8;
        c.Samples = new byte[c.Rows * c.Stride * 64];
        for (int y = 0; y < c.BlocksDown; y++)
        {
            for (int x = 0; x < c.BlocksAcross; x++)
            {
                var block = c.Coefficients.AsSpan((y * c.Stride + x) * 64, 64);
                JpegTransform.Inverse(block, c.Steps, c.Samples.AsSpan(y * 8 * stride + x * 8), stride);
            }
        }

        c.Coefficients = [];
    }

    // As libjpeg guesses (jdapimin.c, default_decompress_parms).
    private readonly JpegColours Colours(JpegFrame frame)
    {
        int[] ids = [.. frame.Components.Select(c => c.Id)];
        return ids.Length switch
        {
            1 => JpegColours.Grey,
            4 => _adobeTransform is null or 0 ? JpegColours.Cmyk : JpegColours.Ycck,
            _ when _hasJfif => JpegColours.YCbCr,
            _ when _adobeTransform is { } transform => transform == 0 ? JpegColours.Rgb : JpegColours.YCbCr,
            _ => ids is ['R', 'G', 'B'] ? JpegColours.Rgb : JpegColours.YCbCr,
        };
    }

    private readonly PictureException Fail(string reason) => new(name, reason);
}
