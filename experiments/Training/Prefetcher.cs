using System.Collections.Concurrent;
using System.Diagnostics;

namespace Aim.Experiments.Training;

/// <summary>
/// Prepares a stage's batches on one background thread, a step ahead, in step order. A batch is a pure function of its
/// step, so the thread changes when it is made and never what it is.
/// </summary>
internal sealed class Prefetcher<T> : IDisposable
{
    private readonly BlockingCollection<T> ready = new(boundedCapacity: 1);
    private readonly CancellationTokenSource stop = new();
    private readonly Thread thread;
    private Exception? failure;
    private long busyTicks;

    public Prefetcher(Func<int, T> prepare, int first, int count)
    {
        thread = new Thread(() =>
        {
            try
            {
                for (var step = first; step < first + count; step++)
                {
                    var started = Stopwatch.GetTimestamp();
                    var batch = prepare(step);
                    Interlocked.Add(ref busyTicks, Stopwatch.GetTimestamp() - started);
                    ready.Add(batch, stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
            }
            catch (Exception e)
            {
                failure = e;
            }
            finally
            {
                ready.CompleteAdding();
            }
        })
        { IsBackground = true, Name = "batches" };
        thread.Start();
    }

    /// <summary>Time that the background thread spent on batches so far.</summary>
    public TimeSpan Busy => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref busyTicks));

    /// <summary>The next step's batch; waits until it is there.</summary>
    public T Take()
    {
        try
        {
            return ready.Take();
        }
        catch (InvalidOperationException) when (failure is not null)
        {
            throw new InvalidOperationException($"preparing a batch failed: {failure.Message}", failure);
        }
    }

    public void Dispose()
    {
        stop.Cancel();
        thread.Join();
        ready.Dispose();
        stop.Dispose();
    }
}
