using System.Runtime.CompilerServices;

namespace Aim.Parity.Ops;

/// <summary>Runs the statements of <see cref="Parser"/> against the operation table.</summary>
internal sealed partial class Evaluator
{
    /// <summary>The most elements that a list made by code may have.</summary>
    internal const int LengthCap = 10_000;

    private readonly Dictionary<string, object?> _variables = [];

    /// <summary>The innermost statement that runs, or ran last.</summary>
    public Statement? Current { get; private set; }

    /// <summary>Gives a name a value.</summary>
    public void Set(string name, object? value) => _variables[name] = value;

    /// <summary>The statement that runs last of all.</summary>
    public static Statement? Last(IReadOnlyList<Statement> statements) =>
        statements is [.., Within inner] ? Last(inner.Body) : statements.Count > 0 ? statements[^1] : null;

    public void Run(IReadOnlyList<Statement> statements)
    {
        foreach (var statement in statements)
            Run(statement);
    }

    private void Run(Statement statement)
    {
        Current = statement;
        switch (statement)
        {
            case Evaluation e:
                Evaluate(e.Value);
                break;
            case Assignment a:
                var value = Evaluate(a.Value);
                foreach (var target in a.Targets)
                    Assign(target, value);
                break;
            case Augmented a:
                Assign(a.Target, InPlace(a.Operator, Evaluate(a.Target), Evaluate(a.Value)));
                break;
            case Within w:
                Run(w);
                break;
        }
    }

    private void Run(Within within)
    {
        var entered = new Stack<IDisposable>();
        try
        {
            foreach (var (context, target) in within.Items)
            {
                if (Evaluate(context) is not GradMode mode || target is not null)
                    throw new NotExpressibleException("with something else than a gradient mode");
                entered.Push(mode.Enter());
            }

            Run(within.Body);
        }
        finally
        {
            while (entered.TryPop(out var mode))
                mode.Dispose();
        }
    }

    public object? Evaluate(Expression expression)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return expression switch
        {
            Literal e => e.Value,
            NameOf e => Name(e.Name),
            TupleOf e => e.Items.Select(Evaluate).ToArray(),
            ListOf e => new PythonList(e.Items.Select(Evaluate)),
            DictOf e => e.Items.ToDictionary(i => Evaluate(i.Key) as string
                ?? throw new NotExpressibleException("a dict with keys that are no strings"), i => Evaluate(i.Value)),
            Comprehension e => Comprehend(e),
            Member e => Members.Get(Evaluate(e.Target), e.Name),
            Subscript e => Item(Evaluate(e.Target), Evaluate(e.Index)),
            SliceOf e => new PythonSlice(Bound(e.Start), Bound(e.Stop), Bound(e.Step)),
            Invocation e => Invoke(e),
            Unary e => Arithmetic.Apply(e.Operator, Evaluate(e.Operand)),
            Binary { Operator: "and" } e => Evaluate(e.Left) is var left && Arithmetic.Truth(left) ? Evaluate(e.Right) : left,
            Binary { Operator: "or" } e => Evaluate(e.Left) is var left && Arithmetic.Truth(left) ? left : Evaluate(e.Right),
            Binary e => Arithmetic.Apply(e.Operator, Evaluate(e.Left), Evaluate(e.Right)),
            ComparisonChain e => Compare(e),
            Conditional e => Arithmetic.Truth(Evaluate(e.Test)) ? Evaluate(e.Then) : Evaluate(e.Otherwise),
            _ => throw new InvalidOperationException(expression.GetType().Name),
        };
    }

    private object? Name(string name) => _variables.TryGetValue(name, out var value) ? value
        : Builtin.All.TryGetValue(name, out var builtin) ? builtin
        : name switch
        {
            "torch" => new PythonModule("torch"),
            "F" => new PythonModule("F"),
            _ => throw new NotExpressibleException($"the name {name}"),
        };

    private object? Compare(ComparisonChain comparison)
    {
        var left = Evaluate(comparison.First);
        object? result = true;
        foreach (var (op, expression) in comparison.Rest)
        {
            var right = Evaluate(expression);
            result = Arithmetic.Compare(op, left, right);
            if (op == comparison.Rest[^1].Operator && ReferenceEquals(expression, comparison.Rest[^1].Right))
                return result;
            if (!Arithmetic.Truth(result))
                return result;
            left = right;
        }

        return result;
    }

    private PythonList Comprehend(Comprehension comprehension)
    {
        var result = new PythonList([]);
        foreach (var item in Items(Evaluate(comprehension.Items)))
        {
            Assign(comprehension.Target, item);
            if (comprehension.Test is null || Arithmetic.Truth(Evaluate(comprehension.Test)))
                result.Add(Evaluate(comprehension.Element));
        }

        return result;
    }

    private object? Invoke(Invocation call)
    {
        var function = Evaluate(call.Function);
        var positional = new List<object?>();
        var keywords = new Dictionary<string, object?>();
        foreach (var argument in call.Arguments)
        {
            var value = Evaluate(argument.Value);
            if (argument.Stars == 1)
                positional.AddRange(Items(value));
            else if (argument.Stars == 2)
                Spread(value as Dictionary<string, object?> ?? throw new TorchException("argument after ** must be a mapping"));
            else if (argument.Name is null)
                positional.Add(value);
            else
                Spread(new() { [argument.Name] = value });
        }

        return function switch
        {
            Operation operation => operation.Call(positional, keywords),
            Builtin builtin => builtin.Call(positional, keywords),
            BoundMethod method => method.Operation.Call([method.Tensor, .. positional], keywords),
            _ => throw new TorchException($"'{Values.TypeName(function)}' object is not callable"),
        };

        void Spread(Dictionary<string, object?> named)
        {
            foreach (var (name, value) in named)
            {
                if (!keywords.TryAdd(name, value))
                    throw new TorchException($"got multiple values for keyword argument '{name}'");
            }
        }
    }

    private long? Bound(Expression? expression) => expression is null ? null : Evaluate(expression) switch
    {
        null => null,
        long n => n,
        Tensor t when t.numel() == 1 && !Values.IsFloat(t.dtype) => t.ToInt64(),
        _ => throw new TorchException("slice indices must be integers or None or have an __index__ method"),
    };

    /// <summary>What a loop, a star or an unpacking takes from a value.</summary>
    internal static IReadOnlyList<object?> Items(object? value) => value switch
    {
        Tensor t when t.dim() == 0 => throw new TorchException("iteration over a 0-d tensor"),
        Tensor t => t.unbind(0),
        _ => Values.Sequence(value) ?? throw new TorchException($"'{Values.TypeName(value)}' object is not iterable"),
    };
}
