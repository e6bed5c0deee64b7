using Aim.Reports.Records;

namespace Aim.Experiments.InContext;

/// <summary>What came out of an experiment.</summary>
/// <param name="Claim">Its claim with the verdict.</param>
/// <param name="Exhibits">What shows it.</param>
/// <param name="IsTimed">Whether it was measured by clock or memory, so that another run gives other figures.</param>
internal sealed record Finding(ClaimRecord Claim, IReadOnlyList<ExhibitRecord> Exhibits, bool IsTimed = false)
{
    /// <summary>A claim by a rule of the measure's own, fixed before the run.</summary>
    /// <param name="definition">The experiment.</param>
    /// <param name="verdict">What the rule says; a limited run says nothing.</param>
    /// <param name="reason">Why.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="measure">What was measured.</param>
    /// <param name="control">What it must be compared with.</param>
    public static ClaimRecord ClaimOf(
        InContextDefinition definition, ClaimVerdict verdict, string reason, string rule, MeasureRecord? measure,
        MeasureRecord? control = null) => new()
        {
            Id = IdOf(definition),
            Claim = definition.Claim,
            Source = definition.Source,
            Measure = measure,
            Control = control,
            Verdict = definition.Limit is null ? verdict : ClaimVerdict.CannotBeTestedHere,
            Reason = definition.Limit is { } limit ? $"Limited run: not a verdict (at most {limit} episodes). {reason}" : reason,
            Rule = rule,
            Exhibit = IdOf(definition),
        };

    /// <summary>The address of an experiment's first exhibit, and of its claim.</summary>
    public static string IdOf(InContextDefinition definition) => definition.Name.ToLowerInvariant();

    /// <summary>The title of a further exhibit of an experiment.</summary>
    public static string TitleOf(InContextDefinition definition, string more) => definition.Title.EndsWith('?')
        ? $"{definition.Title} {char.ToUpperInvariant(more[0])}{more[1..]}" : $"{definition.Title}, {more}";

    /// <summary>What an experiment finds whose model is not there.</summary>
    public static Finding Missing(InContextDefinition definition) => new(
        new ClaimRecord
        {
            Id = IdOf(definition),
            Claim = definition.Claim,
            Source = definition.Source,
            Verdict = ClaimVerdict.CannotBeTestedHere,
            Reason = string.Join(" ", definition.LeftOut.Select(why => $"Not run: {why}.")),
        },
        []);
}
