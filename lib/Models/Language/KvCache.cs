namespace Aim.Models;

/// <summary>A layer's cache for one decoding step.</summary>
/// <param name="Keys">[b, hk, capacity, d], rotated.</param>
/// <param name="Values">As <paramref name="Keys"/>.</param>
/// <param name="Length">Rows that are filled; the next is free.</param>
/// <param name="Mask">Of Length + 1 rows.</param>
internal readonly record struct KvRows(Tensor Keys, Tensor Values, int Length, AttentionMask Mask);

/// <summary>
/// Keys and values of every layer after a prefill. Layers differ in length where tokens were removed on the way, so each has its own
/// tensors [b, hk, capacity, d], its own count, and its own first real row per sample (rows are padded on the left).
/// </summary>
public sealed class KvCache : IDisposable
{
    private readonly Layer[] _layers;
    private readonly int[] _nextPosition;

    internal KvCache(int layers, int[] nextPosition)
    {
        _layers = new Layer[layers];
        _nextPosition = nextPosition;
    }

    /// <summary>Samples in the batch.</summary>
    public int Batch => _nextPosition.Length;

    /// <summary>Rows that a layer's cache holds, padding included.</summary>
    public int Length(int layer) => _layers[layer].Length;

    /// <summary>Keys (and values) that sample <paramref name="item"/> has in a layer, padding left out.</summary>
    public int Count(int layer, int item) => _layers[layer].Length - (_layers[layer].Start?[item] ?? 0);

    /// <summary>The rotary position of each sample's next token: the unpruned prompt's length + t (+ rope_delta with M-RoPE).</summary>
    public IReadOnlyList<int> NextPosition => _nextPosition;

    /// <summary>After a token has gone through every layer: each cache is a row longer.</summary>
    internal void Advance()
    {
        foreach (var layer in _layers)
            layer.Length++;
        for (int i = 0; i < _nextPosition.Length; i++)
            _nextPosition[i]++;
    }

    /// <summary>Stores a layer's prompt. Key and value [b, hk, n, d] are copied.</summary>
    /// <param name="index">The layer.</param>
    /// <param name="key">[b, hk, n, d].</param>
    /// <param name="value">[b, hk, n, d].</param>
    /// <param name="start">First real row of each sample.</param>
    /// <param name="visible">[b, n] bool, what the layer saw in masked mode, copied; null when it saw all of it.</param>
    internal void Fill(int index, Tensor key, Tensor value, int[]? start, Tensor? visible)
    {
        int length = (int)key.shape[2];
        int capacity = length + 16;
        _layers[index] = new Layer
        {
            Keys = Grow(key, 2, length, capacity),
            Values = Grow(value, 2, length, capacity),
            Visible = visible is null ? null : Grow(visible, 1, length, capacity),
            Length = length,
            Capacity = capacity,
            Start = start,
        };
    }

    /// <summary>
    /// A layer's cache with room for the next token's row, which the caller fills; <see cref="Advance"/> counts it. The room
    /// doubles when it is used up.
    /// </summary>
    internal KvRows Next(int index)
    {
        var layer = _layers[index];
        if (layer.Length == layer.Capacity)
        {
            int capacity = 2 * layer.Capacity;
            var (keys, values, shown) = (layer.Keys, layer.Values, layer.Visible);
            layer.Keys = Grow(keys, 2, layer.Length, capacity);
            layer.Values = Grow(values, 2, layer.Length, capacity);
            layer.Visible = shown is null ? null : Grow(shown, 1, layer.Length, capacity);
            layer.Capacity = capacity;
            keys.Dispose();
            values.Dispose();
            shown?.Dispose();
        }

        var visible = layer.Visible?.narrow(1, 0, layer.Length + 1);
        return new KvRows(layer.Keys, layer.Values, layer.Length, new AttentionMask(true, layer.Start, visible));
    }

    /// <summary>A copy with room along a dimension. A mask shows what is to come: what decoding adds is always seen.</summary>
    private static Tensor Grow(Tensor rows, int dim, int length, int capacity)
    {
        long[] shape = rows.shape;
        shape[dim] = capacity;
        var grown = rows.dtype == ScalarType.Bool
            ? ones(shape, rows.dtype, rows.device)
            : zeros(shape, rows.dtype, rows.device);
        grown.narrow(dim, 0, length).copy_(rows.narrow(dim, 0, length));
        return grown.DetachFromDisposeScope();
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var layer in _layers)
        {
            layer?.Keys.Dispose();
            layer?.Values.Dispose();
            layer?.Visible?.Dispose();
        }
    }

    private sealed class Layer
    {
        public required Tensor Keys { get; set; }

        public required Tensor Values { get; set; }

        public required Tensor? Visible { get; set; }

        public required int Length { get; set; }

        public required int Capacity { get; set; }

        public required int[]? Start { get; init; }
    }
}
