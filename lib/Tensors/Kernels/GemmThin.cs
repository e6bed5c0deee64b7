namespace Aim.Tensors.Kernels;

/// <summary>
/// Products of a few rows (decoding) with a row-major weight (x Wᵀ): every output is a dot product over vector lanes, and the
/// weight is read once, in place, whatever its type and address.
/// </summary>
internal static unsafe class GemmThin
{
    /// <summary>From this many rows on the blocked product is used.</summary>
    public const int MaxRows = 8;

    /// <summary>Columns of a task.</summary>
    private const int TaskColumns = 64;

    public static bool Handles(in GemmArguments g) => g.M < MaxRows && g.ColumnA == 1 && g.RowB == 1;

    /// <summary>g's product; its B is <paramref name="w"/>, whose rows are <paramref name="rowW"/> values apart.</summary>
    public static void Run(in GemmArguments g, in WeightMatrix w, nint rowW, bool parallel)
    {
        if (parallel)
            InTasks(g, w, rowW);
        else
            KernelSet.Current.DotColumns(g, w, rowW, 0, g.N);
    }

    private static void InTasks(in GemmArguments g, in WeightMatrix w, nint rowW)
    {
        var tasks = GemmBlocked.Divide(g.N, TaskColumns);
        Pool.RunStreams(tasks, (g, w, rowW), static (in product, task) =>
        {
            var (g, w, rowW) = product;
            KernelSet.Current.DotColumns(g, w, rowW, task * TaskColumns, Math.Min(g.N, (task + 1) * TaskColumns));
        });
    }
}
