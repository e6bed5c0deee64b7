namespace Aim.Models;

/// <summary>A layer's cache for one decoding step.</summary>
/// <param name="Keys">[b, hk, capacity, d], rotated.</param>
/// <param name="Values">As <paramref name="Keys"/>.</param>
/// <param name="Length">Rows that are filled; the next is free.</param>
/// <param name="Mask">Of Length + 1 rows.</param>
internal readonly record struct KvRows(Tensor Keys, Tensor Values, int Length, AttentionMask Mask);

/// <summary>A layer's prompt beside its keys and values.</summary>
/// <param name="Start">First real row of each sample.</param>
/// <param name="Visible">[b, n] bool, what the layer saw in masked mode; null when it saw all of it.</param>
/// <param name="Bias">[b, n], what the layer's attention adds to the scores of each key; null: nothing.</param>
/// <param name="Next">The rotary position that each sample's first new token has in this layer.</param>
/// <param name="Visual">For each sample the rows of the visual tokens that the layer saw.</param>
internal sealed record KvPrompt(int[]? Start, Tensor? Visible, Tensor? Bias, int[] Next, int[][] Visual);

/// <summary>What a cache held when it was marked: <see cref="KvCache.Rewind"/> goes back to it.</summary>
public sealed class KvMark
{
    internal KvMark(int[] lengths, int[] next, int[][][] visual) => (Lengths, Next, Visual) = (lengths, next, visual);

    internal int[] Lengths { get; }

    internal int[] Next { get; }

    internal int[][][] Visual { get; }
}

