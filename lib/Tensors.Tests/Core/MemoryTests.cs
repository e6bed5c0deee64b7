namespace Aim.Tensors.Tests.Core;

/// <summary>Scopes give all memory back, and a loop that repeats itself takes none from the operating system.</summary>
[NonParallelizable]
public sealed class MemoryTests
{
    [Test]
    public void ATrainingStepLeavesNothingBehind()
    {
        using var w1 = nn.Parameter(randn(32, 16)).DetachFromDisposeScope();
        using var w2 = nn.Parameter(randn(8, 32)).DetachFromDisposeScope();
        using var adam = optim.AdamW([(Modules.Parameter)w1, (Modules.Parameter)w2]);
        Step();
        Step();
        Collect();
        var (live, allocations) = (MemoryPool.LiveBytes, MemoryPool.SystemAllocations);
        for (var i = 0; i < 20; i++)
            Step();
        Collect();
        Assert.That(MemoryPool.LiveBytes, Is.EqualTo(live), "bytes held after twenty steps");
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
        var live = MemoryPool.LiveBytes;
        using (NewDisposeScope())
        {
            var x = randn(1000).requires_grad_();
            for (var i = 0; i < 2000; i++)
                x = x * 1.0001 + 0.1;
        }

        Assert.That(MemoryPool.LiveBytes, Is.EqualTo(live));
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
