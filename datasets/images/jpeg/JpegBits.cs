using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Aim.Datasets;

/// <summary>
/// The bits of a scan's data, stuffed zero bytes removed. At a marker or the end of the file zeros follow; whoever has consumed
/// any of them finds <see cref="IsOverrun"/>.
/// </summary>
internal ref struct JpegBits(ReadOnlySpan<byte> data, int at)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private ulong _buffer;
    private int _count, _padding;

    /// <summary>Where reading goes on: no marker lies before it.</summary>
    public int At { get; private set; } = at;

    /// <summary>More bits were taken than there are.</summary>
    public readonly bool IsOverrun => _count < _padding;

    /// <summary>
    /// Decodes a symbol; -1 if no code begins with the next bits. At least 16 bits are in the buffer afterwards.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Symbol(JpegHuffman table)
    {
        if (_count < 32)
            Fill();
        int found = table.Look((int)(_buffer >> (_count - JpegHuffman.LookBits)) & ((1 << JpegHuffman.LookBits) - 1));
        if (found == 0)
        {
            found = table.Find((int)(_buffer >> (_count - 16)) & 0xFFFF);
            if (found == 0)
                return -1;
        }

        _count -= found >> 8;
        return found & 0xFF;
    }

    /// <summary>
    /// The value of <paramref name="size"/> bits, 1 to 15, that follow a symbol: positive if the first bit is set (F.2.2.1).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Value(int size)
    {
        _count -= size;
        int bits = (int)(_buffer >> _count) & ((1 << size) - 1);
        return bits >= 1 << (size - 1) ? bits : bits - (1 << size) + 1;
    }

    /// <summary>The next <paramref name="size"/> bits, at most 16, as a number.</summary>
    public int Bits(int size)
    {
        if (_count < size)
            Fill();
        _count -= size;
        return (int)(_buffer >> _count) & ((1 << size) - 1);
    }

    /// <summary>
    /// Drops the rest of an interval and reads on behind the marker <paramref name="marker"/>; false if another or none is next.
    /// </summary>
    public bool Restart(byte marker)
    {
        (_buffer, _count, _padding) = (0, 0, 0);
        while (At + 1 < _data.Length && (_data[At] != 0xFF || _data[At + 1] is 0 or 0xFF))
            At++;
        if (At + 1 >= _data.Length || _data[At + 1] != marker)
            return false;
        At += 2;
        return true;
    }

    private void Fill()
    {
        // Eight bytes of which none is 0xFF are the common case.
        if (At + 8 <= _data.Length)
        {
            ulong next = BinaryPrimitives.ReadUInt64BigEndian(_data[At..]);
            if (((next & ~(next + 0x0101010101010101)) & 0x8080808080808080) == 0)
            {
                int bytes = (63 - _count) >> 3;
                _buffer = _buffer << (8 * bytes) | next >> (64 - 8 * bytes);
                _count += 8 * bytes;
                At += bytes;
                return;
            }
        }

        for (; _count <= 55; _count += 8)
            _buffer = _buffer << 8 | NextByte();
    }

    private byte NextByte()
    {
        byte value = At < _data.Length ? _data[At] : (byte)0xFF;
        if (value != 0xFF)
        {
            At++;
            return value;
        }

        if (At + 1 < _data.Length && _data[At + 1] == 0)
        {
            At += 2;
            return value;
        }

        _padding += 8;
        return 0;
    }
}
