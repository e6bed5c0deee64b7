using Aim.Tensors.Kernels;

namespace Aim.Tensors.Tests.Core;

/// <summary>Scopes give all memory back, and a loop that repeats itself takes none from the operating system.</summary>
[NonParallelizable]
public sealed class MemoryTests
{
    [Test]
    public void ThePeakIsWhatWasInUseAtOnce()
    {
        using var before = zeros(1 << 16);
        var peak = MemoryMeter.PeakOf(() =>
        {
            for (var i = 0; i < 3; i++)
            {
                using var one = zeros(1 << 18);
                using var other = zeros(1 << 18);
            }
        });
        Assert.That(peak, Is.EqualTo(2 * sizeof(float) * (1 << 18)));
        Assert.That(MemoryMeter.PeakOf(() => { }), Is.Zero);
    }

    [Test]
    public void ATrainingStepLeavesNothingBehind()
    {
        using var w1 = nn.Parameter(randn(32, 16)).DetachFromDisposeScope();
        using var w2 = nn.Parameter(randn(8, 32)).DetachFromDisposeScope();
        using var adam = optim.AdamW([(Modules.Parameter)w1, (Modules.Parameter)w2]);
        Step();
        Step();
        Collect();
        var (held, allocations) = (MemoryPool.HeldBytes, MemoryPool.SystemAllocations);
        for (var i = 0; i < 20; i++)
            Step();
        Collect();
        Assert.That(MemoryPool.HeldBytes, Is.EqualTo(held), "bytes held after twenty steps");
        Assert.That(MemoryPool.SystemAllocations, Is.EqualTo(allocations),
            "blocks taken from the operating system after the first steps");

        void Step()
        {
            using var scope = NewDisposeScope();
            var x = randn(5, 16);
            Tensor h;
            using (NewDisposeScope())
                h = nn.functional.gelu(nn.functional.linear(x, w1)).MoveToOuterDisposeScope();
            var loss = nn.functional.cross_entropy(nn.functional.linear(h, w2), tensor(new long[] { 0, 1, 2, 3, 4 }));
            loss.backward();
            adam.step();
            foreach (var p in adam.parameters())
                p.grad!.zero_();
        }
    }

    [Test]
    public void AGraphThatNobodyDifferentiatesIsFreedWithItsResult()
    {
        Collect();
        var held = MemoryPool.HeldBytes;
        using (NewDisposeScope())
        {
            var x = randn(1000).requires_grad_();
            for (var i = 0; i < 2000; i++)
                x = x * 1.0001 + 0.1;
        }

        Assert.That(MemoryPool.HeldBytes, Is.EqualTo(held));
    }

    [Test]
    public void ScratchComesFromThePoolAndGoesBackWithItsThread()
    {
        Collect();
        var (live, scratch) = (MemoryPool.LiveBytes, Scratch.Bytes);
        bool aligned = false;
        var thread = new Thread(() => aligned = Use(1000) && Use(5000));
        thread.Start();
        thread.Join();
        Assert.That(aligned, Is.True);
        Assert.That(MemoryPool.LiveBytes - live, Is.EqualTo(Scratch.Bytes - scratch));
        thread = null;
        for (var i = 0; i < 20 && Scratch.Bytes > scratch; i++)
            Collect();
        Assert.That(Scratch.Bytes, Is.EqualTo(scratch));
        Assert.That(MemoryPool.LiveBytes, Is.EqualTo(live));

        static unsafe bool Use(int count)
        {
            var block = Scratch.Get(Scratch.Task, count);
            new Span<float>(block, count).Fill(1);
            return (nint)block % 64 == 0;
        }
    }

    [Test]
    public void MemoryThatCannotBeHadIsAnErrorThatNamesTheBytes() => Assert.Multiple(() =>
    {
        var live = MemoryPool.LiveBytes;
        Assert.That(() => zeros(1L << 43), Throws.InstanceOf<TensorException>().With.Message.Contains((1L << 45).ToString()));
        Assert.That(() => zeros(1L << 50), Throws.InstanceOf<TensorException>().With.Message.Contains((1L << 52).ToString()));
        Assert.That(MemoryPool.LiveBytes, Is.EqualTo(live));
    });

    [Test]
    public unsafe void LongLivedBlocksShareSlabsThatGoBackWithTheirLast()
    {
        const long Small = MemorySlabs.LeastBytes, Large = 40 << 20;
        var (live, allocations) = (MemoryPool.LiveBytes, MemoryPool.SystemAllocations);
        long[] sizes = [Small, Large, 3 * Small + 1, Small + 7, 20 << 20, 30 << 20, 31 << 20, Large, 100];
        for (var round = 0; round < 2; round++)
        {
            var blocks = new List<nint>();
            foreach (var bytes in sizes)
            {
                var block = MemoryPool.RentExactly(bytes);
                Assert.That((long)block % 64, Is.Zero);
                blocks.Add((nint)block);
                block[0] = block[bytes - 1] = (byte)blocks.Count;
            }

            Assert.That(MemoryPool.LiveBytes - live, Is.EqualTo(sizes.Sum()));
            int[] order = [4, 0, 8, 2, 6, 1, 3, 7, 5];
            foreach (var i in order)
            {
                var block = (byte*)blocks[i];
                Assert.That((block[0], block[sizes[i] - 1]), Is.EqualTo(((byte)(i + 1), (byte)(i + 1))), $"block {i}");
                MemoryPool.ReturnExactly(block, sizes[i]);
            }

            Assert.That(MemoryPool.LiveBytes, Is.EqualTo(live));
        }

        // Each round: two blocks alone, a small one, two slabs of 64 MB (three if another test's block is in the first).
        Assert.That(MemoryPool.SystemAllocations - allocations, Is.InRange(2 * 4, 2 * 6));
    }

    [Test]
    public void NoOtherPlaceAllocatesNativeMemory()
    {
        var root = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "Aim.Experiments.sln")))
            root = root.Parent;
        var folder = Path.Combine(root.FullName, "lib", "Tensors");
        string[] calls = ["NativeMemory.", "AllocHGlobal", "AllocCoTaskMem", "mmap"];
        var others = Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))
            .Where(f => calls.Any(c => File.ReadAllText(f).Contains(c, StringComparison.Ordinal)))
            .Select(f => Path.GetRelativePath(folder, f));
        Assert.That(others, Is.EqualTo(new[] { Path.Combine("Core", "MemoryPool.cs") }));
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
