using System.Globalization;

namespace Aim.Parity.Ops;

/// <summary>A function that code may call without torch: Python's own few, and the fixtures' <c>Z</c> and <c>I</c>.</summary>
internal sealed record Builtin(string Name, Func<IReadOnlyList<object?>, IReadOnlyDictionary<string, object?>, object?> Call)
{
    public static IReadOnlyDictionary<string, Builtin> All { get; } = new[]
    {
        Declared("Z", "*ints shape=(), *, dtype dt=None, bool rg=False", a =>
            a.Flag("rg") ? ones(a.Ints("shape"), a.Dtype("dt")).requires_grad_() : ones(a.Ints("shape"), a.Dtype("dt"))),
        Declared("I", "*ints values=()", a => torch.tensor(a.Ints("values"))),
        Declared("Parameter", "Tensor data, bool requires_grad=True", a =>
            a["data"].detach().requires_grad_(a.Flag("requires_grad"))),
        Declared("bool", "any x", a => Arithmetic.Truth(a.Value("x"))),
        Declared("float", "any x", a => a.Value("x") switch
        {
            Tensor t => t.ToScalar().ToDouble(),
            string text => Parsed(text),
            var x => Values.ToScalar(x)?.ToDouble() ?? throw NotANumber("float", x),
        }),
        Declared("int", "any x", a => a.Value("x") switch
        {
            Tensor t => t.ToScalar().ToInt64(),
            double d => double.IsFinite(d)
                ? (long)d
                : throw new TorchException("cannot convert float infinity or NaN to integer"),
            var x => Values.ToScalar(x)?.ToInt64() ?? throw NotANumber("int", x),
        }),
        Declared("len", "any x", a => (long)(a.Value("x") switch
        {
            Tensor t when t.dim() == 0 => throw new TorchException("len() of a 0-d tensor"),
            Tensor t => t.shape[0],
            string text => text.Length,
            Dictionary<string, object?> dict => dict.Count,
            var x => Values.Sequence(x)?.Count
                ?? throw new TorchException($"object of type '{Values.TypeName(x)}' has no len()"),
        })),
        Declared("list", "any x=()", a => new PythonList(Evaluator.Items(a.Value("x")))),
        Declared("tuple", "any x=()", a => Evaluator.Items(a.Value("x")).ToArray()),
        Declared("str", "any x", a => a.Value("x") as string
            ?? throw new NotExpressibleException($"str of a {Values.TypeName(a.Value("x"))}")),
        new Builtin("dict", (_, named) => new Dictionary<string, object?>(named)),
        new Builtin("range", (positional, _) => Range(positional)),
    }.ToDictionary(b => b.Name);

    /// <summary>A method without arguments that gives None.</summary>
    public static Builtin Of(string name, Action action) => Declared(name, "", _ =>
    {
        action();
        return null;
    });

    private static Builtin Declared(string name, string signature, Func<Arguments, object?> body)
    {
        var operation = new Operation([name], [(signature, body)]);
        return new Builtin(name, operation.Call);
    }

    private static double Parsed(string text) => text.Trim().TrimStart('+').ToLowerInvariant() switch
    {
        "inf" or "infinity" => double.PositiveInfinity,
        "-inf" or "-infinity" => double.NegativeInfinity,
        "nan" or "-nan" => double.NaN,
        var word when double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) => value,
        _ => throw new TorchException($"could not convert string to float: '{text}'"),
    };

    private static TorchException NotANumber(string name, object? x) =>
        new($"{name}() argument must be a string or a real number, not '{Values.TypeName(x)}'");

    private static PythonList Range(IReadOnlyList<object?> bounds)
    {
        if (bounds.Count is 0 or > 3 || bounds.Any(b => b is not long))
            throw new TorchException("range expects one to three integers");
        var numbers = bounds.Select(b => (long)b!).ToArray();
        var (start, stop) = numbers.Length == 1 ? (0, numbers[0]) : (numbers[0], numbers[1]);
        var step = numbers.Length == 3 ? numbers[2] : 1;
        if (step == 0)
            throw new TorchException("range() arg 3 must not be zero");
        var result = new PythonList([]);
        for (var i = (Int128)start; step > 0 ? i < stop : i > stop; i += step)
        {
            if (result.Count == Evaluator.LengthCap)
                throw new NotExpressibleException($"a range of more than {Evaluator.LengthCap} numbers");
            result.Add((long)i);
        }

        return result;
    }
}
