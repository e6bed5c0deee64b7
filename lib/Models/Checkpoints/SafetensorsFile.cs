using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Aim.Models;

/// <summary>
/// A safetensors file, opened strictly: the whole header is checked first (see <see cref="SafetensorsHeader"/>), so that no read
/// can leave the file or another tensor's bytes. Values are read when asked for and widened to 32 bits.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly WeightFile _file;
    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;

    private SafetensorsFile(WeightFile file, SafetensorsHeader header, long dataStart)
    {
        _file = file;
        _header = header;
        _dataStart = dataStart;
    }

    /// <summary>The path that was opened.</summary>
    public string FilePath => _file.FilePath;

    /// <summary>Names of the tensors, in the header's order.</summary>
    public IReadOnlyList<string> Names => _header.Names;

    /// <summary>The file's own strings (<c>__metadata__</c>).</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="CheckpointException">The file is missing, unreadable or not a well-formed safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        PlainFile.Check(path, "a safetensors file is expected");
        WeightFile? file = null;
        try
        {
            file = WeightFile.Open(path);
            var opened = Open(file);
            file = null;
            return opened;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException($"{path}: no such file; a safetensors file is expected", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException and not CheckpointException))
        {
            throw new CheckpointException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        finally
        {
            file?.Dispose();
        }
    }

    private static SafetensorsFile Open(WeightFile file)
    {
        string path = file.FilePath;
        long length = file.Length;
        if (length < 8)
        {
            throw new CheckpointException(
                $"{path}: only {length} bytes long; a safetensors file begins with 8 bytes of header length");
        }

        Span<byte> prefix = stackalloc byte[8];
        ReadFully(file, prefix, 0);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafetensorsTypes.HeaderCap)
        {
            throw new CheckpointException(
                $"{path}: a header of {headerLength} bytes is announced, more than {SafetensorsTypes.HeaderCap}; "
                + "this is not a safetensors file");
        }

        if ((long)headerLength > length - 8)
        {
            throw new CheckpointException(
                $"{path}: a header of {headerLength} bytes is announced, but {length - 8} are there; the file is truncated");
        }

        var bytes = new byte[(int)headerLength];
        ReadFully(file, bytes, 8);
        long dataStart = 8 + (long)headerLength;
        return new SafetensorsFile(file, SafetensorsHeader.Parse(path, bytes, length - dataStart), dataStart);
    }

    /// <summary>Whether the file holds a tensor of this name.</summary>
    public bool Contains(string name) => _header.Tensors.ContainsKey(name);

    /// <summary>Type and shape of a tensor.</summary>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    public SafetensorsInfo Info(string name) => Find(name).Info;

    /// <summary>
    /// Where an F32, F16 or BF16 tensor lies, for a <see cref="WeightStore"/>. This file must be open when it is added; mapped
    /// weights hold it open by themselves.
    /// </summary>
    /// <exception cref="CheckpointException">There is no such tensor, or it has another type.</exception>
    public WeightRange Range(string name)
    {
        var entry = Find(name);
        return new WeightRange(_file, _dataStart + entry.Begin, entry.Info.Dtype switch
        {
            SafetensorsType.F32 => ScalarType.Float32,
            SafetensorsType.F16 => ScalarType.Float16,
            SafetensorsType.BF16 => ScalarType.BFloat16,
            _ => throw NotFloat(name, entry),
        }, entry.Info.Shape);
    }

    /// <summary>The values of an F32, F16 or BF16 tensor, row-major, widened exactly.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or it has another type.</exception>
    public float[] ReadFloat32(string name)
    {
        var entry = Find(name);
        var result = new float[Length(name, entry)];
        switch (entry.Info.Dtype)
        {
            case SafetensorsType.F32:
                ReadFully(_file, MemoryMarshal.AsBytes(result.AsSpan()), _dataStart + entry.Begin);
                break;
            case SafetensorsType.F16 or SafetensorsType.BF16:
                ReadHalves(entry, result);
                break;
            default:
                throw NotFloat(name, entry);
        }

        return result;
    }

    /// <summary>The values of an I64, I32, U16 or U8 tensor, row-major, widened.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or it has another type.</exception>
    public long[] ReadInt64(string name)
    {
        var entry = Find(name);
        var result = new long[Length(name, entry)];
        switch (entry.Info.Dtype)
        {
            case SafetensorsType.I64:
                ReadFully(_file, MemoryMarshal.AsBytes(result.AsSpan()), _dataStart + entry.Begin);
                break;
            case SafetensorsType.I32:
                var ints = new int[result.Length];
                ReadFully(_file, MemoryMarshal.AsBytes(ints.AsSpan()), _dataStart + entry.Begin);
                for (int i = 0; i < ints.Length; i++)
                    result[i] = ints[i];
                break;
            case SafetensorsType.U16:
                var halves = new ushort[result.Length];
                ReadFully(_file, MemoryMarshal.AsBytes(halves.AsSpan()), _dataStart + entry.Begin);
                for (int i = 0; i < halves.Length; i++)
                    result[i] = halves[i];
                break;
            case SafetensorsType.U8:
                byte[] bytes = ReadBytes(name);
                for (int i = 0; i < bytes.Length; i++)
                    result[i] = bytes[i];
                break;
            default:
                throw new CheckpointException(
                    $"{FilePath}: tensor {name} is {entry.Info.Dtype}, but must be I64, I32, U16 or U8");
        }

        return result;
    }

    /// <summary>A tensor's bytes as they lie in the file, little-endian.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or it does not fit an array.</exception>
    public byte[] ReadBytes(string name)
    {
        var entry = Find(name);
        if (entry.End - entry.Begin > Array.MaxLength)
        {
            throw new CheckpointException(
                $"{FilePath}: tensor {name} has {entry.End - entry.Begin} bytes, more than one array can hold");
        }

        var bytes = new byte[entry.End - entry.Begin];
        ReadFully(_file, bytes, _dataStart + entry.Begin);
        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private SafetensorsHeader.Entry Find(string name)
        => _header.Tensors.TryGetValue(name, out var entry)
            ? entry
            : throw new CheckpointException($"{FilePath}: there is no tensor {name} among its {Names.Count}");

    private CheckpointException NotFloat(string name, SafetensorsHeader.Entry entry)
        => new($"{FilePath}: tensor {name} is {entry.Info.Dtype}, but must be F32, F16 or BF16");

    private long Length(string name, SafetensorsHeader.Entry entry)
        => entry.Info.Count <= Array.MaxLength
            ? entry.Info.Count
            : throw new CheckpointException(
                $"{FilePath}: tensor {name} has {entry.Info.Count} values, more than one array can hold");

    // In pieces, so that a large 16-bit tensor needs no second copy of itself in memory.
    private void ReadHalves(SafetensorsHeader.Entry entry, float[] result)
    {
        var piece = new ushort[Math.Min(result.Length, 1 << 16)];
        for (int start = 0; start < result.Length; start += piece.Length)
        {
            var part = piece.AsSpan(0, Math.Min(piece.Length, result.Length - start));
            ReadFully(_file, MemoryMarshal.AsBytes(part), _dataStart + entry.Begin + (2L * start));
            if (entry.Info.Dtype == SafetensorsType.BF16)
            {
                for (int i = 0; i < part.Length; i++)
                    result[start + i] = SafetensorsTypes.FromBFloat16(part[i]);
            }
            else
            {
                for (int i = 0; i < part.Length; i++)
                    result[start + i] = (float)BitConverter.UInt16BitsToHalf(part[i]);
            }
        }
    }

    private static void ReadFully(WeightFile file, Span<byte> target, long offset)
    {
        try
        {
            file.Read(offset, target);
        }
        catch (IOException e)
        {
            throw new CheckpointException($"{file.FilePath}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
