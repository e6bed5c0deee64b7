namespace Aim.Tensors.Kernels;

/// <summary>
/// Rows of a table [vocabulary, dim] by int64 id. The caller has checked that every id is below the vocabulary.
/// </summary>
internal static unsafe class EmbeddingTable
{
    /// <summary>y [count, dim]: y[i] = table[ids[i]].</summary>
    public static void Gather(float* table, long* ids, float* y, long count, int dim) =>
        Pool.Ranges(count, Math.Max(1, 65536 / Math.Max(1, dim)), (from, to) =>
        {
            for (var i = from; i < to; i++)
                Elementwise.Copy(table + ids[i] * dim, y + i * dim, dim);
        });

    /// <summary>The same from a weight in its own type and layout, widened.</summary>
    public static void Gather(WeightMatrix table, long* ids, float* y, long count) =>
        Pool.Ranges(count, Math.Max(1, 65536 / Math.Max(1, table.Columns)), (from, to) =>
        {
            for (var i = from; i < to; i++)
                WeightGemm.Unpack(table, (int)ids[i], y + i * table.Columns);
        });

    /// <summary>
    /// dTable[ids[i]] += dy[i] in ascending i, whatever the number of threads: a task owns a range of ids. dTable [vocabulary,
    /// dim] is added to.
    /// </summary>
    public static void ScatterAdd(float* dy, long* ids, float* dTable, long count, long vocabulary, int dim)
    {
        var set = KernelSet.Current;
        var tasks = count * dim < 65536 ? 1 : 8;
        Pool.Ranges(vocabulary, (vocabulary + tasks - 1) / tasks, (from, to) =>
        {
            for (long i = 0; i < count; i++)
            {
                if (ids[i] >= from && ids[i] < to)
                    set.Axpy(1, dy + i * dim, dTable + ids[i] * dim, dim);
            }
        });
    }
}
