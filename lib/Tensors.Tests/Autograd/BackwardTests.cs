namespace Aim.Tensors.Tests.Autograd;

/// <summary>Small graphs whose gradients are known.</summary>
public sealed class BackwardTests
{
    [Test]
    public void SharedOperandsGatherTheirGradients()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new float[] { 1, 2, 3 }, requires_grad: true);
        var y = x * x + x.view(3) * 2.0;
        y.sum().backward();
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 4, 6, 8 }));
        (x * 3).sum().backward();
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 7, 9, 11 }),
            "gradients are added to what is there");
    }

    [Test]
    public void GradientsPassThroughViewsAndBroadcasting()
    {
        using var scope = NewDisposeScope();
        var x = arange(6, dtype: float32).view(2, 3).requires_grad_();
        var y = x.transpose(0, 1).slice(0, 1, 3, 1) + ones(2);
        (y * y).sum().backward();
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(new float[] { 0, 4, 6, 0, 10, 12 }));
    }

    [Test]
    public void IntermediatesOfAnInnerScopeAreKeptForBackward()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new float[] { 0.5f, -1 }, requires_grad: true);
        Tensor y;
        using (NewDisposeScope())
            y = ((x * 2).exp() * x).sum().MoveToOuterDisposeScope();
        y.backward();
        var expected = new[] { 0.5, -1 }.Select(v => (float)(Math.Exp(2 * v) * (1 + 2 * v))).ToArray();
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(expected).Within(1e-6));
    }

    [Test]
    public void AStepOfAdamWMovesAgainstTheGradient()
    {
        using var scope = NewDisposeScope();
        var w = nn.Parameter(tensor(new float[] { 1, -1 }));
        var adam = optim.AdamW([w], lr: 0.1, weight_decay: 0);
        (w * w).sum().backward();
        var norm = nn.utils.clip_grad_norm_([w], 1.0);
        adam.step();
        adam.zero_grad();
        Assert.That(norm, Is.EqualTo(Math.Sqrt(8)).Within(1e-6));
        Assert.That(w.data<float>().ToArray(), Is.EqualTo(new float[] { 0.9f, -0.9f }).Within(1e-5));
        Assert.That(w.grad, Is.Null);
    }
}
