using System.Runtime.InteropServices;

namespace Aim.Tensors.Tests.Optim;

/// <summary>An optimiser's state goes into another one and its steps go on as before.</summary>
public sealed class StateDictTests
{
    [Test]
    public void StepsGoOnWhereTheyEnded([Values] bool amsgrad)
    {
        using var scope = NewDisposeScope();
        var first = nn.Parameter(tensor(new float[] { 1, -2, 3 }));
        using var adam = optim.AdamW([first], lr: 0.1, weight_decay: 0.01, amsgrad: amsgrad);
        Step(first, adam, 1);
        Step(first, adam, -3);
        var second = nn.Parameter(first.detach().clone());
        using var other = optim.AdamW([second], lr: 5, beta1: 0.5);
        other.load_state_dict(adam.state_dict());
        Step(first, adam, 0.5f);
        Step(second, other, 0.5f);
        Assert.That(second.data<float>().ToArray(), Is.EqualTo(first.data<float>().ToArray()));
        var state = (Modules.AdamW.State)other.state_dict().State.Single();
        Assert.That(state.step, Is.EqualTo(3));
        Assert.That(state.exp_avg, Is.Not.SameAs(((Modules.AdamW.State)adam.state_dict().State.Single()).exp_avg));
        Assert.That(other.ParamGroups.Single().LearningRate, Is.EqualTo(0.1));
    }

    [Test]
    public void AStateOfOtherParametersIsRefused()
    {
        using var scope = NewDisposeScope();
        using var one = optim.AdamW([nn.Parameter(ones(3))]);
        using var two = optim.AdamW([nn.Parameter(ones(3)), nn.Parameter(ones(2))]);
        using var large = optim.AdamW([nn.Parameter(ones(4))]);
        Assert.That(() => one.load_state_dict(two.state_dict()), Throws.InstanceOf<ExternalException>());
        Assert.That(() => one.load_state_dict(large.state_dict()),
            Throws.InstanceOf<ExternalException>().With.Message.Contains("[4]"));
    }

    // The largest second moment so far divides: after a large gradient the steps stay small.
    [Test]
    public void AmsgradKeepsTheLargestSecondMoment()
    {
        using var scope = NewDisposeScope();
        var p = nn.Parameter(zeros(1));
        using var adam = optim.AdamW([p], lr: 1, beta1: 0, beta2: 0.5, eps: 0, weight_decay: 0, amsgrad: true);
        Step(p, adam, 8);
        Step(p, adam, 1);

        // Moments: 32, then max(32, 16.5) = 32; corrections 1/2 and 3/4.
        var expected = -1 - (1 / Math.Sqrt(32 / 0.75));
        Assert.That(p.item<float>(), Is.EqualTo(expected).Within(1e-6));
        Assert.That(((Modules.AdamW.State)adam.state_dict().State[0]).max_exp_avg_sq!.item<float>(), Is.EqualTo(32));
    }

    [Test]
    public void ParametersOf16BitsAreUpdated()
    {
        using var scope = NewDisposeScope();
        var p = nn.Parameter(ones(2, bfloat16));
        using var adam = optim.AdamW([p], lr: 0.25, weight_decay: 0);
        p.grad = ones(2, bfloat16);
        adam.step();
        Assert.That(p.dtype, Is.EqualTo(bfloat16));
        Assert.That(p.to(float32).data<float>().ToArray(), Is.All.EqualTo(0.75f).Within(0.01));
    }

    private static void Step(Modules.Parameter p, optim.Optimizer optimizer, float gradient)
    {
        p.grad = full_like(p, gradient);
        optimizer.step();
    }
}
