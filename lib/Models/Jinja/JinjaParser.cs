using System.Globalization;

namespace Aim.Models;

/// <summary>Reads the tokens of a template. Nesting is bounded, and with it the stack that reading and rendering take.</summary>
internal sealed class JinjaParser(List<JinjaToken> tokens)
{
    private const int MaxDepth = 100;

    private const string Statements = "for, if, set and generation are";

    private int _at, _depth;

    private JinjaToken Current => tokens[_at];

    /// <summary>The whole template.</summary>
    public JinjaStatement[] Template()
    {
        var body = Body(out string end);
        return end.Length == 0 ? body : throw Error($"{{% {end} %}} without its beginning");
    }

    // Statements up to a block that ends or divides one; its word is taken, the rest of its tag is not.
    private JinjaStatement[] Body(out string end)
    {
        Enter();
        var body = new List<JinjaStatement>();
        for (end = ""; Current.Kind != JinjaTokenKind.End;)
        {
            var token = tokens[_at++];
            if (token.Kind == JinjaTokenKind.Text)
            {
                body.Add(new JinjaText(token.Text));
            }
            else if (token.Kind == JinjaTokenKind.OutputBegin)
            {
                body.Add(new JinjaOutput(Expression()));
                Expect(JinjaTokenKind.OutputEnd, "}}");
            }
            else
            {
                string word = Name("a statement");
                if (word is "endfor" or "endif" or "elif" or "else" or "endgeneration")
                {
                    end = word;
                    break;
                }

                Statement(word, body);
            }
        }

        _depth--;
        return [.. body];
    }

    private void Statement(string word, List<JinjaStatement> body)
    {
        switch (word)
        {
            case "for":
                body.Add(For());
                break;
            case "if":
                body.Add(If());
                break;
            case "set":
                body.Add(Set());
                break;
            case "generation":
                CloseTag();
                body.AddRange(Body(out string end));
                EndOf(end, "endgeneration");
                break;
            default:
                throw NotSupported($"the statement {word} is not supported; {Statements}");
        }
    }

    private JinjaFor For()
    {
        var names = new List<string>();
        bool tuple = TakeSign("(");
        do
            names.Add(Name("for: a name"));
        while (TakeSign(","));
        if (tuple)
            ExpectSign(")");
        if (!TakeName("in"))
            throw Error("for: 'for NAME in LIST' is expected");
        var list = Or();
        var condition = TakeName("if") ? Expression() : null;
        if (TakeName("recursive"))
            throw NotSupported("for: 'recursive' is not supported");
        CloseTag();
        var body = Body(out string end);
        JinjaStatement[] otherwise = [];
        if (end == "else")
        {
            CloseTag();
            otherwise = Body(out end);
        }

        EndOf(end, "endfor");
        return new JinjaFor([.. names], list, condition, body, otherwise);
    }

    private JinjaIf If()
    {
        var branches = new List<(JinjaExpression, JinjaStatement[])>();
        string end;
        do
        {
            var condition = Expression();
            CloseTag();
            branches.Add((condition, Body(out end)));
        }
        while (end == "elif");
        JinjaStatement[] otherwise = [];
        if (end == "else")
        {
            CloseTag();
            otherwise = Body(out end);
        }

        EndOf(end, "endif");
        return new JinjaIf([.. branches], otherwise);
    }

    private JinjaSet Set()
    {
        string name = Name("set: a name");
        string? attribute = TakeSign(".") ? Name("set: a name") : null;
        if (!TakeSign("="))
            throw NotSupported("set: only 'set NAME = VALUE' is supported");
        var value = Expression();
        CloseTag();
        return new JinjaSet(name, attribute, value);
    }

    private void EndOf(string end, string expected)
    {
        if (end != expected)
            throw Error($"{{% {expected} %}} is missing");
        CloseTag();
    }

    private JinjaExpression Expression()
    {
        Enter();
        var value = Or();
        while (TakeName("if"))
        {
            var condition = Or();
            var otherwise = TakeName("else") ? Expression() : null;
            value = Nest(new JinjaChoice(condition, value, otherwise), value, condition, otherwise);
        }

        _depth--;
        return value;
    }

    private JinjaExpression Or()
    {
        var left = And();
        while (TakeName("or"))
        {
            var right = And();
            left = Nest(new JinjaLogic(true, left, right), left, right);
        }

        return left;
    }

    private JinjaExpression And()
    {
        var left = Not();
        while (TakeName("and"))
        {
            var right = Not();
            left = Nest(new JinjaLogic(false, left, right), left, right);
        }

        return left;
    }

    private JinjaExpression Not()
    {
        if (!TakeName("not"))
            return Comparison();
        Enter();
        var operand = Not();
        _depth--;
        return Nest(new JinjaNot(operand), operand);
    }

