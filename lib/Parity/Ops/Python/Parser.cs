namespace Aim.Parity.Ops;

/// <summary>Recursive descent over the subset of Python that errors.json is written in; see <see cref="Expression"/>.</summary>
/// <exception cref="NotExpressibleException">Something else than that, or nested too deeply.</exception>
internal sealed partial class Parser(List<Token> tokens)
{
    /// <summary>How deeply expressions may nest, chains of members and operators included.</summary>
    private const int DepthCap = 100;

    private int _at;
    private int _depth;

    private Token Current => tokens[_at];

    public static IReadOnlyList<Statement> Parse(string code) => new Parser(Lexer.Split(code)).Program();

    /// <summary>One expression and nothing after it.</summary>
    public static Expression ParseExpression(string code)
    {
        var parser = new Parser(Lexer.Split(code));
        var e = parser.Items();
        return parser.Current.Kind == TokenKind.NewLine ? e : throw parser.Unknown();
    }

    private List<Statement> Program()
    {
        var statements = new List<Statement>();
        while (Current.Kind != TokenKind.End)
        {
            if (Current.Kind == TokenKind.NewLine)
                _at++;
            else
                statements.AddRange(Line());
        }

        return statements;
    }

    private List<Statement> Line() => IsName("with") ? [With()] : SimpleLine();

    private List<Statement> SimpleLine()
    {
        var statements = new List<Statement>();
        while (true)
        {
            if (!IsName("pass"))
                statements.Add(Simple());
            else
                _at++;
            if (!Take(";"))
                break;
            if (Current.Kind == TokenKind.NewLine)
                break;
        }

        if (Current.Kind != TokenKind.NewLine)
            throw Unknown();
        _at++;
        return statements;
    }

    private Within With()
    {
        _at++;
        var items = new List<(Expression, Expression?)>();
        do
        {
            var context = One();
            Expression? target = null;
            if (TakeName("as"))
                target = Postfix();
            items.Add((context, target));
        }
        while (Take(","));
        Need(":");
        if (Current.Kind != TokenKind.NewLine)
            return new Within(items, SimpleLine());
        _at++;
        if (Current.Kind != TokenKind.Indent)
            throw Unknown();
        _at++;
        var body = new List<Statement>();
        Deeper();
        while (Current.Kind != TokenKind.Dedent)
        {
            if (Current.Kind == TokenKind.End)
                throw Unknown();
            if (Current.Kind == TokenKind.NewLine)
                _at++;
            else
                body.AddRange(Line());
        }

        _depth--;
        _at++;
        return new Within(items, body);
    }

    private Statement Simple()
    {
        var first = Items();
        if (Current.Kind == TokenKind.Operator && Current.Text.Length > 1 && Current.Text[^1] == '='
            && Current.Text is not ("==" or "!=" or "<=" or ">=" or ":="))
        {
            var op = tokens[_at++].Text[..^1];
            return new Augmented(first, op, Items());
        }

        var parts = new List<Expression> { first };
        while (Take("="))
            parts.Add(Items());
        return parts.Count == 1 ? new Evaluation(first) : new Assignment(parts[..^1], parts[^1]);
    }

    /// <summary>One expression, or several with commas between them: a tuple.</summary>
    private Expression Items()
    {
        var items = new List<Expression> { One() };
        if (!Is(","))
            return items[0];
        while (Take(","))
        {
            if (Current.Kind is TokenKind.NewLine || Is("=") || Is(")") || Is("]") || Is(";"))
                break;
            items.Add(One());
        }

        return new TupleOf(items);
    }

    private Expression Linked(Expression e, ref int length) => ++length <= DepthCap
        ? e
        : throw new NotExpressibleException($"a chain of more than {DepthCap} operations");

    private void Deeper()
    {
        if (++_depth > DepthCap)
            throw new NotExpressibleException($"code nested more than {DepthCap} deep");
    }

    private bool Is(string op) => Current.Kind == TokenKind.Operator && Current.Text == op;

    private bool IsName(string name) => Current.Kind == TokenKind.Name && Current.Text == name;

    private bool Take(string op) => Is(op) && ++_at > 0;

    private bool TakeName(string name) => IsName(name) && ++_at > 0;

    private void Need(string op)
    {
        if (!Take(op))
            throw Unknown();
    }

    private string NeedName() => Current.Kind == TokenKind.Name ? tokens[_at++].Text : throw Unknown();

    private NotExpressibleException Unknown() => new(Current.Kind is TokenKind.NewLine or TokenKind.End
        ? "code that ends too early"
        : $"Python at '{Current.Text}{Current.Value}'");
}
