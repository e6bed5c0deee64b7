namespace Aim.Tensors.Tests.Autograd;

/// <summary>In-place changes, through views and under recording.</summary>
public sealed class InPlaceTests
{
    [Test]
    public void AViewThatExistedBeforeSeesTheChangeAndItsGradient()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, 3).requires_grad_();
        var y = x * 1;
        var row = y[1];
        y.mul_(3);
        (row * row).sum().backward();
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 0, 0, 0, 18, 18, 18 }));
    }

    // A result that leaves its scope as a view of an intermediate one: the intermediate's end must not cut the way back.
    [Test]
    public void AViewOutlivesItsBaseWithItsGradient()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, 3).requires_grad_();
        torch.Tensor view;
        using (NewDisposeScope())
            view = (x * 2).reshape(3, 2).MoveToOuterDisposeScope();
        Assert.That(view.requires_grad, Is.True);
        view.sum().backward();
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 2, 2, 2, 2, 2, 2 }));
    }

    [Test]
    public void OverwritingPartOfAPlainTensorMakesItDifferentiable()
    {
        using var scope = NewDisposeScope();
        var y = tensor(new float[] { 2, 3 }).requires_grad_();
        var z = zeros(2, 2);
        z.select(0, 1).copy_(y);
        Assert.That(z.requires_grad, Is.True);
        (z * z).sum().backward();
        Assert.That(y.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 4, 6 }));
    }

    [Test]
    public void OverwrittenValuesReceiveNoGradient()
    {
        using var scope = NewDisposeScope();
        var x = ones(3).requires_grad_();
        var y = x * 2;
        y[0] = 7.0;
        y.sum().backward();
        Assert.That(y.data<float>().ToArray(), Is.EqualTo(new float[] { 7, 2, 2 }));
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 0, 2, 2 }));
    }

    [Test]
    public void CopyConvertsAndBroadcasts()
    {
        using var scope = NewDisposeScope();
        var x = zeros([2, 2], int64);
        x.copy_(tensor(new[] { 1.9f, -2.9f }));
        Assert.That(x.data<long>().ToArray(), Is.EqualTo(new long[] { 1, -2, 1, -2 }));
        Assert.That(() => x.copy_(zeros(3)), Throws.InstanceOf<System.Runtime.InteropServices.ExternalException>());
    }

    [Test]
    public void WithoutRecordingALeafMayBeChanged()
    {
        using var scope = NewDisposeScope();
        var x = ones(2).requires_grad_();
        using (no_grad())
            x.mul_(3);
        Assert.That(x.is_leaf, Is.True);
        Assert.That(x.detach().data<float>().ToArray(), Is.EqualTo(new float[] { 3, 3 }));
    }
}