    private JinjaExpression Comparison()
    {
        var first = Sum();
        var rest = new List<(string, JinjaExpression)>();
        while (true)
        {
            string? sign = TakeSign("==", "!=", "<", "<=", ">", ">=") ? tokens[_at - 1].Text : TakeName("in") ? "in" : null;
            if (sign is null && Current is { Kind: JinjaTokenKind.Name, Text: "not" }
                && tokens[_at + 1] is { Kind: JinjaTokenKind.Name, Text: "in" })
            {
                _at += 2;
                sign = "not in";
            }

            if (sign is null)
                return rest.Count == 0
                    ? first
                    : Nest(new JinjaComparison(first, [.. rest]), [first, .. rest.Select(r => r.Item2)]);
            rest.Add((sign, Sum()));
        }
    }

    private JinjaExpression Sum() => Chain(Join, "+", "-");

    private JinjaExpression Join() => Chain(Product, "~");

    private JinjaExpression Product() => Chain(Unary, "*", "/", "//", "%");

    private JinjaExpression Chain(Func<JinjaExpression> operand, params string[] signs)
    {
        var left = operand();
        while (TakeSign(signs))
        {
            string sign = tokens[_at - 1].Text;
            var right = operand();
            left = Nest(new JinjaArithmetic(sign, left, right), left, right);
        }

        return left;
    }

    private JinjaExpression Unary()
    {
        if (!TakeSign("-", "+"))
            return Filters(Postfix(Atom()));
        string sign = tokens[_at - 1].Text;
        Enter();
        var operand = Unary();
        _depth--;
        return Nest(new JinjaArithmetic(sign, new JinjaConstant(0L), operand), operand);
    }

    private JinjaExpression Postfix(JinjaExpression value)
    {
        while (true)
        {
            if (TakeSign("["))
            {
                value = Subscript(value);
            }
            else if (TakeSign("."))
            {
                value = Current.Kind == JinjaTokenKind.Integer
                    ? Nest(new JinjaItem(value, Atom()), value)
                    : Nest(new JinjaAttribute(value, Name("an attribute")), value);
            }
            else if (TakeSign("("))
            {
                var arguments = Arguments();
                value = Nest(new JinjaInvocation(value, arguments), arguments.Depth, value);
            }
            else
            {
                return value;
            }
        }
    }

    private JinjaExpression Subscript(JinjaExpression target)
    {
        var bounds = new List<JinjaExpression?>();
        while (true)
        {
            bounds.Add(IsSign(":") || IsSign("]") ? null : Expression());
            if (!TakeSign(":"))
                break;
        }

        ExpectSign("]");
        if (bounds.Count > 3 || bounds is [null])
            throw Error("a subscript needs a key, or start:stop:step");
        return bounds is [{ } key]
            ? Nest(new JinjaItem(target, key), target, key)
            : Nest(new JinjaSlice(target, [.. bounds, .. new JinjaExpression?[3 - bounds.Count]]), [target, .. bounds]);
    }

    private JinjaExpression Filters(JinjaExpression value)
    {
        while (true)
        {
            if (TakeSign("|"))
            {
                string name = Name("a filter");
                if (!JinjaFilters.Names.Contains(name))
                    throw NotSupported($"the filter {name} is not supported; {string.Join(", ", JinjaFilters.Names)} are");
                var arguments = TakeSign("(") ? Arguments() : JinjaArguments.None;
                value = Nest(new JinjaFilter(value, name, arguments), arguments.Depth, value);
            }
            else if (TakeName("is"))
            {
                bool negated = TakeName("not");
                string name = Name("a test");
                if (!JinjaTests.Names.Contains(name))
                    throw NotSupported($"the test {name} is not supported; {string.Join(", ", JinjaTests.Names)} are");
                var arguments = TestArguments();
                value = Nest(new JinjaTest(value, name, arguments), arguments.Depth, value);
                if (negated)
                    value = Nest(new JinjaNot(value), value);
            }
            else if (TakeSign("("))
            {
                var arguments = Arguments();
                value = Nest(new JinjaInvocation(value, arguments), arguments.Depth, value);
            }
            else
            {
                return value;
            }
        }
    }

    // A test takes its arguments in brackets, or one without.
    private JinjaArguments TestArguments()
    {
        if (TakeSign("("))
            return Arguments();
        bool bare = Current.Kind is JinjaTokenKind.String or JinjaTokenKind.Integer or JinjaTokenKind.Float || IsSign("[")
            || (Current.Kind == JinjaTokenKind.Name
                && Current.Text is not ("else" or "or" or "and" or "if" or "is" or "not" or "in"));
        return bare ? new JinjaArguments([Postfix(Atom())], []) : JinjaArguments.None;
    }

