using System.Runtime.InteropServices;

namespace Aim.Tensors.Tests.Autograd;

/// <summary>In-place changes seen through views: of disposed bases, of bases with gaps, of several views at once.</summary>
public sealed class ViewHistoryTests
{
    [Test]
    public void ViewsOfADisposedBaseSeeEachOthersChanges()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, 3).requires_grad_();
        Tensor row;
        Tensor column;
        using (NewDisposeScope())
        {
            var y = x * 2;
            row = y[1].MoveToOuterDisposeScope();
            column = y.select(1, 2).MoveToOuterDisposeScope();
        }

        row.mul_(5);
        (column * column).sum().backward();
        Assert.That(column.data<float>().ToArray(), Is.EqualTo(new float[] { 2, 10 }));
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 0, 0, 8, 0, 0, 200 }));
    }

    [Test]
    public void AValueThatADisposedBaseSavedIsMissedWhenAViewChangesIt()
    {
        using var scope = NewDisposeScope();
        var x = ones(3).requires_grad_();
        Tensor view;
        Tensor product;
        using (NewDisposeScope())
        {
            var y = x * 2;
            view = y.view(3, 1).MoveToOuterDisposeScope();
            product = (y * y).MoveToOuterDisposeScope();
        }

        view.add_(1);
        Assert.That(() => product.sum().backward(), Throws.InstanceOf<ExternalException>().With.Message.Contains("inplace"));
    }

    [Test]
    public void AChangeThroughAViewOfADisposedLeafIsRefused()
    {
        using var scope = NewDisposeScope();
        var x = ones(3).requires_grad_();
        var view = x.view(3, 1);
        x.Dispose();
        Assert.That(() => view.add_(1), Throws.InstanceOf<ExternalException>().With.Message.Contains("leaf"));
    }

    // A base whose memory is transposed, and one of every second element.
    [TestCase(true)]
    [TestCase(false)]
    public void BasesThatAreNotContiguousTakePart(bool transposed)
    {
        using var scope = NewDisposeScope();
        var x = arange(12, dtype: float32).view(4, 3).requires_grad_();
        var weights = arange(12, dtype: float32).view(4, 3).add(1);
        Tensor Loss(Tensor y, Tensor early) => (y * y * weights).sum() + (early * early).sum();
        var y = x * tensor(new float[] { 1, 3, 3 });
        Loss(y, y[2]).backward();
        var expected = x.grad!.data<float>().ToArray();
        x.grad = null;
        var b = transposed ? zeros(3, 4).t().detach() : zeros(4, 6).slice(1, 0, 6, 2).detach();
        Assert.That(b.is_contiguous(), Is.False);
        b.copy_(x);
        var early = b[2];
        b.narrow(1, 1, 2).mul_(3);
        Loss(b, early).backward();
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(expected));
    }

    [Test]
    public void AnExpandedViewFollowsItsBaseWithTheSumOfItsGradients()
    {
        using var scope = NewDisposeScope();
        var x = ones(3).requires_grad_();
        var y = x * 2;
        var wide = y.expand(4, 3);
        y.mul_(5);
        wide.sum().backward();
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 40, 40, 40 }));
    }

    [Test]
    public void WindowsThatOverlapFollowTheirBase()
    {
        using var scope = NewDisposeScope();
        var x = ones(4).requires_grad_();
        var y = x * 1;
        var windows = y.unfold(0, 2, 1);
        y.mul_(3);
        windows.sum().backward();
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 3, 6, 6, 3 }));
    }

    [Test]
    public void OneOfSeveralViewsRejectsARecordedChange()
    {
        using var scope = NewDisposeScope();
        var x = ones(4).requires_grad_();
        var y = x * 1;
        foreach (var views in new[] { y.unbind(), y.split(2), y.split([1, 3]), y.chunk(2) })
            Assert.That(() => views[0].mul_(2), Throws.InstanceOf<ExternalException>().With.Message.Contains("multiple views"));
        Assert.That(() => y.chunk(2)[0].view(2, 1).zero_(), Throws.InstanceOf<ExternalException>(), "a view of one too");
        Assert.That(y.data<float>().ToArray(), Is.All.EqualTo(1f), "and nothing was written");
        var plain = zeros(4);
        plain.chunk(2)[0].add_(1);
        Assert.That(plain.data<float>().ToArray(), Is.EqualTo(new float[] { 1, 1, 0, 0 }), "what is not recorded may be changed");
        using (no_grad())
            y.unbind()[0].zero_();
    }

    [Test]
    public void GradientsShareTheirMemoryWithNothing()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (ones(2).requires_grad_(), ones(2).requires_grad_());
        var upstream = ones(2);
        for (var i = 0; i < 2; i++)
            (x + y).backward([upstream]);
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 2, 2 }));
        Assert.That(y.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 2, 2 }));
        Assert.That(upstream.data<float>().ToArray(), Is.EqualTo(new float[] { 1, 1 }));
    }

    [Test]
    public void ABackwardPassThatFailedLeavesNothingBehind()
    {
        using var scope = NewDisposeScope();
        var x = ones(2).requires_grad_();
        var y = x * 2;
        var z = y.exp();
        var sum = (z + y).sum();
        z.detach().add_(1);
        Assert.That(() => sum.backward(), Throws.InstanceOf<ExternalException>());
        x.grad = null;
        y.sum().backward();
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 2, 2 }));
    }

    [Test]
    public void DoubleBackwardIsRefused()
    {
        using var scope = NewDisposeScope();
        var x = ones(1).requires_grad_();
        Assert.That(() => (x * x).backward(create_graph: true),
            Throws.InstanceOf<ExternalException>().With.Message.Contains("double backward"));
        Assert.That(() => autograd.grad([x * x], [x], create_graph: true),
            Throws.InstanceOf<ExternalException>().With.Message.Contains("create_graph"));
    }

    [Test]
    public void GradientsOfIntermediateTensorsCanBeAskedFor()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new float[] { 1, 2 }).requires_grad_();
        var y = x * 3;
        var gradients = autograd.grad([(y * y).sum() + y[0]], [y, x], retain_graph: false);
        Assert.That(gradients[0].data<float>().ToArray(), Is.EqualTo(new float[] { 7, 12 }));
        Assert.That(gradients[1].data<float>().ToArray(), Is.EqualTo(new float[] { 21, 36 }));
        Assert.That(x.grad, Is.Null);
    }

    [Test]
    public void BackwardMayBeLimitedToInputs()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (ones(2).requires_grad_(), ones(2).requires_grad_());
        (x * y).sum().backward(inputs: [y]);
        Assert.That(x.grad, Is.Null);
        Assert.That(y.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 1, 1 }));
    }
}
