using Aim.Experiments.Training;

namespace Aim.Experiments.Tests.Training;

public class StageOptimizerTests
{
    [TestCase(4, 4)]
    [TestCase(12, 5)]
    [TestCase(5, 12)]
    public void MuonsDirectionsAreHalfOrthogonal(int rows, int columns)
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.randn([3, rows, columns], generator: new torch.Generator(7));
        var direction = Muon.Orthogonal(x);
        Assert.That(direction.shape, Is.EqualTo(x.shape));
        // The product with its own transpose, on the short side, is the unit matrix as far as the iterations go: 0.7^2 to 1.2^2.
        var gram = rows <= columns ? torch.bmm(direction, direction.transpose(1, 2))
            : torch.bmm(direction.transpose(1, 2), direction);
        var side = Math.Min(rows, columns);
        for (var m = 0; m < 3; m++)
        {
            for (var i = 0; i < side; i++)
            {
                Assert.That(gram[m, i, i].item<float>(), Is.InRange(0.4f, 1.6f));
            }

            // It turns the matrix no further than it must: the inner product with it is the sum of singular values, more than the
            // norm.
            Assert.That((direction[m] * x[m]).sum().item<float>(), Is.GreaterThan(0.6f * x[m].pow(2).sum().sqrt().item<float>()));
        }
    }

    [Test]
    public void AWeightWithoutAGradientSitsTheStepOut()
    {
        using var scope = torch.NewDisposeScope();
        var names = new[] { "layers.0.q_proj.weight", "layers.1.q_proj.weight", "norm.weight", "projector.bias" };
        var parameters = names.Select(n =>
            (n, new Modules.Parameter(torch.ones(n.Contains("layers") ? [2L, 2L] : [2L])))).ToList();
        using var optimizer = new StageOptimizer(parameters, new StageRecipe(10, 0.1, WarmUp: 1));
        (parameters[0].Item2.sum() + parameters[2].Item2.sum()).backward();
        optimizer.Step(0.1);
        var moved = parameters.Select(p => p.Item2.sum().item<float>() != p.Item2.numel()).ToArray();
        Assert.That(moved, Is.EqualTo(new[] { true, false, true, false }));
        Assert.That(optimizer.Updates, Is.EqualTo(new[] { 1f, 0f }));
        Assert.That(parameters.Select(p => p.Item2.grad is null), Is.All.True);
    }
}
