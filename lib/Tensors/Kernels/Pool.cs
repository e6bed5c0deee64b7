using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Aim.Tensors.Kernels;

/// <summary>
/// Task <paramref name="index"/> of a <see cref="Pool.Run{S}"/>, a static lambda: what it needs is in the state.
/// </summary>
internal delegate void PoolTask<S>(in S state, int index);

/// <summary>Items [from, to) of a <see cref="Pool.Ranges{S}"/>, likewise.</summary>
internal delegate void PoolRange<S>(in S state, long from, long to);

/// <summary>
/// The one thread pool of the engine. <see cref="Run"/> executes tasks 0..n-1; the caller takes part, tasks are claimed in any
/// order. Kernels cut their work into tasks by its shape alone, never by the number of threads, so results do not depend on it.
/// Idle threads park: two processes that share the cores must not starve each other.
/// </summary>
internal static unsafe class Pool
{
    private static readonly object Gate = new();
    private static readonly Lock Owner = new();
    private static readonly long SpinTicks = Stopwatch.Frequency / 50_000; // 20 microseconds
    private static readonly List<Thread> Workers = [];
    private static int threads = Environment.ProcessorCount;
    private static Job? current;
    private static long generation;

    [ThreadStatic]
    private static bool inside;

    /// <summary>
    /// Threads that work on a <see cref="Run"/>, the caller included; at least 1, may exceed the number of cores.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">less than 1</exception>
    public static int Threads
    {
        get => Volatile.Read(ref threads);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            Volatile.Write(ref threads, value);
        }
    }

    /// <summary>
    /// Runs <paramref name="body"/> for every index below <paramref name="tasks"/> and returns when all are done. Inside a task,
    /// and while another thread owns the pool, it runs inline. The first exception of a task is rethrown; tasks not yet begun are
    /// then skipped, as they are when <see cref="Interruption.Token"/> is cancelled. Work too small to wake a thread for says so
    /// by <paramref name="parallel"/>.
    /// </summary>
    public static void Run(int tasks, Action<int> body, bool parallel = true) =>
        Run(tasks, body, static (in body, index) => body(index), parallel);

    /// <summary>
    /// The same for a static <paramref name="body"/>, which is handed <paramref name="state"/> where the caller has it: nothing
    /// is captured, so that decoding a token, some hundred runs, leaves little to the garbage collector.
    /// </summary>
    public static void Run<S>(int tasks, in S state, PoolTask<S> body, bool parallel = true) =>
        Begin(tasks, tasks, state, body, parallel);

    /// <summary>
    /// The same for tasks that read memory front to back: threads begin in two places, the first task and the middle one, so that
    /// each of two goes from one task to its neighbour; whoever is done helps the other.
    /// </summary>
    public static void RunStreams<S>(int tasks, in S state, PoolTask<S> body) => Begin(tasks, (tasks + 1) / 2, state, body, true);

    private static void Begin<S>(int tasks, int middle, in S state, PoolTask<S> body, bool parallel)
    {
        var helpers = parallel ? Math.Min(Threads, tasks) - 1 : 0;
        if (helpers <= 0 || inside || !Owner.TryEnter())
        {
            for (var i = 0; i < tasks; i++)
            {
                Interruption.Poll();
                body(state, i);
            }
            return;
        }
        try
        {
#pragma warning disable CS8500 // S may hold references: the collector tracks them where the state lies, which outlives the run
            fixed (S* pinned = &state)
#pragma warning restore CS8500
            {
                Execute(new Job<S>(tasks, middle, helpers, pinned, body));
            }
        }
        finally
        {
            Owner.Exit();
        }
    }

    /// <summary>Cuts [0, count) into <paramref name="chunk"/>-sized ranges and runs them; one range runs on the caller.</summary>
    public static void Ranges(long count, long chunk, Action<long, long> body) =>
        Ranges(count, chunk, body, static (in body, from, to) => body(from, to));

    /// <summary>The same for a static body and its state, as in <see cref="Run{S}"/>.</summary>
    public static void Ranges<S>(long count, long chunk, in S state, PoolRange<S> body)
    {
        var tasks = (int)((count + chunk - 1) / chunk);
        if (tasks <= 1)
        {
            body(state, 0, count);
            return;
        }
#pragma warning disable CS8500 // as above
        fixed (S* pinned = &state)
        {
            Run(tasks, new Pieces<S>(count, chunk, pinned, body), static (in pieces, index) => pieces.Run(index));
        }
#pragma warning restore CS8500
    }

    private static void Execute(Job job)
    {
        Publish(job);
        inside = true;
        job.Work(0);
        inside = false;
        job.Wait();
        Volatile.Write(ref current, null);
        job.Error?.Throw();
    }

    private static void Publish(Job job)
    {
        while (Workers.Count < job.Helpers)
        {
            var thread = new Thread(WorkerLoop) { IsBackground = true, Name = "Aim.Tensors pool" };
            Workers.Add(thread);
            thread.Start();
        }
        lock (Gate)
        {
            Volatile.Write(ref current, job);
            Volatile.Write(ref generation, generation + 1);
            Monitor.PulseAll(Gate);
        }
    }

    private static void WorkerLoop()
    {
        inside = true;
        long seen = 0;
        while (true)
        {
            var deadline = Stopwatch.GetTimestamp() + SpinTicks;
            while (Volatile.Read(ref generation) == seen && Stopwatch.GetTimestamp() < deadline)
                Thread.SpinWait(4);
            Job? job;
            lock (Gate)
            {
                while (generation == seen)
                    Monitor.Wait(Gate);
                seen = generation;
                job = current;
            }
            if (job is not null && job.Join() is > 0 and var place)
                job.Work(place);
        }
    }

    /// <summary>One Run: the next index to claim, and how many are done.</summary>
    private abstract class Job(int tasks, int middle, int helpers)
    {
        private int next;
        private int behindMiddle;
        private int done;
        private int joined;

        public int Helpers => helpers;

        public ExceptionDispatchInfo? Error { get; private set; }

        protected abstract void Task(int index);

        /// <summary>
        /// A helper's place, from 1; 0 once enough threads help: more workers may exist than the current thread count allows.
        /// </summary>
        public int Join() => Interlocked.Increment(ref joined) is var place && place <= helpers ? place : 0;

        /// <summary>Works until no task is left; odd places begin with those behind the middle.</summary>
        public void Work(int place)
        {
            int index;
            var behind = middle < tasks && place % 2 != 0;
            while ((index = behind ? ClaimBehind() : Claim()) < tasks)
            {
                try
                {
                    if (Error is null)
                    {
                        Interruption.Poll();
                        Task(index);
                    }
                }
                catch (Exception e)
                {
                    lock (this)
                        Error ??= ExceptionDispatchInfo.Capture(e);
                }
                if (Interlocked.Increment(ref done) == tasks)
                {
                    lock (this)
                        Monitor.PulseAll(this);
                }
            }
        }

        private int Claim()
        {
            var index = Interlocked.Increment(ref next) - 1;
            return index < middle ? index : middle + Interlocked.Increment(ref behindMiddle) - 1;
        }

        private int ClaimBehind()
        {
            var index = middle + Interlocked.Increment(ref behindMiddle) - 1;
            if (index < tasks)
                return index;
            index = Interlocked.Increment(ref next) - 1;
            return index < middle ? index : tasks;
        }

        public void Wait()
        {
            var deadline = Stopwatch.GetTimestamp() + SpinTicks;
            while (Volatile.Read(ref done) < tasks && Stopwatch.GetTimestamp() < deadline)
                Thread.SpinWait(4);
            lock (this)
            {
                while (Volatile.Read(ref done) < tasks)
                    Monitor.Wait(this);
            }
        }
    }

#pragma warning disable CS8500 // as above
    /// <summary>The state stays with the caller, who waits for the last task: a thread that comes later claims none.</summary>
    private sealed class Job<S>(int tasks, int middle, int helpers, S* state, PoolTask<S> body)
        : Job(tasks, middle, helpers)
    {
        protected override void Task(int index) => body(*state, index);
    }

    /// <summary>Ranges as tasks.</summary>
    private readonly struct Pieces<S>(long count, long chunk, S* state, PoolRange<S> body)
    {
        public void Run(int index) => body(*state, index * chunk, Math.Min(count, (index + 1) * chunk));
    }
#pragma warning restore CS8500
}
