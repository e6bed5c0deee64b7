using System.Buffers.Binary;

namespace Aim.Fusion;

/// <summary>Reading of segments, whatever state they are in.</summary>
internal static class BankSegment
{
    /// <summary>
    /// The records from an offset on. Stretches that are no record are stepped over; a record's payload is not checked here.
    /// </summary>
    /// <param name="path">The segment's file.</param>
    /// <param name="from">Where to start.</param>
    /// <param name="length">Where to end: what the file held when it was listed.</param>
    public static IEnumerable<(BankKey Key, long Offset, long Length)> Scan(string path, long from, long length)
    {
        if (from >= length)
            yield break;
        using var file = OpenRead(path);
        if (file is null)
            yield break;
        byte[] header = new byte[BankRecord.HeaderBytes];
        long offset = from;
        while (offset + header.Length <= length)
        {
            RandomAccess.Read(file, header, offset);
            if (BankRecord.Header(header, length - offset) is { } found)
            {
                yield return (found.Key, offset, found.Length);
                offset += found.Length;
            }
            else
            {
                offset = NextMagic(file, offset + 1, length);
            }
        }
    }

    /// <summary>A record's bytes, checked; null where they are not what was written, or not there any more.</summary>
    public static byte[]? Read(string path, long offset, long length)
    {
        using var file = OpenRead(path);
        if (file is null || length < BankRecord.HeaderBytes || offset < 0 || offset + length > RandomAccess.GetLength(file))
            return null;
        byte[] record = new byte[length];
        return RandomAccess.Read(file, record, offset) == length && BankRecord.IsIntact(record) ? record : null;
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle? OpenRead(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static long NextMagic(Microsoft.Win32.SafeHandles.SafeFileHandle file, long offset, long length)
    {
        Span<byte> magic = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, BankRecord.Magic);
        byte[] block = new byte[1 << 16];
        while (offset + magic.Length <= length)
        {
            int read = RandomAccess.Read(file, block, offset);
            int at = block.AsSpan(0, read).IndexOf(magic);
            if (at >= 0)
                return offset + at;
            if (read < magic.Length)
                break;
            offset += read - (magic.Length - 1);
        }

        return length;
    }
}
