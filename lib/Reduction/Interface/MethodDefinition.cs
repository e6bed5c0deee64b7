namespace Aim.Reduction;

/// <summary>Where a method acts.</summary>
[Flags]
public enum MethodPlaces
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary>Within the vision tower.</summary>
    Tower = 1,

    /// <summary>Between tower and decoder.</summary>
    BeforeModel = 2,

    /// <summary>Between the decoder's layers.</summary>
    InsideModel = 4,

    /// <summary>While an answer is decoded.</summary>
    Decoding = 8,
}

/// <summary>What a method looks at beside the visual tokens themselves.</summary>
[Flags]
public enum MethodNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The class token's attention in the tower; without one, the attention of the mean query.</summary>
    ClassAttention = 1,

    /// <summary>The tower's attention among patches.</summary>
    PatchAttention = 2,

    /// <summary>The tower's keys.</summary>
    TowerKeys = 4,

    /// <summary>Embeddings of the prompt's text.</summary>
    TextEmbeddings = 8,

    /// <summary>The attention of the prompt's last token in the decoder.</summary>
    LastTokenAttention = 16,

    /// <summary>The attention of the prompt's text tokens in the decoder.</summary>
    TextAttention = 32,

    /// <summary>Page Rank importance in the decoder.</summary>
    PageRank = 64,
}

/// <summary>How a method fits a host.</summary>
public enum FitKind
{
    /// <summary>As its authors run it.</summary>
    Native,

    /// <summary>In an adaptation of ours, which a report must say.</summary>
    Adapted,

    /// <summary>Not at all.</summary>
    NotApplicable,
}

/// <summary>How a method fits a host, and why not better.</summary>
/// <param name="Kind">The label.</param>
/// <param name="Reason">What is different or missing, one sentence without a full stop; empty for native.</param>
public sealed record MethodFit(FitKind Kind, string Reason)
{
    /// <summary>As its authors run it.</summary>
    public static MethodFit Native { get; } = new(FitKind.Native, "");

    /// <summary>In an adaptation of ours.</summary>
    public static MethodFit Adapted(string reason) => new(FitKind.Adapted, reason);

    /// <summary>In an adaptation for several reasons, or, where all are empty, as its authors run it.</summary>
    public static MethodFit AdaptedIf(params IEnumerable<string> reasons)
    {
        string reason = string.Join("; ", reasons.Where(r => r.Length > 0));
        return reason.Length == 0 ? Native : Adapted(reason);
    }

    /// <summary>Not at all.</summary>
    public static MethodFit NotApplicable(string reason) => new(FitKind.NotApplicable, reason);

    /// <summary><c>adapted: reason</c>, <c>not applicable: reason</c>, or nothing.</summary>
    public override string ToString() => Kind switch
    {
        FitKind.Native => "",
        FitKind.Adapted => $"adapted: {Reason}",
        _ => $"not applicable: {Reason}",
    };
}

/// <summary>One setting of a method, for help and error messages.</summary>
/// <param name="Name">Its key in a definition.</param>
/// <param name="Meaning">What it sets, with its default and where that comes from.</param>
/// <param name="Example">A value that is right.</param>
public sealed record SettingInfo(string Name, string Meaning, string Example);

/// <summary>
/// A reduction method as the registry knows it: what it is, what it needs, which settings it takes, and how it is made ready
/// for a host. A method is one subclass of <see cref="MethodDefinition{TSettings}"/> and one line in <see cref="Methods"/>.
/// </summary>
public abstract class MethodDefinition
{
    /// <summary>The name in definitions, say <c>fastv</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What it does, in one sentence.</summary>
    public abstract string Summary { get; }

    /// <summary>Where the rule comes from: paper and official code, or that it is a control of ours.</summary>
    public abstract string Source { get; }

    /// <summary>Where it acts.</summary>
    public abstract MethodPlaces Places { get; }

