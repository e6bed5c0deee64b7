using Aim.Tensors.Kernels;

namespace Aim.Tensors;

/// <content>The managed engine keeps weights in their file's type.</content>
public sealed unsafe partial class Weight
{
    /// <summary>Bytes that are read from a file and widened at a time.</summary>
    private const int Piece = 1 << 20;

    private readonly WeightMemory? _memory;
    private int _freed;

    private Weight(string name, long[] shape, ScalarType dtype, WeightResidency residency, WeightMemory memory)
    {
        Name = name;
        Dtype = dtype;
        Residency = residency;
        _shape = shape;
        _memory = memory;
    }

    /// <summary>True if the values lie in a float32 tensor.</summary>
    internal bool IsTensor => _memory is null;

    /// <summary>The shape itself, not to be written to.</summary>
    internal long[] Dimensions => _shape;

    /// <summary>A float32 copy in the innermost dispose scope; for a mapped or packed weight as large as the name says.</summary>
    public Tensor Widen()
    {
        if (_tensor is not null)
            return _tensor.detach().clone();
        var y = Tensor.Empty(_shape, ScalarType.Float32);
        using var held = Hold();
        Rows(held.Matrix, 0, held.Matrix.Rows, y.Floats);
        return y;
    }

    /// <summary>Copies whole rows of the last dimension, widened exactly, without a copy of the rest.</summary>
    /// <param name="row">The first row, all dimensions but the last counted as one.</param>
    /// <param name="target">Room for a whole number of rows.</param>
    public void CopyRows(long row, Span<float> target)
    {
        if (target.Length % Math.Max(1, Columns) != 0 || row < 0 || (row * Columns) + target.Length > Count)
            throw new ArgumentException($"{target.Length} values from row {row} are not whole rows of weight '{Name}' "
                + $"[{string.Join(", ", _shape)}]", nameof(target));
        if (_tensor is not null)
        {
            using var packed = Packed(_tensor);
            new ReadOnlySpan<float>(packed.Floats + (row * Columns), target.Length).CopyTo(target);
            return;
        }

        using var held = Hold();
        fixed (float* to = target)
        {
            Rows(held.Matrix, (int)row, (int)(target.Length / Math.Max(1, Columns)), to);
        }
    }

    /// <summary>The memory of a weight that is no tensor, for the time of a kernel.</summary>
    /// <exception cref="ObjectDisposedException">The store was disposed.</exception>
    /// <exception cref="IOException">The mapped file has been cut.</exception>
    internal HeldWeight Hold()
    {
        var memory = _memory!;
        if (!memory.TryHold())
            throw new ObjectDisposedException($"weight '{Name}'", "the WeightStore that owned this weight was disposed");
        try
        {
            memory.CheckReadable();
        }
        catch
        {
            memory.Release();
            throw;
        }

        return new HeldWeight(memory);
    }

    internal void Free()
    {
        _tensor?.Dispose();
        if (Interlocked.Exchange(ref _freed, 1) == 0)
            _memory?.Release();
    }

    /// <summary>A file's weight as a float32 tensor.</summary>
    internal static Tensor ReadTensor(WeightRange range)
    {
        var y = Tensor.Empty(range.Shape, ScalarType.Float32);
        var (type, size) = TypeOf(range.Dtype);
        var count = y.numel();
        if (type == WeightType.Float32)
        {
            Read(range.File, range.Offset, y.Data, count * sizeof(float));
            return y;
        }

        var piece = MemoryPool.Rent(Piece, out var sizeClass);
        try
        {
            for (long from = 0; from < count; from += Piece / size)
            {
                var n = (int)Math.Min(Piece / size, count - from);
                Read(range.File, range.Offset + (from * size), piece, (long)n * size);
                WeightGemm.Unpack(new WeightMatrix { Data = piece, Type = type, Rows = 1, Columns = n }, 0, y.Floats + from);
            }
        }
        finally
        {
            MemoryPool.Return(piece, sizeClass);
        }

        return y;
    }

    /// <summary>A file's weight in the file's type.</summary>
    internal static Weight Read(string name, WeightRange range, WeightResidency residency)
    {
        var (type, size) = TypeOf(range.Dtype);
        var shape = range.Shape.ToArray();
        var columns = checked((int)(shape.Length == 0 ? 1 : shape[^1]));
        var rows = checked((int)(Shapes.Count(shape) / columns));
        if (residency == WeightResidency.Mapped)
        {
            return new Weight(name, shape, range.Dtype, residency,
                WeightMemory.Map(range.File, range.Offset, range.ByteLength, type, rows, columns));
        }

        // Read, not mapped: a file that is cut meanwhile is an exception, and its pages do not count as the process's.
        var line = (long)columns * size;
        return new Weight(name, shape, range.Dtype, residency, WeightMemory.Pack(type, rows, columns,
            (row, count, target) => Read(range.File, range.Offset + (row * line), target, count * line)));
    }

    /// <summary>The rows of several checked weights, packed as one.</summary>
    internal static Weight Stack(string name, IReadOnlyList<Weight> parts)
    {
        var (type, size) = TypeOf(parts[0].Dtype);
        var line = parts[0].Columns * size;
        var rows = checked((int)parts.Sum(p => p._shape[0]));
        return new Weight(name, [rows, parts[0].Columns], parts[0].Dtype, WeightResidency.Packed,
            WeightMemory.Pack(type, rows, (int)parts[0].Columns, (row, count, target) =>
            {
                foreach (var part in parts)
                {
                    // What of [row, row + count) lies in this part; row counts from its first.
                    var own = (int)part._shape[0];
                    var (from, to) = (Math.Max(row, 0), Math.Min(row + count, own));
                    if (from < to)
                        part.CopyBytes(from * line, target + ((from - row) * line), (to - from) * line);
                    row -= own;
                }
            }));
    }

    private void CopyBytes(long from, byte* target, long length)
    {
        if (_tensor is not null)
        {
            using var packed = Packed(_tensor);
            Buffer.MemoryCopy(packed.Data + from, target, length, length);
            return;
        }

        using var held = Hold();
        Read(_memory!.File!, _memory.Offset + from, target, length);
    }

    /// <summary>A handle of the caller's on contiguous values.</summary>
    private static Tensor Packed(Tensor tensor) =>
        tensor.is_contiguous() ? tensor.Alias() : Copy.Contiguous(tensor, register: false);

    private static void Rows(WeightMatrix matrix, int row, int count, float* target) =>
        Work.Rows(count, matrix.Columns, (from, to) =>
        {
            for (var i = from; i < to; i++)
                WeightGemm.Unpack(matrix, row + (int)i, target + (i * matrix.Columns));
        });

    private static void Read(WeightFile file, long offset, byte* target, long bytes)
    {
        for (long from = 0; from < bytes; from += Piece)
            file.Read(offset + from, new Span<byte>(target + from, (int)Math.Min(Piece, bytes - from)));
    }

    private static (WeightType Type, int Size) TypeOf(ScalarType dtype) => dtype switch
    {
        ScalarType.BFloat16 => (WeightType.BFloat16, 2),
        ScalarType.Float16 => (WeightType.Float16, 2),
        _ => (WeightType.Float32, 4),
    };
}
