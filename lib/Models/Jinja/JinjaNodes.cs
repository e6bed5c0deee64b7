namespace Aim.Models;

/// <summary>A part of a parsed template that gives a value. Evaluating any costs a step of the run's budget.</summary>
internal abstract record JinjaExpression
{
    /// <summary>How deep the parts are nested, which bounds the stack that evaluating takes.</summary>
    public int Depth { get; init; } = 1;

    public object? Evaluate(JinjaRun run)
    {
        run.Spend(1);
        return Value(run);
    }

    protected abstract object? Value(JinjaRun run);
}

internal sealed record JinjaConstant(object? Constant) : JinjaExpression
{
    protected override object? Value(JinjaRun run) => Constant;
}

internal sealed record JinjaName(string Name) : JinjaExpression
{
    protected override object? Value(JinjaRun run) => run.Lookup(Name);
}

internal sealed record JinjaList(JinjaExpression[] Items) : JinjaExpression
{
    protected override object? Value(JinjaRun run) => Items.Select(i => i.Evaluate(run)).ToList();
}

/// <summary><c>left or right</c>, <c>left and right</c>: the operand that decides.</summary>
internal sealed record JinjaLogic(bool Or, JinjaExpression Left, JinjaExpression Right) : JinjaExpression
{
    protected override object? Value(JinjaRun run)
        => Left.Evaluate(run) is var left && JinjaValue.IsTrue(left) == Or ? left : Right.Evaluate(run);
}

internal sealed record JinjaNot(JinjaExpression Operand) : JinjaExpression
{
    protected override object? Value(JinjaRun run) => !JinjaValue.IsTrue(Operand.Evaluate(run));
}

/// <summary><c>then if condition else otherwise</c>; without the latter, an undefined value.</summary>
internal sealed record JinjaChoice(JinjaExpression Condition, JinjaExpression Then, JinjaExpression? Else) : JinjaExpression
{
    protected override object? Value(JinjaRun run)
        => JinjaValue.IsTrue(Condition.Evaluate(run)) ? Then.Evaluate(run)
            : Else is { } otherwise ? otherwise.Evaluate(run)
            : new JinjaUndefined("the inline if without else");
}

/// <summary>A chain of comparisons, each of which must hold.</summary>
internal sealed record JinjaComparison(JinjaExpression First, (string Sign, JinjaExpression Operand)[] Rest) : JinjaExpression
{
    protected override object? Value(JinjaRun run)
    {
        object? left = First.Evaluate(run);
        foreach (var (sign, operand) in Rest)
        {
            object? right = operand.Evaluate(run);
            if (!JinjaOperators.Compare(run, sign, left, right))
                return false;
            left = right;
        }

        return true;
    }
}

internal sealed record JinjaArithmetic(string Sign, JinjaExpression Left, JinjaExpression Right) : JinjaExpression
{
    protected override object? Value(JinjaRun run)
        => JinjaOperators.Arithmetic(run, Sign, Left.Evaluate(run), Right.Evaluate(run));
}

/// <summary><c>target[key]</c>.</summary>
internal sealed record JinjaItem(JinjaExpression Target, JinjaExpression Key) : JinjaExpression
{
    protected override object? Value(JinjaRun run) => JinjaMembers.Item(run, Target.Evaluate(run), Key.Evaluate(run));
}

/// <summary><c>target[start:stop:step]</c>.</summary>
internal sealed record JinjaSlice(JinjaExpression Target, JinjaExpression?[] Bounds) : JinjaExpression
{
    protected override object? Value(JinjaRun run)
        => JinjaMembers.Slice(run, Target.Evaluate(run), [.. Bounds.Select(b => b?.Evaluate(run))]);
}

/// <summary><c>target.name</c>.</summary>
internal sealed record JinjaAttribute(JinjaExpression Target, string Name) : JinjaExpression
{
    protected override object? Value(JinjaRun run) => JinjaMembers.Attribute(run, Target.Evaluate(run), Name);
}

/// <summary>The arguments of a call, a filter or a test.</summary>
internal sealed record JinjaArguments(JinjaExpression[] Positional, (string Name, JinjaExpression Value)[] Named)
{
    public static readonly JinjaArguments None = new([], []);

    public int Depth => Positional.Concat(Named.Select(n => n.Value)).Select(e => e.Depth).DefaultIfEmpty(0).Max();

