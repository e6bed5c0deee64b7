using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Aim.Models;

/// <summary>Copies whole rows of a float tensor from row <paramref name="first"/> on.</summary>
public delegate void RowReader(long first, Span<float> target);

/// <summary>
/// One tensor to be written: made by <see cref="Float"/>, <see cref="Rows"/>, <see cref="Int64"/> or <see cref="Bytes"/>.
/// </summary>
public sealed class SafetensorsEntry
{
    private readonly Action<Stream> _write;

    private SafetensorsEntry(string name, SafetensorsType dtype, IReadOnlyList<long> shape, long length, Action<Stream> write)
    {
        long count = shape.Aggregate(1L, (product, side) => checked(product * side));
        if (count != length)
        {
            throw new ArgumentException(
                $"{name}: shape [{string.Join(", ", shape)}] holds {count} values, but {length} are given", nameof(shape));
        }

        Name = name;
        Dtype = dtype;
        Shape = shape;
        ByteLength = checked(count * dtype.Size());
        _write = write;
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>Its element type in the file.</summary>
    public SafetensorsType Dtype { get; }

    /// <summary>Its dimensions, outermost first.</summary>
    public IReadOnlyList<long> Shape { get; }

    internal long ByteLength { get; }

    /// <summary>A float tensor, written as F32, or as BF16 or F16 rounded to nearest, ties to even.</summary>
    public static SafetensorsEntry Float(
        string name, SafetensorsType dtype, IReadOnlyList<long> shape, ReadOnlyMemory<float> values)
        => dtype is SafetensorsType.F32 or SafetensorsType.BF16 or SafetensorsType.F16
            ? new(name, dtype, shape, values.Length, stream => WriteFloats(stream, dtype, values.Span))
            : throw new ArgumentException($"{name}: floats are written as F32, BF16 or F16, not {dtype}", nameof(dtype));

    /// <summary>A float tensor that is fetched some rows at a time, when it is written.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="dtype">F32, BF16 or F16.</param>
    /// <param name="shape">Its dimensions, of which <paramref name="columns"/> must divide the product.</param>
    /// <param name="columns">Values of a row, as <paramref name="read"/> counts them.</param>
    /// <param name="read">Copies rows.</param>
    public static SafetensorsEntry Rows(
        string name, SafetensorsType dtype, IReadOnlyList<long> shape, int columns, RowReader read)
    {
        long count = shape.Aggregate(1L, (product, side) => checked(product * side));
        return new(name, dtype, shape, count, stream =>
        {
            int rows = Math.Max(1, (1 << 18) / Math.Max(1, columns));
            var piece = new float[Math.Min(count, (long)rows * columns)];
            for (long done = 0; done < count; done += piece.Length)
            {
                var part = piece.AsSpan(0, (int)Math.Min(piece.Length, count - done));
                read(done / columns, part);
                WriteFloats(stream, dtype, part);
            }
        });
    }

    /// <summary>An I64 tensor.</summary>
    public static SafetensorsEntry Int64(string name, IReadOnlyList<long> shape, ReadOnlyMemory<long> values)
        => new(name, SafetensorsType.I64, shape, values.Length, stream => stream.Write(MemoryMarshal.AsBytes(values.Span)));

    /// <summary>A U8 tensor.</summary>
    public static SafetensorsEntry Bytes(string name, IReadOnlyList<long> shape, ReadOnlyMemory<byte> values)
        => new(name, SafetensorsType.U8, shape, values.Length, stream => stream.Write(values.Span));

    internal void WriteTo(Stream stream) => _write(stream);

    private static void WriteFloats(Stream stream, SafetensorsType dtype, ReadOnlySpan<float> values)
    {
        if (dtype == SafetensorsType.F32)
        {
            stream.Write(MemoryMarshal.AsBytes(values));
            return;
        }

        var piece = new ushort[Math.Min(values.Length, 1 << 15)];
        while (values.Length > 0)
        {
            int n = Math.Min(piece.Length, values.Length);
            for (int i = 0; i < n; i++)
            {
                piece[i] = dtype == SafetensorsType.BF16
                    ? SafetensorsTypes.ToBFloat16(values[i])
                    : BitConverter.HalfToUInt16Bits((Half)values[i]);
            }

            stream.Write(MemoryMarshal.AsBytes(piece.AsSpan(0, n)));
            values = values[n..];
        }
    }
}

/// <summary>
/// Writes safetensors files: atomically, and the same tensors give the same bytes whatever order they come in (wide types first,
/// then by name, as the format's own writer does, so that every tensor is aligned).
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">Where; the directory is made if need be.</param>
    /// <param name="entries">The tensors; names must differ.</param>
    /// <param name="metadata">Strings for <c>__metadata__</c>; by default <c>format: pt</c>, which Hugging Face's loaders ask
    /// for.</param>
    public static void Write(
        string path, IEnumerable<SafetensorsEntry> entries, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var sorted = entries.OrderByDescending(e => e.Dtype.Size()).ThenBy(e => e.Dtype)
            .ThenBy(e => e.Name, StringComparer.Ordinal).ToList();
        byte[] header = Header(sorted, metadata ?? new Dictionary<string, string> { ["format"] = "pt" });
        AtomicFile.Write(path, stream =>
        {
            Span<byte> prefix = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
            stream.Write(prefix);
            stream.Write(header);
            foreach (var entry in sorted)
                entry.WriteTo(stream);
        });
    }

    private static byte[] Header(List<SafetensorsEntry> sorted, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(
            buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            var seen = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
            long position = 0;
            foreach (var entry in sorted)
            {
                if (!seen.Add(entry.Name))
                    throw new ArgumentException($"tensor {entry.Name} is given twice");
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", entry.Dtype.ToString());
                json.WriteStartArray("shape");
                foreach (long side in entry.Shape)
                    json.WriteNumberValue(side);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(position);
                json.WriteNumberValue(position += entry.ByteLength);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // Spaces up to a multiple of 8 keep the data aligned.
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        if (buffer.Length > SafetensorsTypes.HeaderCap)
            throw new ArgumentException($"a header of {buffer.Length} bytes exceeds the format's {SafetensorsTypes.HeaderCap}");
        return buffer.ToArray();
    }
}
