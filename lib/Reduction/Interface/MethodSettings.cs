namespace Aim.Reduction;

/// <summary>
/// A method's settings. Two that mean the same are equal and write the same pairs, which read back to an equal record.
/// </summary>
public abstract record MethodSettings
{
    /// <summary>Every setting by its key, in a fixed order, values normalised (1/4 for 0.25).</summary>
    public abstract IReadOnlyList<KeyValuePair<string, string>> Pairs { get; }

    /// <summary>The settings as one line, for hashes and labels: <c>keep=1/4 layer=2</c>.</summary>
    public string Canonical => string.Join(' ', Pairs.Select(p => $"{p.Key}={p.Value}"));
}

/// <summary>The settings of a method that has none.</summary>
public sealed record NoSettings : MethodSettings
{
    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> Pairs => [];
}

/// <summary>
/// A method's setting is wrong. The message names the method, the setting, what was given and what would be right.
/// </summary>
public sealed class SettingException(string method, string setting, string problem)
    : ArgumentException($"{method}: setting '{setting}' {problem}")
{
    /// <summary>The setting's key.</summary>
    public string Setting { get; } = setting;
}
