using System.Text.Json;

namespace Aim.Parity.Ops;

/// <summary>One case of ops.json: views, call, comparison, and the same for the gradients.</summary>
internal sealed class OpCase(JsonElement json, int index, string path, OpsTensors file)
    : ParityCase(OpsKind.Name, OpsKind.NameOf(json, index), path)
{
    /// <summary>Results of 16-bit types that may be one unit off: sums in an order of their own, then rounded.</summary>
    private static readonly HashSet<string> RoundedOften =
    [
        "torch.matmul", "torch.mm", "torch.bmm", "torch.mv", "torch.dot", "torch.addmm", "torch.baddbmm", "F.linear", "torch.sum",
        "F.softmax",
    ];

    protected override void Compare(Comparison c)
    {
        using var recording = enable_grad();
        Operation? operation = null;
        try
        {
            var description = OpDescription.Read(json);
            c.Informative = description.Informative;
            operation = OperationTable.Find(description.Op)
                ?? throw new NotExpressibleException($"{description.Op} is not an operation of this build");
            Compare(c, description, operation);
        }
        catch (NotExpressibleException e)
        {
            TierA.Unsupported(c, operation, e.Message);
        }
    }

    private void Compare(Comparison comparison, OpDescription c, Operation operation)
    {
        if (c.Op.StartsWith("optim.", StringComparison.Ordinal))
        {
            OptimizerCase.Run(comparison, c, operation, file);
            return;
        }

        if (c.Op.EndsWith(".clip_grad_norm_", StringComparison.Ordinal))
        {
            OptimizerCase.Clip(comparison, c, operation, file);
            return;
        }

        var stored = c.Inputs.Select(n => file.Load(c.Id, n)).ToArray();
        for (var i = 0; i < Math.Min(stored.Length, c.Gradients.Count); i++)
        {
            if (c.Gradients[i] is not null)
                stored[i].requires_grad_();
        }

        var inputs = stored.Select((t, i) => Viewed(c, c.Inputs[i], t)).ToArray();
        var results = new List<Tensor>();
        Flatten(Call(c, operation, inputs), results);
        Forward(comparison, c, inputs, results);
        Backward(comparison, c, stored, results);
    }

    private static object? Call(OpDescription c, Operation operation, Tensor[] inputs)
    {
        var keywords = new Dictionary<string, object?>(c.Arguments);
        if (c.Op == "Tensor.index")
            return Subscripted(c, inputs);
        if (c.Op == "Tensor.index_put" && c.Parameters is { } names && names.Count == inputs.Length)
            return Put(operation, names, inputs, keywords);
        if (c.InputsAreAList)
        {
            keywords[operation.ListParameter ?? throw new BadFixtureException($"{c.Op} takes no list")] = Objects(inputs);
            return operation.Call([], keywords);
        }

        if (c.Parameters is null)
            return operation.Call(Objects(inputs), keywords);
        if (c.Parameters.Count != inputs.Length)
            throw new BadFixtureException($"'params' must name {inputs.Length} inputs, not {c.Parameters.Count}");
        for (var i = 0; i < inputs.Length; i++)
            keywords[c.Parameters[i]] = inputs[i];
        return operation.Call([], keywords);
    }

    /// <summary><c>pattern</c> is what follows the first input in Python; t1, t2, .. are the others.</summary>
    private static object? Subscripted(OpDescription c, Tensor[] inputs)
    {
        if (c.Arguments.GetValueOrDefault("pattern") is not FixtureText { Text: var pattern } || inputs.Length == 0)
            throw new BadFixtureException("Tensor.index needs a pattern and an input");
        var evaluator = new Evaluator();
        for (var i = 0; i < inputs.Length; i++)
        {
            evaluator.Set($"t{i}", inputs[i]);
            evaluator.Set(c.Inputs[i], inputs[i]);
        }

        evaluator.Set("x", inputs[0]);
        return evaluator.Evaluate(Parser.ParseExpression("x" + pattern));
    }

    /// <summary>The index tensors come one by one, as index0, index1, ..</summary>
    private static object? Put(Operation operation, IReadOnlyList<string> names, Tensor[] inputs,
        Dictionary<string, object?> keywords)
    {
        keywords["indices"] = inputs.Where((_, i) => names[i].StartsWith("index", StringComparison.Ordinal)).ToArray<object?>();
        for (var i = 0; i < inputs.Length; i++)
        {
            if (!names[i].StartsWith("index", StringComparison.Ordinal))
                keywords[names[i]] = inputs[i];
        }

        return operation.Call([], keywords);
    }

    private static Tensor Viewed(OpDescription c, string name, Tensor t)
    {
        if (!c.Views.TryGetValue(name, out var steps))
            return t;
        foreach (var (method, arguments) in steps)
        {
            t = OperationTable.Call($"Tensor.{method}", [t, .. arguments]) as Tensor
                ?? throw new BadFixtureException($"the view {method} gives no tensor");
        }

        return t;
    }

    private void Forward(Comparison comparison, OpDescription c, Tensor[] inputs, List<Tensor> results)
    {
        comparison.Holds(results.Count == c.Expected.Count, $"{results.Count} results, expected {c.Expected.Count}");
        for (var i = 0; i < Math.Min(results.Count, c.ValuesOnly ? 1 : c.Expected.Count); i++)
            Compare(comparison, c, c.Expected[i], results[i]);
        if (c.ValuesOnly && IndicesLead(c, inputs, results) is { } problem)
            comparison.Holds(false, problem);
    }

    /// <summary>Where ties leave the index open: it must lead to the value, and no two may be the same.</summary>
    private static string? IndicesLead(OpDescription c, Tensor[] inputs, List<Tensor> results)
    {
        if (results is not [var values, { dtype: ScalarType.Int64 } indices] || values.dim() == 0
            || !values.shape.SequenceEqual(indices.shape) || values.dim() != inputs[0].dim())
            return null;
        var dim = c.Arguments.GetValueOrDefault("dim") as long? ?? -1;
        var gathered = new Comparison();
        gathered.Tensors("gathered", inputs[0].detach().gather(dim, indices), values.detach(), default);
        var problem = gathered.Result(OpsKind.Name, c.Id).Reason;
        if (problem is not null || indices.shape[(int)(dim < 0 ? dim + indices.dim() : dim)] < 2)
            return problem;
        var sorted = indices.sort(dim).Item1;
        var length = sorted.shape[(int)(dim < 0 ? dim + sorted.dim() : dim)];
        return sorted.narrow(dim, 1, length - 1).eq(sorted.narrow(dim, 0, length - 1)).any().item<bool>()
            ? "an index occurs twice"
            : null;
    }

    private void Backward(Comparison comparison, OpDescription c, Tensor[] stored, List<Tensor> results)
    {
        if (!c.Gradients.Any(g => g is not null))
            return;
        var roots = results.Select((r, i) => (Root: r, Name: c.Upstream.ElementAtOrDefault(i)))
            .Where(r => r.Name is not null && r.Root.requires_grad).ToArray();
        comparison.Holds(roots.Length > 0, "no result can be differentiated");
        if (roots.Length == 0)
            return;
        autograd.backward([.. roots.Select(r => r.Root)], [.. roots.Select(r => file.Load(c.Id, r.Name!))]);
        for (var i = 0; i < Math.Min(stored.Length, c.Gradients.Count); i++)
        {
            if (c.Gradients[i] is { } name)
                Compare(comparison, c, name, stored[i].grad ?? zeros_like(stored[i].detach()));
        }
    }

    private void Compare(Comparison comparison, OpDescription c, string name, Tensor got) =>
        comparison.Tensors(name, got, file.Load(c.Id, name), c.ToleranceOf(name), RoundedOften.Contains(c.Op), c.ZerosAreSigned);

    private static object?[] Objects(Tensor[] tensors) => [.. tensors];

    private static void Flatten(object? value, List<Tensor> results)
    {
        switch (value)
        {
            case Tensor t:
                results.Add(t);
                break;
            case bool or long or double:
                results.Add(TensorData.Build(value, null));
                break;
            default:
                foreach (var item in Values.Sequence(value) ?? throw new BadFixtureException("the call gives no tensor"))
                    Flatten(item, results);
                break;
        }
    }
}
