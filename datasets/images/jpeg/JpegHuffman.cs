namespace Aim.Datasets;

/// <summary>
/// A Huffman table (ITU T.81, annex C and F.2.2.3): short codes by a table, longer ones by their lengths' ranges.
/// </summary>
internal sealed class JpegHuffman
{
    /// <summary>Codes of at most this many bits are looked up.</summary>
    public const int LookBits = 9;

    private readonly ushort[] _look = new ushort[1 << LookBits];
    private readonly int[] _firstCode = new int[17], _firstSymbol = new int[17], _count = new int[17];
    private readonly byte[] _symbols;

    private JpegHuffman(byte[] symbols) => _symbols = symbols;

    /// <summary>Builds a table; null where the counts are impossible.</summary>
    /// <param name="counts">How many codes have 1, 2, ... 16 bits.</param>
    /// <param name="symbols">The codes' symbols in order.</param>
    public static JpegHuffman? Create(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        var table = new JpegHuffman(symbols.ToArray());
        int code = 0, symbol = 0;
        for (int bits = 1; bits <= 16; bits++, code <<= 1)
        {
            int count = counts[bits - 1];
            if (code + count > 1 << bits)
                return null;
            (table._firstCode[bits], table._firstSymbol[bits], table._count[bits]) = (code, symbol, count);
            for (int i = 0; i < count; i++, code++, symbol++)
            {
                int free = LookBits - bits;
                if (free >= 0)
                    table._look.AsSpan(code << free, 1 << free).Fill((ushort)(bits << 8 | symbols[symbol]));
            }
        }

        return table;
    }

    /// <summary>
    /// Length and symbol of the code that the next <see cref="LookBits"/> bits begin with, as length * 256 + symbol; 0 if it is
    /// longer.
    /// </summary>
    public int Look(int bits) => _look[bits];

    /// <summary>The same from 16 bits, for codes of any length; 0 if no code begins so.</summary>
    public int Find(int sixteen)
    {
        for (int bits = LookBits + 1; bits <= 16; bits++)
        {
            int at = (sixteen >> (16 - bits)) - _firstCode[bits];
            if ((uint)at < (uint)_count[bits])
                return bits << 8 | _symbols[_firstSymbol[bits] + at];
        }

        return 0;
    }
}
