namespace Aim.Kernel.Cells;

/// <summary>
/// Keeps an abort out of the host's own code. <see cref="System.Runtime.ControlledExecution"/> stops a thread wherever it is, a
/// finally block or a lock's exit included, and a line half written or a lock kept for ever would be the host's end. So the
/// cell's thread says when it is inside the host's code, and the interrupter waits until it is not.
/// </summary>
/// <remarks>
/// Each side first says what it does and then looks at the other (both with a full fence), so either the interrupter sees that
/// the thread is inside and waits, or the thread sees the interrupt and goes no further.
/// </remarks>
internal sealed class CellGuard
{
    private int _depth;
    private int _requested;
    private volatile Thread? _thread;

    /// <summary>Whether the running cell is to stop.</summary>
    public bool Requested => Volatile.Read(ref _requested) != 0;

    /// <summary>What an interrupted cell ends with.</summary>
    public static OperationCanceledException Interruption() => new("The cell was interrupted.");

    /// <summary>Ends a cell that is to stop.</summary>
    /// <exception cref="OperationCanceledException">It is.</exception>
    public void ThrowIfRequested()
    {
        if (Requested)
            throw Interruption();
    }

    /// <summary>A cell begins on this thread.</summary>
    public void Begin()
    {
        Volatile.Write(ref _requested, 0);
        _depth = 0;
        _thread = Thread.CurrentThread;
    }

    /// <summary>The cell is over: nothing is guarded until the next one.</summary>
    public void End() => _thread = null;

    /// <summary>Runs the host's code from within a cell; on threads of their own it needs no guard.</summary>
    /// <exception cref="OperationCanceledException">The cell is to stop: nothing was run.</exception>
    public void Run(Action body)
    {
        if (_thread != Thread.CurrentThread)
        {
            body();
            return;
        }

        bool outermost = Interlocked.Increment(ref _depth) == 1;
        if (outermost && Requested)
        {
            Interlocked.Decrement(ref _depth);
            throw Interruption();
        }

        try
        {
            body();
        }
        finally
        {
            Interlocked.Decrement(ref _depth);
        }
    }

    /// <summary>Asks the cell to stop: from now on it enters none of the host's code.</summary>
    public void Request() => Interlocked.Exchange(ref _requested, 1);

    /// <summary>Waits until the cell's thread has left the host's code.</summary>
    /// <returns>False: it is still inside after <paramref name="patience"/>.</returns>
    public bool WaitUntilOutside(TimeSpan patience) =>
        SpinWait.SpinUntil(() => Volatile.Read(ref _depth) == 0 || _thread is null, patience);
}
