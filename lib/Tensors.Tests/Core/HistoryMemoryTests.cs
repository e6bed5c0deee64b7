namespace Aim.Tensors.Tests.Core;

/// <summary>Widened values, histories kept for views and refused allocations give their memory back.</summary>
[NonParallelizable]
public sealed class HistoryMemoryTests
{
    [Test]
    public void ATrainingStepIn16BitsLeavesNothingBehind()
    {
        using var w = nn.Parameter(randn([8, 16], bfloat16)).DetachFromDisposeScope();
        using var adam = optim.AdamW([(Modules.Parameter)w]);
        AssertSteady(() =>
        {
            using var scope = NewDisposeScope();
            var h = nn.functional.gelu(nn.functional.linear(randn([5, 16], bfloat16), w));
            var y = (h.narrow(1, 0, 4) * 0.5 + h.narrow(1, 4, 4)).softmax(-1);
            y.mean().backward();
            nn.utils.clip_grad_norm_([(Modules.Parameter)w], 1);
            adam.step();
            adam.zero_grad();
        });
    }

    [Test]
    public void HistoriesKeptForViewsGoWithTheLastOfThem()
    {
        using var x = randn(64).requires_grad_().DetachFromDisposeScope();
        AssertSteady(() =>
        {
            using var scope = NewDisposeScope();
            Tensor first;
            Tensor second;
            using (NewDisposeScope())
            {
                var y = x * 2;
                first = y.narrow(0, 0, 8).MoveToOuterDisposeScope();
                second = y.view(8, 8).MoveToOuterDisposeScope();
            }

            first.mul_(3);
            second.sum().backward();
            x.grad = null;
        });
    }

    [Test]
    public void ARefusedAllocationCountsForNothing()
    {
        AssertSteady(() =>
        {
            using var scope = NewDisposeScope();
            Assert.That(() => ones(3).repeat(1L << 50), Throws.InstanceOf<System.Runtime.InteropServices.ExternalException>());
        });
    }

    private static void AssertSteady(Action step)
    {
        step();
        step();
        Collect();
        var (live, allocations) = (MemoryPool.LiveBytes, MemoryPool.SystemAllocations);
        for (var i = 0; i < 20; i++)
            step();
        Assert.That(MemoryPool.LiveBytes, Is.EqualTo(live), "bytes held");
        Assert.That(MemoryPool.SystemAllocations, Is.EqualTo(allocations), "blocks taken from the operating system");
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
