namespace Aim.Parity.Ops;

/// <summary>Expressions, from the loosest binding to the tightest.</summary>
internal sealed partial class Parser
{
    private static readonly string[][] Levels =
        [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "//", "%", "@"]];

    private Expression One()
    {
        Deeper();
        var then = Or();
        if (TakeName("if"))
        {
            var test = Or();
            if (!TakeName("else"))
                throw Unknown();
            then = new Conditional(test, then, One());
        }

        _depth--;
        return then;
    }

    private Expression Or() => Chain(() => Chain(Not, "and"), "or");

    private Expression Chain(Func<Expression> next, string word)
    {
        var (left, length) = (next(), 0);
        while (TakeName(word))
            left = Linked(new Binary(word, left, next()), ref length);
        return left;
    }

    private Expression Not()
    {
        if (!TakeName("not"))
            return Compared();
        Deeper();
        var e = new Unary("not", Not());
        _depth--;
        return e;
    }

    private Expression Compared()
    {
        var first = Operation(0);
        var rest = new List<(string, Expression)>();
        while (ComparisonOperator() is { } op)
            rest.Add((op, Operation(0)));
        return rest.Count == 0 ? first : new ComparisonChain(first, rest);
    }

    private string? ComparisonOperator()
    {
        if (Current is { Kind: TokenKind.Operator, Text: "<" or ">" or "<=" or ">=" or "==" or "!=" })
            return tokens[_at++].Text;
        if (TakeName("in"))
            return "in";
        if (TakeName("is"))
            return TakeName("not") ? "is not" : "is";
        if (!IsName("not"))
            return null;
        _at++;
        return TakeName("in") ? "not in" : throw Unknown();
    }

    private Expression Operation(int level)
    {
        if (level == Levels.Length)
            return Signed();
        var (left, length) = (Operation(level + 1), 0);
        while (Current.Kind == TokenKind.Operator && Levels[level].Contains(Current.Text))
        {
            var op = tokens[_at++].Text;
            left = Linked(new Binary(op, left, Operation(level + 1)), ref length);
        }

        return left;
    }

    private Expression Signed()
    {
        if (Current is not { Kind: TokenKind.Operator, Text: "-" or "+" or "~" })
            return Power();
        Deeper();
        var op = tokens[_at++].Text;
        var e = new Unary(op, Signed());
        _depth--;
        return e;
    }

    private Expression Power()
    {
        var left = Postfix();
        if (!Take("**"))
            return left;
        Deeper();
        var e = new Binary("**", left, Signed());
        _depth--;
        return e;
    }

    private Expression Postfix()
    {
        var (e, length) = (Atom(), 0);
        while (true)
        {
            if (Take("."))
                e = Linked(new Member(e, NeedName()), ref length);
            else if (Take("("))
                e = Linked(new Invocation(e, CallArguments()), ref length);
            else if (Take("["))
                e = Linked(new Subscript(e, Index()), ref length);
            else
                return e;
        }
    }

    private List<Argument> CallArguments()
    {
        var arguments = new List<Argument>();
        Deeper();
        while (!Take(")"))
        {
            if (Take("**"))
                arguments.Add(new Argument(null, 2, One()));
            else if (Take("*"))
                arguments.Add(new Argument(null, 1, One()));
            else if (Current.Kind == TokenKind.Name && tokens[_at + 1] is { Kind: TokenKind.Operator, Text: "=" })
            {
                var name = NeedName();
                _at++;
                arguments.Add(new Argument(name, 0, One()));
            }
            else
            {
                arguments.Add(new Argument(null, 0, Generated(One())));
            }

            if (!Is(")"))
                Need(",");
        }

        _depth--;
        return arguments;
    }

    private Expression Index()
    {
        Deeper();
        var items = new List<Expression>();
        var tuple = false;
        while (!Is("]"))
        {
            items.Add(IndexPart());
            if (!Take(","))
                break;
            tuple = true;
        }

        Need("]");
        _depth--;
        return items.Count == 0 ? throw Unknown() : tuple ? new TupleOf(items) : items[0];
    }

    private Expression IndexPart()
    {
        var start = Is(":") ? null : One();
        if (!Take(":"))
            return start!;
        var stop = Is(":") || Is("]") || Is(",") ? null : One();
        var step = !Take(":") || Is("]") || Is(",") ? null : One();
        return new SliceOf(start, stop, step);
    }

    private Expression Atom()
    {
        var token = tokens[_at++];
        switch (token.Kind)
        {
            case TokenKind.Number or TokenKind.Text:
                return new Literal(token.Value);
            case TokenKind.Name:
                return token.Text switch
                {
                    "None" => new Literal(null),
                    "True" => new Literal(true),
                    "False" => new Literal(false),
                    "lambda" or "for" or "if" or "while" or "def" or "import" or "from" or "class" or "del" or "assert" or "try"
                        or "return" or "raise" or "else" or "in" or "is" or "and" or "or" or "not" or "with" or "as" =>
                        throw new NotExpressibleException($"Python's {token.Text} here"),
                    var name => new NameOf(name),
                };
            case TokenKind.Operator when token.Text == "...":
                return new Literal(PythonEllipsis.Instance);
            case TokenKind.Operator when token.Text == "(":
                return Parenthesised();
            case TokenKind.Operator when token.Text == "[":
                return Bracketed();
            case TokenKind.Operator when token.Text == "{":
                return Braced();
            default:
                _at--;
                throw Unknown();
        }
    }

    private Expression Parenthesised()
    {
        if (Take(")"))
            return new TupleOf([]);
        var e = Generated(Items());
        Need(")");
        return e;
    }

    private Expression Bracketed()
    {
        var items = new List<Expression>();
        while (!Take("]"))
        {
            items.Add(One());
            if (items.Count == 1 && Generated(items[0]) is Comprehension all)
            {
                Need("]");
                return all;
            }

            if (!Is("]"))
                Need(",");
        }

        return new ListOf(items);
    }

    private DictOf Braced()
    {
        var items = new List<(Expression, Expression)>();
        while (!Take("}"))
        {
            var key = One();
            Need(":");
            items.Add((key, One()));
            if (!Is("}"))
                Need(",");
        }

        return new DictOf(items);
    }

    private Expression Generated(Expression element)
    {
        if (!TakeName("for"))
            return element;
        var target = Postfix();
        while (Take(","))
            target = new TupleOf([.. target is TupleOf t ? t.Items : [target], Postfix()]);
        if (!TakeName("in"))
            throw Unknown();
        var items = Or();
        return new Comprehension(element, target, items, TakeName("if") ? Or() : null);
    }
}
