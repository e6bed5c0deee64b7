using Aim.Tensors.Kernels;

namespace Aim.Tensors.Modules;

/// <summary>
/// See <see cref="torch.optim.AdamW(IEnumerable{Parameter}, double, double, double, double, double, bool, bool)"/>.
/// </summary>
public sealed partial class AdamW : torch.optim.Optimizer
{
    private readonly Dictionary<Parameter, State> _states = [];

    internal AdamW(IEnumerable<ParamGroup> groups, double lr, double beta1, double beta2, double eps, double weight_decay,
        bool amsgrad, bool maximize)
    {
        foreach (var group in groups)
        {
            var options = group.Settings;
            options.Fill(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
            options.Check();
            options.InitialLearningRate = options.LearningRate!.Value;
            AddGroup(group);
        }

        CheckNotEmpty();
    }

    public override unsafe Tensor? step(Func<Tensor>? closure = null)
    {
        var loss = Evaluate(closure);
        using var off = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        foreach (var group in ParamGroups.Cast<ParamGroup>())
        {
            var o = group.Settings;
            foreach (var parameter in group.Parameters)
            {
                if (parameter.GradientBuffer is not { } gradient)
                    continue;
                var state = StateFor(parameter);
                state.step++;
                if (parameter.IsContiguousFloat && o.amsgrad != true)
                {
                    var packed = gradient.is_contiguous() ? gradient : Copy.Contiguous(gradient);
                    AdamWKernel.Step(parameter.Floats, packed.Floats, state.exp_avg.Floats, state.exp_avg_sq.Floats,
                        parameter.numel(),
                        new AdamWSettings(group.LearningRate, o.beta1!.Value, o.beta2!.Value, o.eps!.Value,
                            o.weight_decay!.Value,
                            state.step, o.maximize!.Value ? -1 : 1));
                    parameter.Storage.Version++;
                }
                else
                {
                    Composed(parameter, gradient, state, o);
                }
            }
        }

        return loss;
    }

    private protected override OptimizerState StateOf(Parameter parameter) => StateFor(parameter);

    protected override void Dispose(bool disposing)
    {
        foreach (var state in _states.Values)
            state.Dispose();
        _states.Clear();
    }

    private static void Composed(Parameter p, Tensor g, State s, Options o)
    {
        var (lr, beta1, beta2) = (o.LearningRate!.Value, o.beta1!.Value, o.beta2!.Value);
        g = o.maximize!.Value ? g.neg() : g;
        p.mul_(1 - (lr * o.weight_decay!.Value));
        s.exp_avg.mul_(beta1).add_(g, 1 - beta1);
        s.exp_avg_sq.mul_(beta2).add_(g.mul(g), 1 - beta2);
        var square = s.exp_avg_sq;
        if (o.amsgrad == true)
        {
            s.max_exp_avg_sq ??= torch.zeros_like(p).DetachFromDisposeScope();
            square = s.max_exp_avg_sq.copy_(s.max_exp_avg_sq.maximum(s.exp_avg_sq));
        }

        var denominator = square.sqrt().div(Math.Sqrt(1 - Math.Pow(beta2, s.step))).add(o.eps!.Value);
        p.add_(s.exp_avg.div(denominator), -lr / (1 - Math.Pow(beta1, s.step)));
    }

    private State StateFor(Parameter parameter)
    {
        if (!_states.TryGetValue(parameter, out var state))
        {
            state = new State(parameter);
            _states.Add(parameter, state);
        }

        return state;
    }
}
