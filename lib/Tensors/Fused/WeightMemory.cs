using Aim.Tensors.Kernels;

namespace Aim.Tensors;

/// <summary>
/// The native memory of a weight that is no tensor: a block of its own, or a range of a mapped file. Counted, so that a product
/// under way on another thread keeps it while its store is disposed.
/// </summary>
internal sealed unsafe class WeightMemory
{
    /// <summary>Bytes that are read and packed at a time.</summary>
    private const long Staged = 8 << 20;

    private readonly WeightFile? _file;
    private readonly long _bytes;
    private byte* _block;
    private int _holders = 1;

    private WeightMemory(byte* block, long bytes, WeightMatrix matrix)
    {
        _block = block;
        _bytes = bytes;
        Matrix = matrix;
    }

    private WeightMemory(WeightFile file, long offset, long bytes, WeightMatrix matrix)
    {
        (_file, Offset, _bytes) = (file, offset, bytes);
        Matrix = matrix;
    }

    ~WeightMemory() => Free();

    /// <summary>The rows; its address is valid between <see cref="TryHold"/> and <see cref="Release"/>.</summary>
    internal WeightMatrix Matrix { get; }

    /// <summary>The file that a mapped weight lies in; null for memory of its own.</summary>
    internal WeightFile? File => _file;

    /// <summary>Its first byte there.</summary>
    internal long Offset { get; }

    /// <summary>The file's pages from <paramref name="offset"/> on.</summary>
    internal static WeightMemory Map(WeightFile file, long offset, long bytes, WeightType type, int rows, int columns) =>
        new(file, offset, bytes,
            new WeightMatrix { Data = file.Map() + offset, Type = type, Rows = rows, Columns = columns });

    /// <summary>
    /// Panels of a row-major matrix, whole panels at a time through a small buffer: another of the matrix's size would leave
    /// holes in the process's memory, weight after weight.
    /// </summary>
    internal static WeightMemory Pack(WeightType type, int rows, int columns, RowSource read)
    {
        var panel = (long)WeightPack.Width * columns * WeightMatrix.SizeOf(type);
        var stage = (int)Math.Max(1, Staged / panel) * WeightPack.Width;
        var bytes = WeightGemm.PackedBytes(rows, columns, type);
        var staging = MemoryPool.Rent(panel * stage / WeightPack.Width, out var sizeClass);
        byte* block = null;
        try
        {
            block = MemoryPool.RentExactly(bytes);
            for (var row = 0; row < rows; row += stage)
            {
                var count = Math.Min(stage, rows - row);
                read(row, count, staging);
                WeightGemm.Pack(staging, type, count, columns, block + WeightGemm.PackedBytes(row, columns, type));
            }

            return new WeightMemory(block, bytes,
                new WeightMatrix { Data = block, Type = type, Rows = rows, Columns = columns, Packed = true });
        }
        catch when (block != null)
        {
            MemoryPool.ReturnExactly(block, bytes);
            throw;
        }
        finally
        {
            MemoryPool.Return(staging, sizeClass);
        }
    }

    /// <summary>Takes a reference; false once the memory is free.</summary>
    internal bool TryHold()
    {
        var holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            var before = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (before == holders)
                return true;
            holders = before;
        }

        return false;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
            return;
        Free();
        GC.SuppressFinalize(this);
    }

    /// <exception cref="IOException">A mapped file has been cut since.</exception>
    internal void CheckReadable() => _file?.CheckReaches(Offset + _bytes);

    private void Free()
    {
        _file?.Release();
        if (_block == null)
            return;
        MemoryPool.ReturnExactly(_block, _bytes);
        _block = null;
    }
}

/// <summary>Copies rows of a row-major weight in its own type.</summary>
internal unsafe delegate void RowSource(int row, int count, byte* target);

/// <summary>A weight's rows, kept alive while a kernel reads them.</summary>
internal readonly ref struct HeldWeight(WeightMemory memory)
{
    internal WeightMatrix Matrix => memory.Matrix;

    public void Dispose() => memory.Release();
}