/// <summary>
/// Keys and values of every layer after a prefill. Layers differ in length where tokens were removed on the way, so each has
/// its own tensors [b, hk, capacity, d], its own count, and its own first real row per sample (rows are padded on the left).
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
    public int Count(int layer, int item) => _layers[layer].Length - (_layers[layer].Prompt.Start?[item] ?? 0);

    /// <summary>
    /// The rotary position of each sample's next token: the unpruned prompt's length + t (+ rope_delta with M-RoPE). A layer
    /// whose tokens were renumbered has its own.
    /// </summary>
    public IReadOnlyList<int> NextPosition => _nextPosition;

    /// <summary>The rotary position of each sample's next token in a layer.</summary>
    public IReadOnlyList<int> NextPositionOf(int layer) => PositionsOf(layer);

    /// <summary><see cref="NextPosition"/> itself where the layer was not renumbered.</summary>
    internal int[] PositionsOf(int layer)
        => Shift(layer) is { } shift ? [.. _nextPosition.Select((p, b) => p + shift[b])] : _nextPosition;

    /// <summary>What renumbering moved a layer's positions by; the same array for layers that were renumbered together.</summary>
    internal int[]? Shift(int layer) => _layers[layer].Shift;

    /// <summary>For each sample the rows of a layer's cache that hold visual tokens.</summary>
    internal int[][] Visual(int layer) => _layers[layer].Prompt.Visual;

    /// <summary>First real row of each sample in a layer; null where nothing is padded.</summary>
    internal int[]? Start(int layer) => _layers[layer].Prompt.Start;

    /// <summary>After a token has gone through every layer: each cache is a row longer.</summary>
    internal void Advance()
    {
        foreach (var layer in _layers)
            layer.Length++;
        for (int i = 0; i < _nextPosition.Length; i++)
            _nextPosition[i]++;
    }

    /// <summary>After several tokens have gone through every layer (<see cref="Append"/>).</summary>
    /// <param name="rows">How many.</param>
    /// <param name="taken">Positions that each sample's took.</param>
    /// <param name="layout">Which of them are visual.</param>
    internal void Advance(int rows, int[] taken, IReadOnlyList<PromptLayout> layout)
    {
        foreach (var layer in _layers)
        {
            int first = layer.Length;
            layer.Prompt = layer.Prompt with
            {
                Visual = [.. layer.Prompt.Visual.Select(
                    (held, b) => (int[])[.. held, .. layout[b].VisualSlots.Select(s => first + s)])],
            };
            layer.Length += rows;
        }

        for (int i = 0; i < _nextPosition.Length; i++)
            _nextPosition[i] += taken[i];
    }

    /// <summary>Remembers what the cache holds now.</summary>
    public KvMark Mark() => new(
        [.. _layers.Select(l => l.Length)], [.. _nextPosition], [.. _layers.Select(l => l.Prompt.Visual)]);

    /// <summary>Drops what came behind a mark of this cache. Nothing is copied or freed: the rows are written anew.</summary>
    /// <exception cref="ArgumentException">The mark is another cache's, or lies ahead.</exception>
    public void Rewind(KvMark mark)
    {
        ArgumentNullException.ThrowIfNull(mark);
        if (mark.Lengths.Length != _layers.Length || mark.Next.Length != Batch
            || mark.Lengths.Zip(_layers).Any(l => l.First > l.Second.Length))
        {
            throw new ArgumentException("the mark was not made of what this cache begins with", nameof(mark));
        }

        for (int i = 0; i < _layers.Length; i++)
        {
            _layers[i].Length = mark.Lengths[i];
            _layers[i].Prompt = _layers[i].Prompt with { Visual = mark.Visual[i] };
        }

        mark.Next.CopyTo(_nextPosition, 0);
    }

    /// <summary>Bytes of the keys and values that are held, room that is not filled left out.</summary>
    public long Bytes => _layers.Sum(l => 2L * sizeof(float) * l.Length * l.Keys.shape[0] * l.Keys.shape[1] * l.Keys.shape[3]);

    /// <summary>
    /// Writes rows behind a layer's own, and gives all of them with their mask;
    /// <see cref="Advance(int, int[], IReadOnlyList{PromptLayout})"/> counts them.
    /// </summary>
    internal (Tensor Keys, Tensor Values, AttentionMask Mask) Append(int index, Tensor key, Tensor value)
    {
        var layer = _layers[index];
        int rows = (int)key.shape[2], all = layer.Length + rows;
        Reserve(layer, all);
        layer.Keys.narrow(2, layer.Length, rows).copy_(key);
        layer.Values.narrow(2, layer.Length, rows).copy_(value);
        return (layer.Keys.narrow(2, 0, all), layer.Values.narrow(2, 0, all),
            new AttentionMask(true, layer.Prompt.Start, layer.Visible?.narrow(1, 0, all), layer.Bias?.narrow(1, 0, all)));
    }

    /// <summary>Stores a layer's prompt. Key, value and mask are copied.</summary>
    /// <param name="index">The layer.</param>
    /// <param name="key">[b, hk, n, d].</param>
    /// <param name="value">[b, hk, n, d].</param>
    /// <param name="prompt">What else is known of the rows.</param>
    internal void Fill(int index, Tensor key, Tensor value, KvPrompt prompt)
    {
        int length = (int)key.shape[2];
        int capacity = length + 16;
        bool together = index > 0 && ReferenceEquals(_layers[index - 1].Prompt.Next, prompt.Next);
        _layers[index] = new Layer
        {
            Keys = Grow(key, 2, length, capacity),
            Values = Grow(value, 2, length, capacity),
            Visible = prompt.Visible is { } visible ? Grow(visible, 1, length, capacity) : null,
            Bias = prompt.Bias is { } bias ? Grow(bias, 1, length, capacity) : null,
            Length = length,
            Capacity = capacity,
            Prompt = prompt,
            Shift = together ? _layers[index - 1].Shift
                : ReferenceEquals(prompt.Next, _nextPosition) ? null : [.. prompt.Next.Select((p, b) => p - _nextPosition[b])],
        };
    }

    /// <summary>
    /// A cache of its own for some of the samples, each of which may be taken several times: what options of one prompt go on
    /// from.
    /// </summary>
    /// <param name="items">The samples, in the new cache's order.</param>
    internal KvCache Select(int[] items)
    {
        T[] Pick<T>(T[] from) => Array.ConvertAll(items, item => from[item]);
        var selected = new KvCache(_layers.Length, Pick(_nextPosition));
        using var scope = NewDisposeScope();
        var index = tensor(Array.ConvertAll(items, i => (long)i)).to(_layers[0].Keys.device);
        Tensor Rows(Tensor x) => x.index_select(0, index).DetachFromDisposeScope();
        for (int l = 0; l < _layers.Length; l++)
        {
            var from = _layers[l];
            bool together = l > 0 && ReferenceEquals(from.Shift, _layers[l - 1].Shift);
            selected._layers[l] = new Layer
            {
                Keys = Rows(from.Keys),
                Values = Rows(from.Values),
                Visible = from.Visible is { } visible ? Rows(visible) : null,
                Bias = from.Bias is { } bias ? Rows(bias) : null,
                Length = from.Length,
                Capacity = from.Capacity,
                Prompt = from.Prompt with
                {
                    Start = from.Prompt.Start is { } start ? Pick(start) : null,
                    Next = Pick(from.Prompt.Next),
                    Visual = Pick(from.Prompt.Visual),
                },
                Shift = together ? selected._layers[l - 1].Shift : from.Shift is { } shift ? Pick(shift) : null,
            };
        }

        return selected;
    }

    /// <summary>
    /// A layer's cache with room for the next token's row, which the caller fills; <see cref="Advance()"/> counts it. The room
    /// doubles when it is used up.
    /// </summary>
    /// <param name="index">The layer.</param>
    /// <param name="shown">[b, Length + 1] bool, what this step sees; null: all that is not hidden for good.</param>
    internal KvRows Next(int index, Tensor? shown = null)
    {
        var layer = _layers[index];
        Reserve(layer, layer.Length + 1);
        var visible = shown ?? layer.Visible?.narrow(1, 0, layer.Length + 1);
        return new KvRows(layer.Keys, layer.Values, layer.Length,
            new AttentionMask(true, layer.Prompt.Start, visible, layer.Bias?.narrow(1, 0, layer.Length + 1)));
    }

    private static void Reserve(Layer layer, int rows)
    {
        if (rows <= layer.Capacity)
            return;
        int capacity = Math.Max(rows, 2 * layer.Capacity);
        var (keys, values, mask, bias) = (layer.Keys, layer.Values, layer.Visible, layer.Bias);
        layer.Keys = Grow(keys, 2, layer.Length, capacity);
        layer.Values = Grow(values, 2, layer.Length, capacity);
        layer.Visible = mask is null ? null : Grow(mask, 1, layer.Length, capacity);
        layer.Bias = bias is null ? null : Grow(bias, 1, layer.Length, capacity);
        layer.Capacity = capacity;
        keys.Dispose();
        values.Dispose();
        mask?.Dispose();
        bias?.Dispose();
    }

    /// <summary>
    /// A copy with room along a dimension. A mask shows what is to come: what decoding adds is always seen. A bias has 0 for it.
    /// </summary>
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
            layer?.Bias?.Dispose();
        }
    }

    private sealed class Layer
    {
        public required Tensor Keys { get; set; }

        public required Tensor Values { get; set; }

        public required Tensor? Visible { get; set; }

        public required Tensor? Bias { get; set; }

        public required int Length { get; set; }

        public required int Capacity { get; set; }

        public required KvPrompt Prompt { get; set; }

        public required int[]? Shift { get; init; }
    }
}
