namespace Aim.Parity;

/// <summary>How a case ended.</summary>
public enum CaseStatus
{
    /// <summary>Within the fixture's tolerance.</summary>
    Pass,

    /// <summary>Outside it, or an error.</summary>
    Fail,

    /// <summary>This build does not have what the case asks for.</summary>
    NotSupported,

    /// <summary>The fixture does not require a match; what was found is reported.</summary>
    Informative,
}

/// <summary>Largest absolute and relative difference of one tensor; NaN where they cannot be compared.</summary>
public sealed record Difference(string Tensor, double Abs, double Rel);

/// <summary>Outcome of one case.</summary>
public sealed record CaseResult(
    string Kind, string Name, CaseStatus Status, IReadOnlyList<Difference> Differences, string? Reason = null);
