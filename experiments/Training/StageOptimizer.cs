namespace Aim.Experiments.Training;

/// <summary>
/// A stage's optimiser: Muon for the matrices of transformer blocks, AdamW for everything else (embeddings, norms, biases,
/// projector), with one learning rate. The global gradient norm of what AdamW moves is clipped; Muon's updates have a fixed size
/// anyway.
/// </summary>
internal sealed class StageOptimizer : IDisposable
{
    private readonly IReadOnlyList<(string Name, Modules.Parameter Parameter)> parameters;
    private readonly IReadOnlyList<(string Name, Modules.Parameter Parameter)> others;
    private readonly torch.optim.Optimizer? adam;
    private readonly Muon[] muon;
    private readonly double clipNorm;

    public StageOptimizer(IReadOnlyList<(string Name, Modules.Parameter Parameter)> parameters, StageRecipe recipe)
    {
        (this.parameters, clipNorm) = (parameters, recipe.ClipNorm);
        muon =
        [
            .. parameters.Where(p => IsBlockMatrix(p.Name, p.Parameter)).GroupBy(p =>
                (p.Parameter.shape[0], p.Parameter.shape[1]))
                .Select(shape => new Muon([.. shape], recipe.WeightDecay)),
        ];
        others = [.. parameters.Where(p => !IsBlockMatrix(p.Name, p.Parameter))];
        adam = others.Count == 0 ? null : torch.optim.AdamW(
            others.Select(p => p.Parameter), recipe.LearningRate, recipe.Beta1, recipe.Beta2, weight_decay: recipe.WeightDecay);
    }

    /// <summary>The tensors that a training state saves beside the weights: the optimiser's own, not copies.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State
    {
        get
        {
            foreach (var ((name, _), state) in others.Zip(Moments))
            {
                yield return ("exp_avg." + name, state.exp_avg);
                yield return ("exp_avg_sq." + name, state.exp_avg_sq);
            }

            foreach (var (name, momentum) in muon.SelectMany(m => m.State))
            {
                yield return ("momentum." + name, momentum);
            }
        }
    }

    /// <summary>
    /// Updates that each of AdamW's parameters has had (those without a gradient sit a step out): its bias correction needs them.
    /// </summary>
    public float[] Updates
    {
        get => [.. Moments.Select(state => (float)state.step)];
        set
        {
            foreach (var (state, updates) in Moments.Zip(value))
            {
                state.step = (long)updates;
            }
        }
    }

    private IEnumerable<Modules.AdamW.State> Moments => adam?.state_dict().State.Cast<Modules.AdamW.State>() ?? [];

    /// <summary>
    /// Updates the parameters in place and drops their gradients. Returns the norm of AdamW's gradients before clipping.
    /// </summary>
    public double Step(double rate)
    {
        var norm = torch.nn.utils.clip_grad_norm_(others.Select(p => p.Parameter), clipNorm);
        foreach (var group in adam?.ParamGroups ?? [])
        {
            group.LearningRate = rate;
        }

        adam?.step();
        foreach (var group in muon)
        {
            group.Step(rate);
        }

        // None, not zero: a weight that the next step does not use (the projector, on text) sits it out, resumed or not.
        foreach (var (_, parameter) in parameters)
        {
            parameter.grad = null;
        }

        return norm;
    }

    public void Dispose()
    {
        adam?.Dispose();
        foreach (var group in muon)
        {
            group.Dispose();
        }
    }

    private static bool IsBlockMatrix(string name, Modules.Parameter parameter) =>
        parameter.shape.Length == 2 && name.Contains("layers.", StringComparison.Ordinal);
}
