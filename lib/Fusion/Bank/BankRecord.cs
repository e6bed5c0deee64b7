using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Aim.Fusion;

/// <summary>
/// One entry of a segment, little-endian: magic, tokens, dim (4 bytes each), key (32), sha256 of all of these and of the payload
/// (32), payload:
/// <c>[tokens, dim]</c> float32. A record that was cut or altered does not match its hash.
/// </summary>
internal static class BankRecord
{
    /// <summary>Bytes before the payload.</summary>
    public const int HeaderBytes = 12 + BankKey.Bytes + 32;

    /// <summary>ABNK.</summary>
    public const uint Magic = 0x4B4E4241;

    private const int MostTokens = 1 << 20, MostDim = 1 << 16;

    /// <summary>Length of a record.</summary>
    public static long Length(int tokens, int dim) => HeaderBytes + (4L * tokens * dim);

    /// <summary>The bytes of a record.</summary>
    public static byte[] Write(BankKey key, int tokens, int dim, ReadOnlySpan<float> values)
    {
        byte[] record = new byte[Length(tokens, dim)];
        BinaryPrimitives.WriteUInt32LittleEndian(record, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), tokens);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(8), dim);
        Convert.FromHexString(key.Hex).CopyTo(record, 12);
        MemoryMarshal.AsBytes(values).CopyTo(record.AsSpan(HeaderBytes));
        Hash(record, record.AsSpan(HeaderBytes)).CopyTo(record.AsSpan(12 + BankKey.Bytes));
        return record;
    }

    /// <summary>
    /// Reads a header. Null where the bytes are none, or where the record would not fit into <paramref name="left"/> bytes:
    /// nothing is allocated on the word of a broken header.
    /// </summary>
    public static (BankKey Key, int Tokens, int Dim, long Length)? Header(ReadOnlySpan<byte> bytes, long left)
    {
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
            return null;
        int tokens = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), dim = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (tokens is < 1 or > MostTokens || dim is < 1 or > MostDim || Length(tokens, dim) > left)
            return null;
        return (new BankKey(Convert.ToHexStringLower(bytes.Slice(12, BankKey.Bytes))), tokens, dim, Length(tokens, dim));
    }

    /// <summary>Whether a whole record is what was written.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> record)
        => Header(record, record.Length) is { } header && header.Length == record.Length
            && Hash(record, record[HeaderBytes..]).AsSpan().SequenceEqual(record.Slice(12 + BankKey.Bytes, 32));

    /// <summary>The values of a whole record.</summary>
    public static float[] Values(ReadOnlySpan<byte> record) => MemoryMarshal.Cast<byte, float>(record[HeaderBytes..]).ToArray();

    private static byte[] Hash(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header[..(12 + BankKey.Bytes)]);
        hash.AppendData(payload);
        return hash.GetHashAndReset();
    }
}
