namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Uninitialised memory of a contiguous tensor's shape and type; both share what describes it.</summary>
        internal static Tensor Like(Tensor x) =>
            new(new TensorStorage(x.numel() * x.ElementSize), 0, x._shape, x._strides, x.dtype);
    }
}

/// <summary>
/// Memory that one or several tensors (views, saved values of the autograd graph) share. Counted by reference, so that a disposed
/// scope returns memory at once; the finalizer catches tensors that no scope owned.
/// </summary>
internal sealed unsafe class TensorStorage
{
    private readonly int _sizeClass;
    private int _references = 1;

    internal TensorStorage(long bytes)
    {
        Bytes = bytes;
        Data = MemoryPool.Rent(bytes, out _sizeClass);
    }

    ~TensorStorage() => Free();

    internal byte* Data { get; private set; }

    internal long Bytes { get; }

    /// <summary>Counts in-place writes: the autograd graph refuses saved values that changed since.</summary>
    internal int Version { get; set; }

    /// <summary>True when one tensor alone holds this memory, so that it may be overwritten unseen.</summary>
    internal bool IsExclusive => Volatile.Read(ref _references) == 1;

    internal TensorStorage AddReference()
    {
        Interlocked.Increment(ref _references);
        return this;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0)
            return;
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (Data == null)
            return;
        MemoryPool.Return(Data, _sizeClass);
        Data = null;
    }
}
