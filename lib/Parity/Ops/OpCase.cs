using System.Text.Json;

namespace Aim.Parity.Ops;

/// <summary>One case of ops.json: views, call, comparison, and the same for the gradients.</summary>
internal sealed class OpCase(JsonElement json, int index, OpsFile file) : IParityCase
{
    /// <summary>Results of 16-bit types that may be one unit off: sums in an order of their own, then rounded.</summary>
    private static readonly HashSet<string> RoundedOften =
    [
        "torch.matmul", "torch.mm", "torch.bmm", "torch.mv", "torch.dot", "torch.addmm", "torch.baddbmm", "F.linear", "torch.sum",
        "F.softmax",
    ];

    public string Kind => OpsKind.Name;

    public string Name { get; } = json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
        ? id.GetString()!
        : $"case {index}";

    public CaseResult Run()
    {
        Operation? operation = null;
        var differences = new List<Difference>();
        try
        {
            using var scope = NewDisposeScope();
            var description = OpDescription.Read(json);
            operation = OperationTable.Find(description.Op)
                ?? throw new NotExpressibleException($"{description.Op} is not an operation of this build");
            var problem = Computed(description, operation, differences);
            var status = description.Informative ? CaseStatus.Informative : problem is null ? CaseStatus.Pass : CaseStatus.Fail;
            return new CaseResult(Kind, Name, status, differences, problem);
        }
        catch (NotExpressibleException e)
        {
            return TierA.Unsupported(Kind, Name, operation, e.Message);
        }
        catch (Exception e)
        {
            return new CaseResult(Kind, Name, CaseStatus.Fail, differences,
                $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
        }
        finally
        {
            set_grad_enabled(true);
        }
    }

    private string? Computed(OpDescription c, Operation operation, List<Difference> differences)
    {
        if (c.Op.StartsWith("optim.", StringComparison.Ordinal))
            return OptimizerCase.Run(c, operation, file, differences);
        if (c.Op.EndsWith(".clip_grad_norm_", StringComparison.Ordinal))
            return OptimizerCase.Clip(c, operation, file, differences);
        var stored = c.Inputs.Select(n => file.Load(c.Id, n)).ToArray();
        for (var i = 0; i < Math.Min(stored.Length, c.Gradients.Count); i++)
        {
            if (c.Gradients[i] is not null)
                stored[i].requires_grad_();
        }

        var inputs = stored.Select((t, i) => Viewed(c, c.Inputs[i], t)).ToArray();
        var results = new List<Tensor>();
        Flatten(Call(c, operation, inputs), results);
        var problem = Forward(c, inputs, results, differences);
        return Backward(c, stored, results, differences, problem);
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
            keywords[operation.ListParameter ?? throw new FixtureException($"{c.Op} takes no list")] = Objects(inputs);
            return operation.Call([], keywords);
        }

        if (c.Parameters is null)
            return operation.Call(Objects(inputs), keywords);
        if (c.Parameters.Count != inputs.Length)
            throw new FixtureException($"'params' must name {inputs.Length} inputs, not {c.Parameters.Count}");
        for (var i = 0; i < inputs.Length; i++)
            keywords[c.Parameters[i]] = inputs[i];
        return operation.Call([], keywords);
    }

    /// <summary><c>pattern</c> is what follows the first input in Python; t1, t2, .. are the others.</summary>
    private static object? Subscripted(OpDescription c, Tensor[] inputs)
    {
        if (c.Arguments.GetValueOrDefault("pattern") is not FixtureText { Text: var pattern } || inputs.Length == 0)
            throw new FixtureException("Tensor.index needs a pattern and an input");
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
                ?? throw new FixtureException($"the view {method} gives no tensor");
        }

        return t;
    }

    private string? Forward(OpDescription c, Tensor[] inputs, List<Tensor> results, List<Difference> differences)
    {
        if (results.Count != c.Expected.Count)
            return $"{results.Count} results, expected {c.Expected.Count}";
        string? problem = null;
        for (var i = 0; i < (c.ValuesOnly ? 1 : results.Count); i++)
        {
            var (difference, wrong) = TensorComparison.Compare(c.Expected[i], results[i], file.Load(c.Id, c.Expected[i]),
                c.ToleranceOf(c.Expected[i]), RoundedOften.Contains(c.Op), c.ZerosAreSigned);
            differences.Add(difference);
            problem ??= wrong;
        }

        return c.ValuesOnly && problem is null ? IndicesLead(c, inputs, results) : problem;
    }

    /// <summary>Where ties leave the index open: it must lead to the value, and no two may be the same.</summary>
    private static string? IndicesLead(OpDescription c, Tensor[] inputs, List<Tensor> results)
    {
        if (results is not [var values, { dtype: ScalarType.Int64 } indices] || values.dim() == 0
            || !values.shape.SequenceEqual(indices.shape) || values.dim() != inputs[0].dim())
            return null;
        var dim = c.Arguments.GetValueOrDefault("dim") as long? ?? -1;
        var led = inputs[0].detach().gather(dim, indices);
        var problem = TensorComparison.Compare("gathered", led, values.detach(), default).Problem;
        if (problem is not null || indices.shape[(int)(dim < 0 ? dim + indices.dim() : dim)] < 2)
            return problem;
        var sorted = indices.sort(dim).Item1;
        var length = sorted.shape[(int)(dim < 0 ? dim + sorted.dim() : dim)];
        return sorted.narrow(dim, 1, length - 1).eq(sorted.narrow(dim, 0, length - 1)).any().item<bool>()
            ? "an index occurs twice"
            : null;
    }

    private string? Backward(OpDescription c, Tensor[] stored, List<Tensor> results, List<Difference> differences,
        string? problem)
    {
        if (!c.Gradients.Any(g => g is not null))
            return problem;
        var roots = results.Select((r, i) => (Root: r, Name: c.Upstream.ElementAtOrDefault(i)))
            .Where(r => r.Name is not null && r.Root.requires_grad).ToArray();
        if (roots.Length == 0)
            return problem ?? "no result can be differentiated";
        autograd.backward([.. roots.Select(r => r.Root)], [.. roots.Select(r => file.Load(c.Id, r.Name!))]);
        for (var i = 0; i < Math.Min(stored.Length, c.Gradients.Count); i++)
        {
            if (c.Gradients[i] is not { } name)
                continue;
            var (difference, wrong) = TensorComparison.Compare(name, stored[i].grad ?? zeros_like(stored[i].detach()),
                file.Load(c.Id, name), c.ToleranceOf(name), RoundedOften.Contains(c.Op), c.ZerosAreSigned);
            differences.Add(difference);
            problem ??= wrong;
        }

        return problem;
    }

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
                foreach (var item in Values.Sequence(value) ?? throw new FixtureException("the call gives no tensor"))
                    Flatten(item, results);
                break;
        }
    }
}
