namespace Aim.Parity.Ops;

/// <summary>Every operation that cases may call, by torch's Python names.</summary>
internal static partial class OperationTable
{
    private static readonly Dictionary<string, Operation> Operations = [];

    static OperationTable()
    {
        AddPointwise();
        AddArithmetic();
        AddComparisons();
        AddProducts();
        AddReductions();
        AddOrdering();
        AddShaping();
        AddParts();
        AddIndexing();
        AddScattering();
        AddActivations();
        AddLayers();
        AddImages();
        AddLosses();
        AddFactories();
        AddConversions();
        AddAutograd();
        AddCompositions();
        AddOptimizers();
    }

    /// <summary>All names, of functions and methods.</summary>
    public static IEnumerable<string> Names => Operations.Keys;

    /// <summary>The operation of a full name; null if this build has none.</summary>
    public static Operation? Find(string name)
    {
        if (name.StartsWith("torch.nn.functional.", StringComparison.Ordinal))
            name = "F." + name["torch.nn.functional.".Length..];
        return Operations.TryGetValue(name, out var operation) ? operation : null;
    }

    /// <summary>Calls an operation with positional arguments.</summary>
    public static object? Call(string name, params object?[] arguments) =>
        (Find(name) ?? throw new NotExpressibleException($"{name} is not an operation of this build"))
            .Call(arguments, new Dictionary<string, object?>());

    /// <summary>An operation under full names, separated by spaces.</summary>
    private static void Add(string names, params (string, Func<Arguments, object?>)[] overloads)
    {
        var all = names.Split(' ');
        var operation = new Operation(all, overloads);
        foreach (var name in all)
            Operations[name] = operation;
    }

    /// <summary>A function of torch that is also a method, under each of its short names.</summary>
    private static void Both(string names, params (string, Func<Arguments, object?>)[] overloads) =>
        Add(string.Join(' ', names.Split(' ').SelectMany(n => new[] { "torch." + n, "Tensor." + n })), overloads);

    /// <summary>Function, method, and the method with an underscore that writes into its tensor.</summary>
    private static void WithInPlace(string names, params (string Signature, Func<Arguments, object?> Body)[] overloads)
    {
        Both(names, overloads);
        Add(string.Join(' ', names.Split(' ').Select(n => $"Tensor.{n}_")),
            [.. overloads.Where(o => o.Signature.StartsWith("Tensor input", StringComparison.Ordinal))
                .Select(o => (o.Signature, Operation.IntoFirst("input", o.Body)))]);
    }

    /// <summary>The engine's pairs as Python's tuples.</summary>
    private static object?[] Tuple((Tensor, Tensor) pair) => [pair.Item1, pair.Item2];

    private static object?[] Tuple(IEnumerable<Tensor> tensors) => [.. tensors];
}
