using System.Runtime.ExceptionServices;

namespace Aim.Experiments.Running;

/// <summary>
/// Runs independent samples side by side. What a sample gives never depends on which thread it meets or on how many there are.
/// </summary>
internal static class Workers
{
    /// <param name="count">Tasks 0 to count - 1.</param>
    /// <param name="threads">At most so many at once.</param>
    /// <param name="cancel">Keeps further tasks from starting.</param>
    /// <param name="body">One task.</param>
    /// <exception cref="OperationCanceledException">Some tasks were not started.</exception>
    public static void Run(int count, int threads, CancellationToken cancel, Action<int> body)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancel }, body);
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }
}
