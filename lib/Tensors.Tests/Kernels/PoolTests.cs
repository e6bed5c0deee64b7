using Aim.Tensors.Kernels;

namespace Aim.Tensors.Tests.Kernels;

[NonParallelizable]
public class PoolTests
{
    private int before;

    [SetUp]
    public void Remember() => before = Pool.Threads;

    [TearDown]
    public void Restore() => Pool.Threads = before;

    [Test]
    public void EveryTaskRunsOnce([Values(1, 2, 3, 8)] int threads, [Values(0, 1, 2, 7, 1000)] int tasks)
    {
        Pool.Threads = threads;
        for (var round = 0; round < 50; round++)
        {
            var runs = new int[tasks];
            Pool.Run(tasks, i => Interlocked.Increment(ref runs[i]));
            Assert.That(runs, Is.All.EqualTo(1));
            Pool.RunStreams(tasks, runs, static (in runs, i) => Interlocked.Increment(ref runs[i]));
            Assert.That(runs, Is.All.EqualTo(2), "streams");
        }
    }

    [Test]
    public void AStateReachesEveryTask([Values(1, 3)] int threads)
    {
        Pool.Threads = threads;
        for (var round = 0; round < 20; round++)
        {
            // References in a state on the stack: the collector must find and move what they lead to.
            var lengths = new int[64];
            Pool.Run(64, (lengths, Text: new string('x', 10 + round)), static (in state, i) =>
            {
                if (i % 16 == 0)
                    GC.Collect(0);
                state.lengths[i] += state.Text.TrimEnd('x').Length + state.Text.Length;
            });
            Assert.That(lengths, Is.All.EqualTo(10 + round));
            var runs = new int[101];
            Pool.Ranges(101, 7, runs, static (in runs, from, to) =>
            {
                for (var i = from; i < to; i++)
                    runs[i]++;
            });
            Assert.That(runs, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void ARunWithAStateLeavesLittleGarbage()
    {
        Pool.Threads = 2;
        Run();
        var least = long.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            // Other threads may allocate meanwhile: the quietest time counts.
            var before = GC.GetTotalAllocatedBytes(precise: true);
            Run();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.That(least, Is.LessThan(100 * 128));

        static void Run()
        {
            for (var i = 0; i < 100; i++)
                Pool.Run(4, (1, 2, 3, 4L, 5L, 6L, 7L), static (in _, _) => { });
        }
    }

    [Test]
    public void SeveralThreadsWork()
    {
        Pool.Threads = 3;
        using var barrier = new Barrier(3);
        Pool.Run(3, _ => Assert.That(barrier.SignalAndWait(TimeSpan.FromSeconds(20)), "three tasks must run side by side"));
    }

    [Test]
    public void FewerThreadsAreHonouredAfterMore()
    {
        Pool.Threads = 8;
        Pool.Run(8, _ => { });
        Pool.Threads = 2;
        var ids = new System.Collections.Concurrent.ConcurrentDictionary<int, bool>();
        Pool.Run(200, _ =>
        {
            ids[Environment.CurrentManagedThreadId] = true;
            Thread.SpinWait(2000);
        });
        Assert.That(ids, Has.Count.LessThanOrEqualTo(2));
    }

    [Test]
    public void NestedRunIsInline()
    {
        Pool.Threads = 4;
        var inline = true;
        Pool.Run(8, _ =>
        {
            var id = Environment.CurrentManagedThreadId;
            Pool.Run(5, _ => inline &= Environment.CurrentManagedThreadId == id);
        });
        Assert.That(inline);
    }

    [Test]
    public void ExceptionsReachTheCallerAndThePoolGoesOn([Values(1, 4)] int threads)
    {
        Pool.Threads = threads;
        Assert.That(() => Pool.Run(100, i => { if (i == 37) throw new InvalidDataException("37"); }),
            Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("37"));
        var sum = 0;
        Pool.Run(100, i => Interlocked.Add(ref sum, i));
        Assert.That(sum, Is.EqualTo(4950));
    }

    [Test]
    public void TwoCallersDoNotWaitForEachOther()
    {
        Pool.Threads = 2;
        var total = 0;
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 200; i++)
                Pool.Run(4, _ => Interlocked.Increment(ref total));
        });
        Assert.That(total, Is.EqualTo(4 * 200 * 4));
    }

    [Test]
    public void ThreadCountBelowOneIsRefused() =>
        Assert.That(() => Pool.Threads = 0, Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void AnInterruptionSkipsWhatHasNotBegun([Values(1, 3)] int threads)
    {
        Pool.Threads = threads;
        using var source = new CancellationTokenSource();
        var runs = 0;
        try
        {
            Interruption.Token = source.Token;
            // Every task from the fifth on cancels: a thread put to sleep before its Cancel does not let the others run on.
            Assert.Throws<OperationCanceledException>(() => Pool.Run(1000, i =>
            {
                if (Interlocked.Increment(ref runs) >= 5)
                    source.Cancel();
            }));
            Assert.That(runs, Is.InRange(5, 4 + threads));
            Assert.Throws<OperationCanceledException>(() => Pool.Run(1, _ => runs = 0));
            Assert.That(runs, Is.Positive);
        }
        finally
        {
            Interruption.Token = default;
        }
        Pool.Run(1, _ => runs = 0);
        Assert.That(runs, Is.Zero);
    }
}
