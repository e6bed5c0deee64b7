namespace Aim.Tensors.Kernels;

/// <summary>Rows of a table [vocabulary, dim] by int64 id. The caller has checked that every id is below the vocabulary.</summary>
internal static unsafe class EmbeddingTable
{
    /// <summary>y [count, dim]: y[i] = table[ids[i]].</summary>
    public static void Gather(float* table, long* ids, float* y, long count, int dim)
    {
        for (long i = 0; i < count; i++)
            Elementwise.Copy(table + ids[i] * dim, y + i * dim, dim);
    }

    /// <summary>dTable[ids[i]] += dy[i] in ascending i, whatever the number of threads; dTable [vocabulary, dim] is added to.</summary>
    public static void ScatterAdd(float* dy, long* ids, float* dTable, long count, long vocabulary, int dim)
    {
        for (long i = 0; i < count; i++)
            Elementwise.Add(dTable + ids[i] * dim, dy + i * dim, dTable + ids[i] * dim, dim);
    }
}
