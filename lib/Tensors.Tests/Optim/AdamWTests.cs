namespace Aim.Tensors.Tests.Optim;

/// <summary>What torch's fixtures (lib/Parity.Tests) do not show.</summary>
public sealed class AdamWTests
{
    [Test]
    public void AScheduleSetsTheRate()
    {
        using var scope = NewDisposeScope();
        var p = nn.Parameter(ones(1));
        using var adam = optim.AdamW([p], lr: 0.5, weight_decay: 0);
        foreach (var group in adam.ParamGroups)
            group.LearningRate = 0.25;
        p.grad = ones(1);
        adam.step();
        Assert.That(p.item<float>(), Is.EqualTo(0.75f).Within(1e-6));
    }
}