    /// <summary>What it looks at.</summary>
    public virtual MethodNeeds Needs => MethodNeeds.None;

    /// <summary>The settings that it takes; the first is the main one, which a budget is reached by.</summary>
    public abstract IReadOnlyList<SettingInfo> Settings { get; }

    /// <summary>How it fits a host.</summary>
    public virtual MethodFit On(HostTraits host) => MethodFit.Native;

    /// <summary>Reads settings from a definition's keys and values.</summary>
    /// <param name="values">Keys and values as text; a list may be written <c>[8, 16, 24]</c> or <c>8, 16, 24</c>.</param>
    /// <exception cref="SettingException">A key is not known, or a value is not one that the setting can have.</exception>
    public abstract MethodSettings Read(IReadOnlyDictionary<string, string> values);

    /// <summary>Makes settings concrete for a host: defaults that follow from its depth become numbers.</summary>
    /// <exception cref="SettingException">A value does not fit the host.</exception>
    public abstract MethodSettings Settle(MethodSettings settings, HostTraits host);

    /// <summary>Makes the method ready to run with settings for a host.</summary>
    /// <exception cref="SettingException">A value does not fit the host.</exception>
    /// <exception cref="ArgumentException">
    /// The settings are another method's, or the method is not applicable to the host.
    /// </exception>
    public abstract ReductionMethod Create(MethodSettings settings, HostTraits host);

    /// <summary>
    /// Settings that differ in the main one alone, in the order of what they cost (never less tokens in any layer), for the
    /// search of a budget. Empty for a method that has nothing to search.
    /// </summary>
    /// <param name="settings">The other settings.</param>
    /// <param name="host">The host.</param>
    /// <param name="shape">Lengths of a prompt; only its text may differ where the settings are used.</param>
    public virtual IReadOnlyList<MethodSettings> Ladder(MethodSettings settings, HostTraits host, PromptShape shape) => [];
}

/// <summary>A method whose settings are a record of its own.</summary>
/// <typeparam name="TSettings">The settings.</typeparam>
public abstract class MethodDefinition<TSettings> : MethodDefinition
    where TSettings : MethodSettings
{
    /// <inheritdoc/>
    public sealed override MethodSettings Read(IReadOnlyDictionary<string, string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var reader = new SettingReader(this, values);
        var settings = Read(reader);
        reader.Done();
        return settings;
    }

    /// <inheritdoc/>
    public sealed override MethodSettings Settle(MethodSettings settings, HostTraits host) => Settle(Mine(settings), host);

    /// <inheritdoc/>
    public sealed override ReductionMethod Create(MethodSettings settings, HostTraits host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (On(host) is { Kind: FitKind.NotApplicable } fit)
            throw new ArgumentException($"{Name} cannot run on this {host.ModelType}: {fit.Reason}", nameof(host));
        return Make(Settle(Mine(settings), host), host);
    }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<MethodSettings> Ladder(MethodSettings settings, HostTraits host, PromptShape shape)
        => [.. Ladder(Settle(Mine(settings), host), host, shape)];

    /// <summary>Takes the settings that were given, defaults for the rest.</summary>
    protected abstract TSettings Read(SettingReader settings);

    /// <summary>See <see cref="MethodDefinition.Settle"/>; as they are, if not overridden.</summary>
    protected virtual TSettings Settle(TSettings settings, HostTraits host) => settings;

    /// <summary>Makes the method of settled settings for a host that it fits.</summary>
    protected abstract ReductionMethod Make(TSettings settings, HostTraits host);

    /// <summary>See <see cref="MethodDefinition.Ladder"/>; settled settings are given.</summary>
    protected virtual IEnumerable<TSettings> Ladder(TSettings settings, HostTraits host, PromptShape shape) => [];

    private TSettings Mine(MethodSettings settings)
        => settings as TSettings
            ?? throw new ArgumentException($"{settings?.GetType().Name} are not settings of {Name}", nameof(settings));
}
