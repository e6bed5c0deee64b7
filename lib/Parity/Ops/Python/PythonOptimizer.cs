namespace Aim.Parity.Ops;

/// <summary>
/// torch.optim's calling convention over the engine's optimisers: parameters are plain leaves that share their memory with the
/// engine's, groups are dictionaries.
/// </summary>
internal sealed class PythonOptimizer : IDisposable
{
    private readonly List<(Tensor Tensor, Modules.Parameter Parameter)> _parameters = [];
    private readonly optim.Optimizer _optimizer;

    private PythonOptimizer(List<(Tensor, Modules.Parameter)> parameters, optim.Optimizer optimizer)
    {
        _parameters = parameters;
        _optimizer = optimizer;
    }

    /// <summary>AdamW with torch's defaults, which are not TorchSharp's.</summary>
    public static PythonOptimizer AdamW(Arguments a)
    {
        var parameters = new List<(Tensor, Modules.Parameter)>();
        var groups = new List<Modules.AdamW.ParamGroup>();
        foreach (var (tensors, settings) in Groups(a.Value("params")))
        {
            double Number(string name) => settings.TryGetValue(name, out var own) ? Values.ToScalar(own)?.ToDouble()
                ?? throw new TorchException($"{name} must be a number, not {Values.TypeName(own)}") : a.Float(name);
            bool Flag(string name) => settings.TryGetValue(name, out var own) ? own is true : a.Flag(name);
            var betas = settings.TryGetValue("betas", out var given) ? Values.Sequence(given)?.Select(v =>
                Values.ToScalar(v)?.ToDouble() ?? double.NaN).ToArray() ?? [] : a.FloatsOrNull("betas") ?? [0.9, 0.999];
            if (betas.Length != 2)
                throw new TorchException($"betas must be two numbers, got {betas.Length}");
            var known = tensors.Select(t => (t, ParameterOf(parameters, t))).ToArray();
            groups.Add(new Modules.AdamW.ParamGroup(known.Select(k => k.Item2), Number("lr"), betas[0], betas[1], Number("eps"),
                Number("weight_decay"), Flag("amsgrad"), Flag("maximize")));
        }

        return new PythonOptimizer(parameters, optim.AdamW(groups));
    }

    /// <summary>Takes the tensors' gradients over and moves them.</summary>
    public void Step()
    {
        foreach (var (tensor, parameter) in _parameters)
            parameter.grad = tensor.grad;
        _optimizer.step();
    }

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGrad()
    {
        foreach (var (tensor, _) in _parameters)
            tensor.grad = null;
    }

    public void Dispose() => _optimizer.Dispose();

    /// <summary>The engine's parameter of a tensor, the same one however often it is asked for.</summary>
    private static Modules.Parameter ParameterOf(List<(Tensor Tensor, Modules.Parameter Parameter)> known, Tensor tensor)
    {
        foreach (var (t, p) in known)
        {
            if (ReferenceEquals(t, tensor))
                return p;
        }

        if (!tensor.is_leaf)
            throw new TorchException("can't optimize a non-leaf Tensor");
        known.Add((tensor, nn.Parameter(tensor.detach())));
        return known[^1].Parameter;
    }

    /// <summary>A list of tensors is one group; a list of dictionaries holds a group each.</summary>
    private static IEnumerable<(Tensor[] Tensors, Dictionary<string, object?> Settings)> Groups(object? given)
    {
        if (Values.Sequence(given) is not { } items)
        {
            throw new TorchException("params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                + Values.TypeName(given));
        }

        if (items.Count == 0)
            throw new TorchException("optimizer got an empty parameter list");
        if (items[0] is not Dictionary<string, object?>)
            return [(Tensors(items), [])];
        return items.Select(i => i as Dictionary<string, object?>
            ?? throw new TorchException($"param group must be a dict, not {Values.TypeName(i)}"))
            .Select(g => (Tensors(g.GetValueOrDefault("params") is Tensor t ? [t]
                : Values.Sequence(g.GetValueOrDefault("params")) ?? throw new TorchException("a param group needs params")), g))
            .ToArray();
    }

    private static Tensor[] Tensors(IReadOnlyList<object?> items) => [.. items.Select(i => i as Tensor
        ?? throw new TorchException($"optimizer can only optimize Tensors, but one of the params is {Values.TypeName(i)}"))];
}
