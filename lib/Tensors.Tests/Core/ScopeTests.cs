namespace Aim.Tensors.Tests.Core;

/// <summary>Who owns tensors.</summary>
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
}
