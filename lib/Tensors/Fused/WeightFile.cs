using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Aim.Tensors;

/// <summary>How a <see cref="WeightStore"/> keeps a weight that comes from a file.</summary>
public enum WeightResidency
{
    /// <summary>A float32 tensor of its own, whatever the file's type: norms, biases, positions, whatever trains.</summary>
    Widened,

    /// <summary>The file's own pages, in its type and at any alignment: look-up tables, weights that are seldom used.</summary>
    Mapped,

    /// <summary>A copy in the file's type, laid out for the matrix product: the weights of linear maps.</summary>
    Packed,
}

/// <summary>Where a weight lies in a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Offset">Its first byte; any number, aligned or not.</param>
/// <param name="Dtype">Float32, BFloat16 or Float16, little-endian.</param>
/// <param name="Shape">Its dimensions, row-major.</param>
public readonly record struct WeightRange(WeightFile File, long Offset, ScalarType Dtype, long[] Shape)
{
    /// <summary>Bytes of the range.</summary>
    /// <exception cref="ArgumentException">The type is not one of weights, or the size overflows.</exception>
    public long ByteLength
    {
        get
        {
            long bytes = Dtype switch
            {
                ScalarType.Float32 => 4,
                ScalarType.BFloat16 or ScalarType.Float16 => 2,
                _ => throw new ArgumentException($"weights are Float32, BFloat16 or Float16, not {Dtype}"),
            };
            foreach (var size in Shape)
                bytes = checked(bytes * size);
            return bytes;
        }
    }
}

/// <summary>
/// A file that weights are read from or mapped from. Mapped weights hold it open until their store is disposed, so that whoever
/// opened it may dispose it after loading. Writers that replace a file by renaming do not disturb it. One that is cut short
/// meanwhile gives an <see cref="IOException"/> at the next use of a mapped weight, since its length is compared before each;
/// only a cut during a product ends the process, as it does for every memory map.
/// </summary>
public sealed unsafe class WeightFile : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SafeFileHandle _handle;
    private MemoryMappedFile? _mapping;
    private MemoryMappedViewAccessor? _view;
    private byte* _address;
    private int _holders = 1;
    private bool _disposed;

    private WeightFile(string path, SafeFileHandle handle)
    {
        FilePath = path;
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
    }

    /// <summary>The path that was opened.</summary>
    public string FilePath { get; }

    /// <summary>Its length in bytes when it was opened.</summary>
    public long Length { get; }

    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static WeightFile Open(string path)
    {
        var handle = File.OpenHandle(path, options: FileOptions.RandomAccess);
        try
        {
            return new WeightFile(path, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads bytes, without mapping anything.</summary>
    /// <exception cref="EndOfStreamException">The file ends before: it has been cut since it was opened.</exception>
    public void Read(long offset, Span<byte> target)
    {
        while (target.Length > 0)
        {
            var read = RandomAccess.Read(_handle, target, offset);
            if (read == 0)
                throw Cut(offset);
            target = target[read..];
            offset += read;
        }
    }

    /// <summary>Closes the file once the mapped weights have let go of it, too.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        Release();
    }

    /// <summary>Maps the file; each call wants a <see cref="Release"/>.</summary>
    internal byte* Map()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_holders == 0, this);
            if (_address == null)
            {
                _mapping = MemoryMappedFile.CreateFromFile(_handle, null, 0, MemoryMappedFileAccess.Read,
                    HandleInheritability.None, leaveOpen: true);
                _view = _mapping.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
                _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _address);
                _address += _view.PointerOffset;
            }

            _holders++;
            return _address;
        }
    }

    /// <exception cref="EndOfStreamException">The file no longer reaches <paramref name="end"/>.</exception>
    internal void CheckReaches(long end)
    {
        var length = RandomAccess.GetLength(_handle);
        if (length < end)
            throw Cut(length);
    }

    internal void Release()
    {
        lock (_gate)
        {
            if (--_holders > 0)
                return;
            if (_address != null)
                _view!.SafeMemoryMappedViewHandle.ReleasePointer();
            _address = null;
            _view?.Dispose();
            _mapping?.Dispose();
            _handle.Dispose();
        }
    }

    private EndOfStreamException Cut(long at) =>
        new($"{FilePath}: ends at byte {at} where {Length} were; it has been cut since it was opened");
}
