namespace Aim.Fusion;

/// <summary>
/// W_p: the only part that trains. It maps aggregates <c>[tokens, dim]</c> to fused virtual tokens <c>[tokens, dim]</c>, which
/// stand in the decoder's input where the text's embeddings would (paper section 3, <c>T_i = W_p H_i^t + b</c>): dim^2 weights,
/// and dim for the bias.
/// </summary>
public sealed class FusionProjection : IDisposable
{
    private const double NormEps = 1e-5;

    internal FusionProjection(IReadOnlyDictionary<string, Tensor> tensors, ProjectionOptions options)
    {
        Options = options;
        Named = [.. tensors.Select(t => (t.Key, Own(t.Value)))];
        Dim = (int)this["weight"].shape[0];
    }

    /// <summary>A projection that has not been trained.</summary>
    /// <param name="dim">Width of states and embeddings.</param>
    /// <param name="options">Shape and start.</param>
    public FusionProjection(int dim, ProjectionOptions options) : this(Start(dim, options), options)
    {
    }

    /// <summary>Width of states and embeddings.</summary>
    public int Dim { get; }

    /// <summary>Its shape, and what it started from.</summary>
    public ProjectionOptions Options { get; }

    /// <summary>The parameters by name: weight, bias, norm.weight, norm.bias.</summary>
    public IReadOnlyList<(string Name, Modules.Parameter Parameter)> Named { get; }

    /// <summary>How many values train.</summary>
    public long ParameterCount => Named.Sum(p => p.Parameter.numel());

    private Tensor this[string name] => Named.First(p => p.Name == name).Parameter;

    /// <summary>
    /// Fused virtual tokens <c>[tokens, dim]</c> of aggregates <c>[tokens, dim]</c>; differentiable in the parameters.
    /// </summary>
    public Tensor Forward(Tensor aggregates)
    {
        ArgumentNullException.ThrowIfNull(aggregates);
        using var scope = NewDisposeScope();
        var fused = nn.functional.linear(aggregates, this["weight"], Options.Bias ? this["bias"] : null);
        if (Options.LayerNorm)
            fused = nn.functional.layer_norm(fused, [Dim], this["norm.weight"], this["norm.bias"], NormEps);
        return fused.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What <see cref="ProjectionOptions.Scale"/> brings aggregates to the size of a host's text embeddings: the ratio of their
    /// root mean squares.
    /// </summary>
    /// <param name="host">The host.</param>
    /// <param name="aggregates">Some aggregates, <c>[tokens, dim]</c> each.</param>
    /// <param name="texts">Some texts.</param>
    public static double ScaleFor(IFusionHost host, IReadOnlyList<Tensor> aggregates, IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(host);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var embeddings = texts.Select(text => host.Pack([new FusionPart.Text(host.Encode(text))]).Embeds).ToArray();
        return Math.Sqrt(MeanSquare(embeddings) / MeanSquare(aggregates));
    }

    /// <summary>Frees the parameters.</summary>
    public void Dispose()
    {
        foreach (var (_, parameter) in Named)
            parameter.Dispose();
    }

    private static Modules.Parameter Own(Tensor value)
    {
        var parameter = torch.nn.Parameter(value.DetachFromDisposeScope());
        parameter.DetachFromDisposeScope();
        return parameter;
    }

    private static double MeanSquare(IReadOnlyList<Tensor> tensors)
        => tensors.Sum(t => t.square().sum().cpu().item<float>()) / (double)tensors.Sum(t => t.numel());

    private static Dictionary<string, Tensor> Start(int dim, ProjectionOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dim);
        ArgumentNullException.ThrowIfNull(options);
        var generator = new torch.Generator(options.Seed);
        double bound = 1 / Math.Sqrt(dim);
        Tensor Uniform(params long[] shape) => (rand(shape, generator: generator) * 2 - 1) * bound;
        bool identity = options.Start == ProjectionStart.Identity;
        var tensors = new Dictionary<string, Tensor> { ["weight"] = identity ? eye(dim) * options.Scale : Uniform(dim, dim) };
        if (options.Bias)
            tensors["bias"] = identity ? zeros([dim]) : Uniform(dim);
        if (options.LayerNorm)
        {
            tensors["norm.weight"] = ones([dim]);
            tensors["norm.bias"] = zeros([dim]);
        }

        return tensors;
    }
}
