using System.Runtime.ExceptionServices;

namespace Aim.Kernel.Cells;

/// <summary>One execution of one cell, on the cells' thread.</summary>
/// <param name="thread">That thread.</param>
/// <param name="interrupted">Is cancelled when the cell is to stop.</param>
internal sealed class CellRun(CellThread thread, CancellationToken interrupted)
{
    /// <summary>Where the cell's awaits go on.</summary>
    public CellContext Context { get; } = new(thread);

    /// <summary>Is cancelled when the cell is to stop.</summary>
    public CancellationToken Interrupted => interrupted;

    /// <summary>Runs user code and what it awaits, until its task is over; <paramref name="then"/> is user code too.</summary>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public void UserCode<T>(Func<Task<T>> body, Action<T> then) => thread.Controlled(() =>
    {
        var task = body();
        if (!task.IsCompleted)
        {
            task.ContinueWith(_ => thread.Wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            thread.Pump(() => task.IsCompleted || interrupted.IsCancellationRequested);
            interrupted.ThrowIfCancellationRequested();
        }

        if (task.Exception?.InnerException is { } error)
            ExceptionDispatchInfo.Throw(error);
        then(task.GetAwaiter().GetResult());
    });

    /// <summary>Waits for work of the host's own that listens to <see cref="Interrupted"/>.</summary>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public static T Await<T>(Func<Task<T>> work)
    {
        var task = Task.Run(work);
        return task.GetAwaiter().GetResult();
    }
}

/// <summary>Brings the continuations of a cell's awaits to the cells' thread.</summary>
internal sealed class CellContext(CellThread thread) : SynchronizationContext
{
    private volatile bool _closed, _left;

    /// <summary>The cell is over: what it left behind goes on, but no later cell fails by it.</summary>
    public void Leave() => _left = true;

    /// <summary>Drops what comes from now on: what an interrupted cell awaited must not go on with it.</summary>
    public void Close() => _closed = true;

    public override void Post(SendOrPostCallback d, object? state) => thread.Post(() =>
    {
        if (_closed)
            return;
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            d(state);
        }
        catch (Exception stray) when (_left && !thread.Guard.Requested)
        {
            thread.Report(stray);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    });

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (thread.IsCurrent)
        {
            d(state);
            return;
        }

        using var done = new ManualResetEventSlim();
        Exception? error = null;
        Post(
            _ =>
            {
                try
                {
                    d(state);
                }
                catch (Exception thrown)
                {
                    error = thrown;
                }
                finally
                {
                    done.Set();
                }
            },
            null);
        done.Wait();
        if (error is not null)
            ExceptionDispatchInfo.Throw(error);
    }

    public override SynchronizationContext CreateCopy() => this;
}
