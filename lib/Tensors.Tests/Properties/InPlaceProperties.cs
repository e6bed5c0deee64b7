namespace Aim.Tensors.Tests.Properties;

/// <summary>
/// Random programs of views and in-place changes: the gradient is what finite differences of the same program give, whoever was
/// disposed on the way and however the base lies in memory.
/// </summary>
public sealed class InPlaceProperties
{
    [Test]
    public void GradientsEqualFiniteDifferences([Range(0, 149)] int seed)
    {
        using var scope = NewDisposeScope();
        var values = randn([3, 4], float64, generator: new Generator((ulong)seed + 1000));
        var x = values.clone().requires_grad_();
        Program(x, seed).backward();
        var gradient = x.grad!.data<double>().ToArray();
        using var off = no_grad();
        for (var i = 0; i < 12; i++)
        {
            const double Step = 1e-5;
            double At(double by)
            {
                using var inner = NewDisposeScope();
                var moved = values.clone();
                moved.data<double>()[i / 4, i % 4] += by;
                return Program(moved, seed).ToDouble();
            }

            var slope = (At(Step) - At(-Step)) / (2 * Step);
            Assert.That(gradient[i], Is.EqualTo(slope).Within(1e-5 * (1 + Math.Abs(slope))), $"element {i}");
        }
    }

    private static Tensor Program(Tensor x, int seed)
    {
        var random = new Random(seed);
        var views = new List<Tensor> { Base(x * 1, random.Next(4)) };
        for (var step = 0; step < 8; step++)
        {
            var at = random.Next(views.Count);
            var view = views[at];
            switch (random.Next(7))
            {
                case 0:
                    view.mul_(1.5);
                    break;
                case 1:
                    view.add_(view.clone().sin());
                    break;
                case 2:
                    view.copy_(views[random.Next(views.Count)].sum() * 0.1);
                    break;
                case 3 when views.Count > 1:
                    view.Dispose();
                    views.RemoveAt(at);
                    break;
                default:
                    views.Add(View(view, random));
                    break;
            }
        }

        return views.Select((v, i) => (v.square() * (i + 1)).sum()).Aggregate((a, b) => a + b);
    }

    /// <summary>The values on a base that is contiguous, transposed or has gaps, or on a view of a larger base.</summary>
    private static Tensor Base(Tensor values, int kind)
    {
        if (kind == 0)
            return values;
        var y = kind switch
        {
            1 => zeros([4, 3], float64).t().detach(),
            2 => zeros([3, 8], float64).slice(1, 1, 8, 2).detach(),
            _ => zeros([5, 4], float64).narrow(0, 1, 3),
        };
        return y.copy_(values);
    }

    private static Tensor View(Tensor x, Random random)
    {
        if (x.dim() == 0)
            return x.view(1);
        var d = random.Next((int)x.dim());
        return random.Next(5) switch
        {
            0 => x.transpose(d, -1),
            1 => x.select(d, random.Next((int)x.shape[d])),
            2 => x.narrow(d, 0, random.Next(1, (int)x.shape[d] + 1)),
            3 => x.unsqueeze(d),
            _ => x.slice(d, random.Next((int)x.shape[d]), long.MaxValue, 2),
        };
    }
}
