namespace Aim.Datasets;

/// <summary>
/// Decodes one scan's blocks (ITU T.81, F.2 and G.2): of a baseline frame straight to samples, of a progressive one into the
/// coefficients, which later scans refine.
/// </summary>
/// <param name="frame">The frame that the scan belongs to.</param>
/// <param name="components">The scan's components, with their tables.</param>
/// <param name="first">First coefficient in zigzag order (Ss).</param>
/// <param name="last">Last coefficient (Se).</param>
/// <param name="refines">Whether earlier scans gave higher bits (Ah is not 0).</param>
/// <param name="low">The bit that this scan ends at (Al).</param>
internal ref struct JpegScan(JpegFrame frame, JpegComponent[] components, int first, int last, bool refines, int low)
{
    private JpegBits _bits;
    private int _endOfBand;

    /// <summary>From zigzag order to row-major order.</summary>
    public static ReadOnlySpan<byte> Zigzag =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
        12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
        58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <summary>Decodes the scan.</summary>
    /// <param name="data">The file.</param>
    /// <param name="at">Where the scan's data begin; behind them afterwards, before the next marker.</param>
    /// <param name="interval">Units between restart markers; 0: there are none.</param>
    /// <returns>What is wrong with the data; null if nothing is.</returns>
    public string? Decode(ReadOnlySpan<byte> data, ref int at, int interval)
    {
        _bits = new JpegBits(data, at);

        // A component alone has no padding blocks; several are interleaved in units of all their blocks.
        bool alone = components.Length == 1;
        int across = alone ? components[0].BlocksAcross : frame.UnitsAcross;
        int down = alone ? components[0].BlocksDown : frame.UnitsDown;
        Restart();
        int unit = 0;
        for (int y = 0; y < down; y++)
        {
            for (int x = 0; x < across; x++, unit++)
            {
                if (interval > 0 && unit > 0 && unit % interval == 0)
                {
                    if (!_bits.Restart((byte)(JpegMarkers.Restart0 + (unit / interval - 1) % 8)))
                        return $"a restart marker is missing after {unit} of {across * down} units of a scan";
                    Restart();
                }

                bool good = alone ? Block(components[0], y, x) : Unit(y, x);
                if (!good || _bits.IsOverrun)
                {
                    return _bits.IsOverrun
                        ? $"a scan's data end after {unit} of {across * down} units"
                        : $"a scan's data are damaged (unit {unit} of {across * down})";
                }
            }
        }

        at = _bits.At;
        return null;
    }

    private void Restart()
    {
        _endOfBand = 0;
        foreach (var component in components)
            component.Prediction = 0;
    }

    private bool Unit(int y, int x)
    {
        foreach (var c in components)
        {
            for (int v = 0; v < c.Down; v++)
            {
                for (int h = 0; h < c.Across; h++)
                {
                    if (!Block(c, y * c.Down + v, x * c.Across + h))
                        return false;
                }
            }
        }

        return true;
    }

    private bool Block(JpegComponent c, int y, int x)
    {
        if (!frame.IsProgressive)
            return Baseline(c, c.Samples.AsSpan(y * 8 * c.Stride * 8 + x * 8), c.Stride * 8);
        var block = c.Coefficients.AsSpan((y * c.Stride + x) * 64, 64);
        if (first > 0)
            return refines ? RefineAc(block, c.Ac!) : FirstAc(block, c.Ac!);
        if (!refines)
            return FirstDc(c, ref block[0]);
        block[0] |= (short)(_bits.Bits(1) << low);
        return true;
    }

    private bool Baseline(JpegComponent c, Span<byte> to, int stride)
    {
        Span<short> block = stackalloc short[64];
        block.Clear();
        if (!FirstDc(c, ref block[0]))
            return false;
        int written = 0;
        for (int k = 1; k < 64; k++)
        {
            int symbol = _bits.Symbol(c.Ac!), size = symbol & 15;
            if (symbol < 0)
                return false;
            k += symbol >> 4;
            if (size == 0)
            {
                if (symbol != 0xF0)
                    break;
                continue;
            }

            if (k > 63)
                return false;
            block[Zigzag[k]] = (short)_bits.Value(size);
            written = k;
        }

        if (written == 0)
            JpegTransform.Flat(block[0] * (ushort)c.Steps![0], to, stride);
        else
            JpegTransform.Inverse(block, c.Steps, to, stride);
        return true;
    }

    private bool FirstDc(JpegComponent c, ref short dc)
    {
        int size = _bits.Symbol(c.Dc!);
        if (size is < 0 or > 15)
            return false;
        if (size > 0)
            c.Prediction += _bits.Value(size);
        dc = (short)(c.Prediction << low);
        return true;
    }

    private bool FirstAc(Span<short> block, JpegHuffman table)
    {
        if (_endOfBand > 0)
        {
            _endOfBand--;
            return true;
        }

        for (int k = first; k <= last; k++)
        {
            int symbol = _bits.Symbol(table), run = symbol >> 4, size = symbol & 15;
            if (symbol < 0)
                return false;
            if (size == 0 && run < 15)
            {
                // The rest of this block's band and of as many blocks more is zero.
                _endOfBand = (1 << run) - 1 + (run > 0 ? _bits.Bits(run) : 0);
                break;
            }

            k += run;
            if (size == 0)
                continue;
            if (k > last)
                return false;
            block[Zigzag[k]] = (short)(_bits.Value(size) << low);
        }

        return true;
    }

    private bool RefineAc(Span<short> block, JpegHuffman table)
    {
        int k = first;
        while (_endOfBand == 0 && k <= last)
        {
            int symbol = _bits.Symbol(table), run = symbol >> 4, size = symbol & 15;
            if (symbol < 0 || size > 1)
                return false;
            if (size == 0 && run < 15)
            {
                _endOfBand = (1 << run) + (run > 0 ? _bits.Bits(run) : 0);
                break;
            }

            // A new coefficient comes after `run` zeros; those on the way that are none get their next bit.
            int value = size == 0 ? 0 : _bits.Bits(1) == 1 ? 1 << low : -1 << low;
            for (; k <= last; k++)
            {
                ref short coefficient = ref block[Zigzag[k]];
                if (coefficient != 0)
                    Refine(ref coefficient);
                else if (run-- == 0)
                {
                    coefficient = (short)value;
                    break;
                }
            }

            if (k > last && value != 0)
                return false;
            k++;
        }

        if (_endOfBand > 0)
        {
            _endOfBand--;
            for (; k <= last; k++)
            {
                ref short coefficient = ref block[Zigzag[k]];
                if (coefficient != 0)
                    Refine(ref coefficient);
            }
        }

        return true;
    }

    private void Refine(ref short coefficient)
    {
        if (_bits.Bits(1) == 1 && (coefficient & (1 << low)) == 0)
            coefficient += (short)(coefficient > 0 ? 1 << low : -1 << low);
    }
}