    private JinjaArguments Arguments()
    {
        var positional = new List<JinjaExpression>();
        var named = new List<(string, JinjaExpression)>();
        while (!TakeSign(")"))
        {
            if (IsSign("*") || IsSign("**"))
                throw NotSupported("an argument with * is not supported");
            bool isNamed = Current.Kind == JinjaTokenKind.Name && tokens[_at + 1] is { Kind: JinjaTokenKind.Operator, Text: "=" };
            if (isNamed)
            {
                string name = Name("an argument");
                _at++;
                if (named.Any(n => n.Item1 == name))
                    throw Error($"the argument {name} is given twice");
                named.Add((name, Expression()));
            }
            else
            {
                if (named.Count > 0)
                    throw Error("an argument without name stands after one with name");
                positional.Add(Expression());
            }

            if (TakeSign(","))
                continue;
            ExpectSign(")");
            break;
        }

        return new JinjaArguments([.. positional], [.. named]);
    }

    private JinjaExpression Atom()
    {
        var token = tokens[_at++];
        switch (token.Kind)
        {
            case JinjaTokenKind.String:
                // Strings beside each other are one.
                while (Current.Kind == JinjaTokenKind.String)
                    token = token with { Text = token.Text + tokens[_at++].Text };
                return new JinjaConstant(token.Text);
            case JinjaTokenKind.Integer:
                return long.TryParse(token.Text, CultureInfo.InvariantCulture, out long whole)
                    ? new JinjaConstant(whole)
                    : throw NotSupported($"the number {token.Text} is too large");
            case JinjaTokenKind.Float:
                return new JinjaConstant(double.Parse(token.Text, CultureInfo.InvariantCulture));
            case JinjaTokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new JinjaConstant(true),
                    "false" or "False" => new JinjaConstant(false),
                    "none" or "None" => new JinjaConstant(null),
                    _ => new JinjaName(token.Text),
                };
            case JinjaTokenKind.Operator when token.Text == "(":
                var inner = Expression();
                if (IsSign(","))
                    throw NotSupported("a tuple is not supported");
                ExpectSign(")");
                return inner;
            case JinjaTokenKind.Operator when token.Text == "[":
                return List();
            case JinjaTokenKind.Operator when token.Text == "{":
                throw NotSupported("a dictionary {...} is not supported");
            default:
                _at--;
                throw Error($"'{token.Text}' where a value is expected");
        }
    }

    private JinjaExpression List()
    {
        var items = new List<JinjaExpression>();
        while (!TakeSign("]"))
        {
            items.Add(Expression());
            if (TakeSign(","))
                continue;
            ExpectSign("]");
            break;
        }

        return Nest(new JinjaList([.. items]), [.. items]);
    }

    private void Enter()
    {
        if (++_depth > MaxDepth)
            throw Error($"nested more than {MaxDepth} deep");
    }

    private JinjaExpression Nest(JinjaExpression node, params JinjaExpression?[] parts) => Nest(node, 0, parts);

    private JinjaExpression Nest(JinjaExpression node, int depth, params JinjaExpression?[] parts)
    {
        foreach (var part in parts)
            depth = Math.Max(depth, part?.Depth ?? 0);
        return depth < MaxDepth
            ? node with { Depth = depth + 1 }
            : throw Error($"an expression nested more than {MaxDepth} deep");
    }

    private string Name(string what)
        => Current.Kind == JinjaTokenKind.Name ? tokens[_at++].Text : throw Error($"{what} is expected, not '{Current.Text}'");

    private bool IsSign(string sign) => Current.Kind == JinjaTokenKind.Operator && Current.Text == sign;

    private bool TakeSign(params string[] signs)
    {
        if (Current.Kind != JinjaTokenKind.Operator || !signs.Contains(Current.Text))
            return false;
        _at++;
        return true;
    }

    private bool TakeName(string name)
    {
        if (Current.Kind != JinjaTokenKind.Name || Current.Text != name)
            return false;
        _at++;
        return true;
    }

    private void ExpectSign(string sign)
    {
        if (!TakeSign(sign))
            throw Error($"'{sign}' is expected, not '{Current.Text}'");
    }

    private void Expect(JinjaTokenKind kind, string text)
    {
        if (Current.Kind != kind)
            throw Error($"'{text}' is expected, not '{Current.Text}'");
        _at++;
    }

    private void CloseTag() => Expect(JinjaTokenKind.BlockEnd, "%}");

    private JinjaException Error(string what) => new($"line {Current.Line}: {what}");

    private JinjaException NotSupported(string what) => new($"line {Current.Line}: {what}", unsupported: true);
}
