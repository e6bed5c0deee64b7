namespace Aim.Tensors.Tests.Core;

/// <summary>Who owns tensors, and that scopes give all memory back.</summary>
[NonParallelizable]
public sealed class ScopeTests
{
    [Test]
    public void AScopeDisposesWhatWasMadeInItButNotWhatMovedOut()
    {
        Tensor kept;
        Tensor lost;
        using (var scope = NewDisposeScope())
        {
            kept = ones(3);
            lost = kept + 1;
            kept = (lost * 2).DetachFromDisposeScope();
            Assert.That(scope.DisposablesCount, Is.GreaterThan(0));
        }

        Assert.That(() => lost.sum(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(kept.data<float>().ToArray(), Is.EqualTo(new float[] { 4, 4, 4 }));
        kept.Dispose();
    }

    [Test]
    public void MovingOutGoesOneScopeUp()
    {
        Tensor x;
        using (NewDisposeScope())
        {
            using (NewDisposeScope())
                x = ones(2).MoveToOuterDisposeScope();
            Assert.That(x.IsInvalid, Is.False);
        }

        Assert.That(x.IsInvalid, Is.True);
    }

    [Test]
    public void ViewsKeepTheirMemory()
    {
        using var scope = NewDisposeScope();
        var x = arange(6, dtype: float32);
        var y = x.view(2, 3).transpose(0, 1);
        x.Dispose();
        Assert.That(y[2, 1].item<float>(), Is.EqualTo(5));
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
        var (live, allocations) = (MemoryPool.LiveBytes, MemoryPool.SystemAllocations);
        for (var i = 0; i < 20; i++)
            Step();
        Collect();
        Assert.That(MemoryPool.LiveBytes, Is.EqualTo(live), "bytes held after twenty steps");
        Assert.That(MemoryPool.SystemAllocations, Is.EqualTo(allocations), "blocks taken from the operating system after the first steps");

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
