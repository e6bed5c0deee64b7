namespace Aim.Tensors.Kernels;

/// <summary>Strides in elements of a [batch, head, row, dim] operand; the last dimension is contiguous.</summary>
internal readonly record struct HeadStrides(long Batch, long Head, long Row)
{
    /// <summary>Strides of a contiguous [batch, heads, rows, dim].</summary>
    public static HeadStrides Contiguous(long heads, long rows, long dim) => new(heads * rows * dim, rows * dim, dim);

    /// <summary>Offset of a head of a batch item.</summary>
    public long At(int b, int head) => b * Batch + head * Head;

    /// <summary>Strides of [batch, rows, heads, dim] seen as [batch, heads, rows, dim].</summary>
    public static HeadStrides RowMajor(long heads, long rows, long dim) => new(heads * rows * dim, dim, heads * dim);
}

/// <summary>
/// The shape of one attention call: q [b, hq, nq, d], k and v [b, hk, nk, d], o [b, hq, nq, d], with hq a multiple of hk (query
/// head h reads key head h / (hq / hk)). Gradients have the strides of what they are gradients of. Query row i stands at key
/// position i + nk - nq. It sees key j when j >= start[b], keyVisible[b, j] is not 0, and, if causal, j is not after its own
/// position. A row that stands before start[b], or sees no key, gives zeros.
/// </summary>
internal readonly record struct AttentionShape
{
    public required int Batch { get; init; }
    public required int QueryHeads { get; init; }
    public required int KeyHeads { get; init; }
    public required int Queries { get; init; }
    public required int Keys { get; init; }
    public required int HeadDim { get; init; }
    public required float Scale { get; init; }
    public required bool Causal { get; init; }
    public required HeadStrides Q { get; init; }
    public required HeadStrides K { get; init; }
    public required HeadStrides V { get; init; }
    public required HeadStrides O { get; init; }

    /// <summary>Query heads that share a key head.</summary>
    public int Group => QueryHeads / KeyHeads;

    /// <summary>Key position of query row 0.</summary>
    public int Offset => Keys - Queries;

    /// <summary>
    /// Whether key heads are enough to be the tasks. A task then lays out its keys and values when it needs them, and finds them
    /// in its cache; few heads are laid out first, and their query rows are the tasks.
    /// </summary>
    public bool HasManyHeads => Batch * KeyHeads >= 16;

    /// <summary>Key heads of a task: about a million multiply-adds make it worth a thread's while.</summary>
    public long HeadsTogether => Math.Max(1, 500_000 / Math.Max(1, (long)Group * Queries * Keys * HeadDim));

    /// <summary>The part of one key head and the query heads that share it.</summary>
    public AttentionShape OneKeyHead => this with { Batch = 1, QueryHeads = Group, KeyHeads = 1 };

    /// <summary>All operands contiguous, scale 1/sqrt(dim) unless given.</summary>
    public static AttentionShape Contiguous(
        int batch, int queryHeads, int keyHeads, int queries, int keys, int headDim, bool causal, float? scale = null) => new()
        {
            Batch = batch,
            QueryHeads = queryHeads,
            KeyHeads = keyHeads,
            Queries = queries,
            Keys = keys,
            HeadDim = headDim,
            Causal = causal,
            Scale = scale ?? (float)(1 / Math.Sqrt(headDim)),
            Q = HeadStrides.Contiguous(queryHeads, queries, headDim),
            K = HeadStrides.Contiguous(keyHeads, keys, headDim),
            V = HeadStrides.Contiguous(keyHeads, keys, headDim),
            O = HeadStrides.Contiguous(queryHeads, queries, headDim),
        };

    /// <summary>First key that item <paramref name="b"/> may see.</summary>
    public static unsafe int First(int* start, int b) => start == null ? 0 : start[b];

    /// <summary>One past the last key that query row <paramref name="i"/> may see, 0 if it stands before the first.</summary>
    public int End(int i, int first) => i + Offset < first ? 0 : Causal ? Math.Min(Keys, i + Offset + 1) : Keys;

    /// <summary>Number of (query, visible key) pairs over all items, of one head.</summary>
    public unsafe long Pairs(int* start, byte* keyVisible)
    {
        long pairs = 0;
        for (var b = 0; b < Batch; b++)
        {
            var first = First(start, b);
            long seen = 0;
            var j = first;
            for (var i = 0; i < Queries; i++)
            {
                var end = End(i, first);
                if (end == 0)
                    continue;
                for (; j < end; j++)
                    seen += keyVisible == null || keyVisible[(long)b * Keys + j] != 0 ? 1 : 0;
                pairs += seen;
            }
        }
        return pairs;
    }
}
