using System.Text.Json;

namespace Aim.Parity;

/// <summary>A case of fixtures/reduction: <c>in.NAME</c> and <c>out.NAME</c> tensors, tolerances with atol and rtol.</summary>
internal abstract class ReductionCase(string kind, string name, CaseFile file) : ParityCase(kind, name, file.Path)
{
    /// <summary>The case's files.</summary>
    protected CaseFile Fixture { get; } = file;

    /// <summary>The tolerance of floats, or of one group of them.</summary>
    protected Tolerance ToleranceOf(string? group = null) => Read(Fixture, group);

    internal static Tolerance Read(CaseFile file, string? group)
    {
        var tolerance = file.Root.Need("tolerance");
        if (group is not null)
            tolerance = tolerance.Need(group);
        return new Tolerance(tolerance.NeedNumber("atol"), tolerance.NeedNumber("rtol"));
    }

    /// <summary>Ties decide the case: what is equal may be ordered otherwise.</summary>
    protected bool Ties => Fixture.Root.TryField("ties", out var ties) && ties.ValueKind == JsonValueKind.True;

    /// <summary>The prefix of what is right: where upstream misbehaves, <c>sane.NAME</c> replaces its value.</summary>
    protected string Sane(string name) => Fixture.Expects($"sane.{name}") ? "sane." : "";

    // Marked as upstream's misbehaviour, and nothing says what would be right instead.
    private bool IsOptional
    {
        get
        {
            string notes = Fixture.Root.TextOrNull("notes") ?? "";
            bool Begins(string mark) => notes.StartsWith(mark, StringComparison.Ordinal);
            bool marked = Begins("EDGE") || Begins("QUIRK") || Fixture.Expects("upstream_quirk");
            return marked && !Fixture.Expected.EnumerateObject().Any(e => e.Name.StartsWith("sane.", StringComparison.Ordinal));
        }
    }

    /// <inheritdoc/>
    protected sealed override void Compare(Comparison comparison)
    {
        using (Fixture)
        {
            comparison.Optional = IsOptional;
            CompareCase(comparison);
        }
    }

    /// <inheritdoc cref="Compare"/>
    protected abstract void CompareCase(Comparison comparison);
}
