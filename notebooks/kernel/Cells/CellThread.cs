using System.Runtime;

namespace Aim.Kernel.Cells;

/// <summary>
/// The one thread on which cells run, and the continuations of what they await: thread-bound state, as the tensor engine's
/// dispose scopes, is the same from cell to cell.
/// </summary>
/// <remarks>
/// An interrupt first asks (<see cref="Interrupted"/>, the host's own calls, anything that waits), then, where a cell computes
/// without listening, aborts. What does not stop even then, native code above all, is the wrapper's to end, with the host.
/// An aborted thread is replaced: the runtime interrupts a thread by a signal, for a collection as for an abort, and an abort
/// leaves that signal's handler by an exception, so that the runtime takes the signal for one still being handled and sends no
/// other. In a loop that calls nothing the thread could not be stopped again, and a collection would wait for it for ever.
/// </remarks>
internal sealed class CellThread : IDisposable
{
    // How long a cell may take to stop by itself before it is aborted.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(400);

    private readonly Queue<Action> _work = new();
    private readonly Lock _state = new();
    private readonly Action<string> _onStray;
    private Thread _thread;
    private SignalMask? _signals;
    private CancellationTokenSource? _asked, _abort;
    private bool _closed, _inUserCode, _spent;

    /// <summary>Starts the thread.</summary>
    /// <param name="onStray">Is told what a continuation throws that is left behind by a cell.</param>
    public CellThread(Action<string> onStray)
    {
        _onStray = onStray;
        _thread = Start();
    }

    /// <summary>What keeps aborts out of the host's code.</summary>
    public CellGuard Guard { get; } = new();

    /// <summary>Whether the caller is on it.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Is cancelled when the running cell is interrupted; never, between cells.</summary>
    public CancellationToken Interrupted { get; private set; }

    /// <summary>Whether the cell that ended last was interrupted.</summary>
    public bool WasInterrupted => Guard.Requested;

    /// <summary>Runs a cell, on the thread, and returns when it is over.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public Task Run(Action<CellRun> cell)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            var (asked, abort) = (new CancellationTokenSource(), new CancellationTokenSource());
            var run = new CellRun(this, asked.Token);
            lock (_state)
            {
                (_asked, _abort, Interrupted) = (asked, abort, asked.Token);
                Guard.Begin();
            }

            Exception? error = null;
            try
            {
                SynchronizationContext.SetSynchronizationContext(run.Context);
                cell(run);
                Guard.ThrowIfRequested();
            }
            catch (Exception thrown)
            {
                error = Guard.Requested ? CellGuard.Interruption() : thrown;
            }
            finally
            {
                lock (_state)
                {
                    (_asked, _abort, Interrupted) = (null, null, default);
                    Guard.End();
                }

                SynchronizationContext.SetSynchronizationContext(null);
                run.Context.Leave();
                if (Guard.Requested)
                    run.Context.Close();
                ForgetInterrupt();
            }

            if (error is null)
                done.SetResult();
            else
                done.SetException(error);
        });
        return done.Task;
    }

    /// <summary>Stops the running cell; nothing happens between cells.</summary>
    public void Interrupt()
    {
        CancellationTokenSource asked, abort;
        lock (_state)
        {
            if (_asked is null || Guard.Requested)
                return;
            (asked, abort) = (_asked, _abort!);
            Guard.Request();

            // Waits of the user's code end by this; the compiler's and the host's would be left half done.
            if (_inUserCode)
                _thread.Interrupt();
        }

        // On a thread of its own: a cell may keep every thread of the pool busy, and what it registered with the token may block.
        new Thread(() => Stop(asked, abort)) { IsBackground = true, Name = "Aim.Kernel interrupt" }.Start();
    }

    public void Dispose()
    {
        lock (_work)
        {
            _closed = true;
            Monitor.PulseAll(_work);
        }
    }

    /// <summary>Runs user code under the abort; the thread must be the cell's.</summary>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    internal void Controlled(Action body)
    {
        lock (_state)
        {
            Guard.ThrowIfRequested();
            _inUserCode = true;
        }

        try
        {
#pragma warning disable SYSLIB0046 // The only abort there is. CellGuard keeps it out of our code; what it tears is the user's.
            ControlledExecution.Run(body, _abort!.Token);
#pragma warning restore SYSLIB0046
        }
        finally
        {
            _signals!.Restore();
            lock (_state)
                _inUserCode = false;
            _spent = _abort!.IsCancellationRequested;
        }
    }

    /// <summary>Runs queued continuations until <paramref name="over"/> holds; waits where there are none.</summary>
    internal void Pump(Func<bool> over)
    {
        while (!over())
        {
            if (Next(over) is { } work)
                work();
        }
    }

    internal void Post(Action work)
    {
        lock (_work)
        {
            _work.Enqueue(work);
            Monitor.PulseAll(_work);
        }
    }

    /// <summary>Wakes the thread so that it looks again whether what it waits for has come.</summary>
    internal void Wake()
    {
        lock (_work)
            Monitor.PulseAll(_work);
    }

    /// <summary>Tells of what a continuation threw that a cell left behind.</summary>
    internal void Report(Exception stray) => _onStray(stray.ToString());

    private Action? Next(Func<bool> over)
    {
        lock (_work)
        {
            while (_work.Count == 0)
            {
                if (_closed || over())
                    return null;
                Monitor.Wait(_work);
            }

            return _work.Dequeue();
        }
    }

    private Thread Start()
    {
        var thread = new Thread(Loop) { IsBackground = true, Name = "Aim.Kernel cells" };
        thread.Start();
        return thread;
    }

    private void Loop()
    {
        _signals ??= new SignalMask();
        lock (_state)
            (_thread, _spent) = (Thread.CurrentThread, false);
        while (!_spent && Next(() => _closed) is { } work)
        {
            try
            {
                work();
            }
            catch (Exception stray)
            {
                Report(stray);
            }
        }

        if (_spent)
            Start();
    }

    private void Stop(CancellationTokenSource asked, CancellationTokenSource abort)
    {
        try
        {
            asked.Cancel();
        }
        catch (AggregateException error)
        {
            _onStray(error.InnerException!.ToString());
        }

        Thread.Sleep(Grace);

        // Where the cell is over meanwhile, the abort finds nothing to stop.
        if (Guard.WaitUntilOutside(TimeSpan.FromSeconds(10)))
            abort.Cancel();
    }

    // Thread.Interrupt stays pending on a thread that did not wait, and would hit the host's next wait.
    private static void ForgetInterrupt()
    {
        try
        {
            Thread.Sleep(1);
        }
        catch (ThreadInterruptedException)
        {
            // Forgotten.
        }
    }
}