    public JinjaCall Evaluate(JinjaRun run)
        => new([.. Positional.Select(p => p.Evaluate(run))], Named.ToDictionary(n => n.Name, n => n.Value.Evaluate(run)));
}

internal sealed record JinjaInvocation(JinjaExpression Function, JinjaArguments Arguments) : JinjaExpression
{
    protected override object? Value(JinjaRun run)
    {
        object? function = Function.Evaluate(run);
        var arguments = Arguments.Evaluate(run);
        return function switch
        {
            JinjaFunction callable => callable.Invoke(run, arguments),
            JinjaUndefined undefined => throw undefined.Error(),
            _ => throw new JinjaException($"{JinjaValue.TypeName(function)} cannot be called"),
        };
    }
}

internal sealed record JinjaFilter(JinjaExpression Input, string Name, JinjaArguments Arguments) : JinjaExpression
{
    protected override object? Value(JinjaRun run) => JinjaFilters.Apply(run, Name, Input.Evaluate(run), Arguments.Evaluate(run));
}

internal sealed record JinjaTest(JinjaExpression Input, string Name, JinjaArguments Arguments) : JinjaExpression
{
    protected override object? Value(JinjaRun run) => JinjaTests.Holds(run, Name, Input.Evaluate(run), Arguments.Evaluate(run));
}

/// <summary>A part of a parsed template that writes or assigns.</summary>
internal abstract record JinjaStatement
{
    public abstract void Run(JinjaRun run);

    public static void RunAll(JinjaStatement[] body, JinjaRun run)
    {
        foreach (var statement in body)
        {
            run.Spend(1);
            statement.Run(run);
        }
    }
}

internal sealed record JinjaText(string Text) : JinjaStatement
{
    public override void Run(JinjaRun run) => run.Write(Text);
}

internal sealed record JinjaOutput(JinjaExpression Value) : JinjaStatement
{
    public override void Run(JinjaRun run) => run.Write(JinjaValue.Text(run, Value.Evaluate(run)));
}

internal sealed record JinjaIf(
    (JinjaExpression Condition, JinjaStatement[] Body)[] Branches, JinjaStatement[] Else) : JinjaStatement
{
    public override void Run(JinjaRun run)
    {
        foreach (var (condition, body) in Branches)
        {
            if (JinjaValue.IsTrue(condition.Evaluate(run)))
            {
                RunAll(body, run);
                return;
            }
        }

        RunAll(Else, run);
    }
}

/// <summary><c>set name = value</c>, or of an attribute of a namespace.</summary>
internal sealed record JinjaSet(string Name, string? Attribute, JinjaExpression Value) : JinjaStatement
{
    public override void Run(JinjaRun run)
    {
        object? value = Value.Evaluate(run);
        if (Attribute is null)
            run.Assign(Name, value);
        else if (run.Lookup(Name) is JinjaNamespace space)
            space.Values[Attribute] = value;
        else
            throw new JinjaException($"set {Name}.{Attribute}: only attributes of a namespace can be set");
    }
}

internal sealed record JinjaFor(
    string[] Names, JinjaExpression List, JinjaExpression? Condition, JinjaStatement[] Body, JinjaStatement[] Else)
    : JinjaStatement
{
    public override void Run(JinjaRun run)
    {
        var items = JinjaValue.Iterate(run, List.Evaluate(run));
        if (Condition is not null)
            items = [.. items.Where(item => run.InScope(() => IsWanted(run, item)))];
        for (int i = 0; i < items.Count; i++)
        {
            run.InScope(() =>
            {
                run.Assign("loop", new JinjaLoop(items, i));
                Bind(run, items[i]);
                RunAll(Body, run);
                return true;
            });
        }

        if (items.Count == 0)
            RunAll(Else, run);
    }

    private bool IsWanted(JinjaRun run, object? item)
    {
        Bind(run, item);
        return JinjaValue.IsTrue(Condition!.Evaluate(run));
    }

    private void Bind(JinjaRun run, object? item)
    {
        if (Names.Length == 1)
        {
            run.Assign(Names[0], item);
            return;
        }

        var parts = JinjaValue.Iterate(run, item);
        if (parts.Count != Names.Length)
            throw new JinjaException($"for {string.Join(", ", Names)}: an item has {parts.Count} values");
        for (int i = 0; i < Names.Length; i++)
            run.Assign(Names[i], parts[i]);
    }
}
