namespace Aim.Parity.Ops;

/// <summary>Python's operators on numbers, sequences and tensors.</summary>
internal static class Arithmetic
{
    /// <summary>The tensor method behind an operator; null for one that tensors lack here.</summary>
    public static string? Method(string op) => op switch
    {
        "+" => "add",
        "-" => "sub",
        "*" => "mul",
        "/" => "div",
        "//" => "floor_divide",
        "%" => "remainder",
        "**" => "pow",
        "@" => "matmul",
        "&" => "bitwise_and",
        "|" => "bitwise_or",
        "^" => "bitwise_xor",
        "==" => "eq",
        "!=" => "ne",
        "<" => "lt",
        "<=" => "le",
        ">" => "gt",
        ">=" => "ge",
        _ => null,
    };

    /// <exception cref="TorchException">A tensor of several elements has no truth.</exception>
    public static bool Truth(object? value) => value switch
    {
        null => false,
        bool b => b,
        long n => n != 0,
        double d => d != 0,
        string s => s.Length > 0,
        Tensor t => (bool)t,
        Dictionary<string, object?> dict => dict.Count > 0,
        _ => Values.Sequence(value) is not { } items || items.Count > 0,
    };

    public static object? Apply(string op, object? operand)
    {
        if (op == "not")
            return !Truth(operand);
        return operand switch
        {
            Tensor t => op switch
            {
                "-" => OperationTable.Call("Tensor.neg", t),
                "~" => OperationTable.Call("Tensor.bitwise_not", t),
                _ => t,
            },
            bool b => Apply(op, b ? 1L : 0L),
            long n => op switch { "-" => -n, "~" => ~n, _ => n },
            double d when op != "~" => op == "-" ? -d : d,
            _ => throw new TorchException($"bad operand type for unary {op}: '{Values.TypeName(operand)}'"),
        };
    }

    public static object? Apply(string op, object? left, object? right)
    {
        if (left is Tensor)
            return OperationTable.Call($"Tensor.{Method(op) ?? throw Unknown(op, left, right)}", left, right);
        if (right is Tensor)
            return Reflected(op, left, right);
        if (op == "+" && left is string a && right is string b)
            return a + b;
        if (op is "+" or "*" && Values.Sequence(left) is { } items)
            return Sequences(op, left, right, items);
        if (op == "*" && left is long && Values.Sequence(right) is { } repeated)
            return Sequences(op, right, left, repeated);
        return Numbers(op, left, right) ?? throw Unknown(op, left, right);
    }

    public static object? Compare(string op, object? left, object? right)
    {
        switch (op)
        {
            case "is":
                return Identical(left, right);
            case "is not":
                return !Identical(left, right);
            case "in" or "not in":
                var found = Evaluator.Items(right).Any(i => Truth(Compare("==", i, left)));
                return found == (op == "in");
        }

        if (left is Tensor || right is Tensor)
        {
            return left is Tensor
                ? OperationTable.Call($"Tensor.{Method(op)}", left, right)
                : OperationTable.Call($"Tensor.{Method(Mirrored(op))}", right, left);
        }

        if (Number(left) is { } x && Number(right) is { } y)
        {
            return op switch
            {
                "==" => x == y,
                "!=" => x != y,
                "<" => x < y,
                "<=" => x <= y,
                ">" => x > y,
                _ => x >= y,
            };
        }

        return op switch
        {
            "==" => Same(left, right),
            "!=" => !Same(left, right),
            _ => throw new TorchException($"'{op}' not supported between instances of '{Values.TypeName(left)}' and "
                + $"'{Values.TypeName(right)}'"),
        };
    }

    private static object? Reflected(string op, object? left, object? right) => op switch
    {
        "-" => OperationTable.Call("Tensor.rsub", right, left),
        "/" => OperationTable.Call("Tensor.rdiv", right, left),
        "//" => OperationTable.Call("Tensor.rfloordiv", right, left),
        "%" => OperationTable.Call("torch.remainder", left, right),
        "**" => OperationTable.Call("torch.pow", left, right),
        "+" or "*" or "&" or "|" or "^" => OperationTable.Call($"Tensor.{Method(op)}", right, left),
        _ => throw Unknown(op, left, right),
    };

    private static object Sequences(string op, object? left, object? right, IReadOnlyList<object?> items)
    {
        IEnumerable<object?> joined;
        if (op == "+" && Values.Sequence(right) is { } others && left!.GetType() == right!.GetType())
            joined = items.Concat(others);
        else if (op == "*" && right is long n && n * (Int128)items.Count <= Evaluator.LengthCap)
            joined = Enumerable.Range(0, (int)Math.Max(0, n)).SelectMany(_ => items);
        else
            throw Unknown(op, left, right);
        return left is PythonList ? new PythonList(joined) : joined.ToArray();
    }

    private static object? Numbers(string op, object? left, object? right)
    {
        if (Number(left) is not { } x || Number(right) is not { } y)
            return null;
        if (op is "/" or "//" or "%" && y == 0)
            throw new TorchException("division by zero");
        if (left is not double && right is not double && op != "/" && !(op == "**" && y < 0))
            return Integers(op, left is bool l ? l ? 1 : 0 : (long)left!, right is bool r ? r ? 1 : 0 : (long)right!);
        return op switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => x / y,
            "//" => Math.Floor(x / y),
            "%" => x - (Math.Floor(x / y) * y),
            "**" => Math.Pow(x, y),
            _ => null,
        };
    }

    private static object? Integers(string op, long x, long y)
    {
        try
        {
            return op switch
            {
                "+" => checked(x + y),
                "-" => checked(x - y),
                "*" => checked(x * y),
                "//" => checked((x / y) - (x % y != 0 && (x < 0) != (y < 0) ? 1 : 0)),
                "%" => y == -1 ? 0 : (x % y) + (x % y != 0 && (x < 0) != (y < 0) ? y : 0),
                "**" => Power(x, y),
                "&" => x & y,
                "|" => x | y,
                "^" => x ^ y,
                "<<" when y is >= 0 and < 63 => checked(x * (1L << (int)y)),
                ">>" when y >= 0 => x >> (int)Math.Min(y, 63),
                _ => null,
            };
        }
        catch (OverflowException)
        {
            throw new NotExpressibleException("an integer of more than 64 bits");
        }
    }

    private static long Power(long x, long y)
    {
        if (x is 0 or 1 or -1)
            return y == 0 ? 1 : x == -1 && y % 2 == 0 ? 1 : x;
        var result = 1L;
        for (var i = 0L; i < y; i++)
            result = checked(result * x);
        return result;
    }

    private static double? Number(object? value) => value switch
    {
        bool b => b ? 1 : 0,
        long n => n,
        double d => d,
        _ => null,
    };

    private static bool Identical(object? left, object? right) =>
        ReferenceEquals(left, right) || (left is bool or ScalarType && left.Equals(right));

    private static bool Same(object? left, object? right) => Values.Sequence(left) is { } a && Values.Sequence(right) is { } b
        ? a.Count == b.Count && a.Zip(b).All(p => Truth(Compare("==", p.First, p.Second)))
        : Equals(left, right);

    private static string Mirrored(string op) => op switch
    {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        _ => op,
    };

    private static TorchException Unknown(string op, object? left, object? right) => new(
        $"unsupported operand type(s) for {op}: '{Values.TypeName(left)}' and '{Values.TypeName(right)}'");
}
