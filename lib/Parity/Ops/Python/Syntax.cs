namespace Aim.Parity.Ops;

/// <summary>An expression of the Python subset.</summary>
internal abstract record Expression;

internal sealed record Literal(object? Value) : Expression;

internal sealed record NameOf(string Name) : Expression;

internal sealed record TupleOf(IReadOnlyList<Expression> Items) : Expression;

internal sealed record ListOf(IReadOnlyList<Expression> Items) : Expression;

internal sealed record DictOf(IReadOnlyList<(Expression Key, Expression Value)> Items) : Expression;

/// <summary><c>[element for target in items if test]</c></summary>
internal sealed record Comprehension(Expression Element, Expression Target, Expression Items, Expression? Test) : Expression;

internal sealed record Member(Expression Target, string Name) : Expression;

internal sealed record Subscript(Expression Target, Expression Index) : Expression;

internal sealed record SliceOf(Expression? Start, Expression? Stop, Expression? Step) : Expression;

/// <summary>An argument: positional, <c>name=</c>, <c>*</c> (Stars 1) or <c>**</c> (Stars 2).</summary>
internal sealed record Argument(string? Name, int Stars, Expression Value);

internal sealed record Invocation(Expression Function, IReadOnlyList<Argument> Arguments) : Expression;

internal sealed record Unary(string Operator, Expression Operand) : Expression;

internal sealed record Binary(string Operator, Expression Left, Expression Right) : Expression;

/// <summary><c>a &lt; b &lt; c</c></summary>
internal sealed record ComparisonChain(Expression First, IReadOnlyList<(string Operator, Expression Right)> Rest) : Expression;

internal sealed record Conditional(Expression Test, Expression Then, Expression Otherwise) : Expression;

/// <summary>A statement of the Python subset.</summary>
internal abstract record Statement;

internal sealed record Evaluation(Expression Value) : Statement;

internal sealed record Assignment(IReadOnlyList<Expression> Targets, Expression Value) : Statement;

internal sealed record Augmented(Expression Target, string Operator, Expression Value) : Statement;

internal sealed record Within(IReadOnlyList<(Expression Context, Expression? Target)> Items, IReadOnlyList<Statement> Body)
    : Statement;
