namespace Aim.Parity;

/// <summary>A case of one reduction method: which tokens it keeps, what it makes of the rest.</summary>
internal abstract class MethodCase(string name, CaseFile file) : ReductionCase("method", name, file)
{
    /// <summary>A matrix of the case, [tokens, dim], of a size that is run.</summary>
    protected Tensor Matrix(string entry)
    {
        var x = Fixture.Tensor(entry);
        if (x.shape is not [var tokens, _])
            throw new BadFixtureException($"{entry} must be [tokens, dim], not [{string.Join(", ", x.shape)}]");
        Limits.Check("the number of similarities", tokens * tokens, Limits.Similarities);
        return x;
    }

    /// <summary>Compares kept tokens, ascending, with whatever the case has: indices, a mask, a count.</summary>
    protected void Kept(Comparison c, int[] kept, int tokens)
    {
        string indices = $"{Sane("indices")}indices";
        if (Fixture.Expects(indices))
            c.Exact("indices", Longs(kept), Fixture.Integers($"out.{indices}"));
        if (Fixture.Expects("mask"))
            c.Exact("mask", Enumerable.Range(0, tokens).Select(i => kept.Contains(i) ? 1L : 0), Fixture.Integers("out.mask"));
        Count(c, "count", kept.Length);
    }

    /// <summary>Compares a plain number, where the case has it.</summary>
    protected void Count(Comparison c, string entry, int actual)
    {
        if (Fixture.Expects(entry))
            c.Exact(entry, [actual], [Fixture.Expected.NeedInt(entry)]);
    }

    protected void Indices(Comparison c, string entry, IEnumerable<int> actual)
        => c.Exact(entry, Longs(actual), Fixture.Integers($"out.{Sane(entry)}{entry}"));

    protected void Close(Comparison c, string entry, Tensor actual)
        => c.Close(entry, actual.Values(), Fixture.Floats($"out.{entry}"), ToleranceOf());

    protected static IEnumerable<long> Longs(IEnumerable<int> values) => values.Select(v => (long)v);
}
