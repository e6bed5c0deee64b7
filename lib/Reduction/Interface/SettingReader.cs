using System.Globalization;

namespace Aim.Reduction;

/// <summary>Reads a method's settings one by one; what was not read by the end is an error that names the known keys.</summary>
public sealed class SettingReader
{
    private readonly MethodDefinition _method;
    private readonly IReadOnlyDictionary<string, string> _values;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    internal SettingReader(MethodDefinition method, IReadOnlyDictionary<string, string> values)
        => (_method, _values) = (method, values);

    /// <summary>A share in (0, 1], written <c>1/4</c>, <c>0.25</c> or <c>25%</c>.</summary>
    public Retention Share(string key, Retention fallback) => Find(key) is { } text ? ParseShare(key, text) : fallback;

    /// <summary>Several shares; null: left out.</summary>
    public IReadOnlyList<Retention>? Shares(string key)
        => Find(key) is { } text ? [.. Items(text).Select(item => ParseShare(key, item))] : null;

    /// <summary>A whole number; null: left out, or <c>default</c>.</summary>
    public int? Whole(string key, int least, int most = int.MaxValue)
        => Find(key) is { } text && text != "default" ? ParseWhole(key, text, least, most) : null;

    /// <summary>Several whole numbers; null: left out, or <c>default</c>.</summary>
    public IReadOnlyList<int>? Wholes(string key, int least, int most = int.MaxValue)
        => Find(key) is { } text && text != "default"
            ? [.. Items(text).Select(item => ParseWhole(key, item, least, most))] : null;

    /// <summary>A decimal number between two bounds, both included.</summary>
    public double Number(string key, double fallback, double least, double most)
    {
        if (Find(key) is not { } text)
            return fallback;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && value >= least && value <= most
            ? value
            : throw Wrong(key, text, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));
    }

    /// <summary>One of several words.</summary>
    public string Choice(string key, string fallback, params IReadOnlyList<string> choices)
    {
        string text = Find(key) ?? fallback;
        return choices.Contains(text) ? text : throw Wrong(key, text, $"one of {string.Join(", ", choices)}");
    }

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool Flag(string key, bool fallback) => Choice(key, fallback ? "true" : "false", "true", "false") == "true";

    /// <summary>When tokens are pruned: <c>none</c>, <c>default</c>, or the layers <c>(6, 9)</c>.</summary>
    public ScheduleChoice Schedule(string key, ScheduleChoice fallback)
    {
        if (Find(key) is not { } text)
            return fallback;
        if (text is "none" or "default")
            return text == "none" ? ScheduleChoice.None : ScheduleChoice.Default;
        string[] items = [.. Items(text)];
        if (items.Length != 2 || !int.TryParse(items[0], out int l1) || !int.TryParse(items[1], out int l2) || l1 < 0 || l2 <= l1)
            throw Wrong(key, text, "none, default, or two rising layers");
        return new ScheduleChoice(l1, l2);
    }

    /// <summary>The text of a setting, or null.</summary>
    public string? Find(string key)
    {
        _read.Add(key);
        return _values.TryGetValue(key, out string? text) ? text.Trim() : null;
    }

    /// <summary>An error about a setting's value.</summary>
    public SettingException Wrong(string key, string text, string expected)
    {
        string example = _method.Settings.FirstOrDefault(s => s.Name == key) is { } info
            ? $", for example '{key}: {info.Example}'" : "";
        return new SettingException(_method.Name, key, $"is '{text}'; {expected} is expected{example}");
    }

    internal void Done()
    {
        if (_values.Keys.FirstOrDefault(k => !_read.Contains(k)) is not { } unknown)
            return;
        string known = _method.Settings.Count == 0
            ? "it has none"
            : $"it has {string.Join(", ", _method.Settings.Select(s => s.Name))}";
        throw new SettingException(_method.Name, unknown, $"is not known; {known}");
    }

    private Retention ParseShare(string key, string text)
    {
        try
        {
            return Retention.Parse(text);
        }
        catch (ArgumentException)
        {
            throw Wrong(key, text, "a share in (0, 1]");
        }
    }

    private int ParseWhole(string key, string text, int least, int most)
    {
        string range = most == int.MaxValue ? $"a whole number of {least} or more" : $"a whole number from {least} to {most}";
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            && value >= least && value <= most
            ? value
            : throw Wrong(key, text, range);
    }

    private static IEnumerable<string> Items(string text)
        => text.Trim().TrimStart('[', '(').TrimEnd(']', ')')
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>When tokens are pruned, before the decoder's depth is known.</summary>
/// <param name="L1">
/// First layer after which tokens are pruned; -1 with <paramref name="L2"/> 0 means never, with 1 by default.
/// </param>
/// <param name="L2">First layer without visual tokens.</param>
public readonly record struct ScheduleChoice(int L1, int L2)
{
    /// <summary>Nothing is pruned.</summary>
    public static ScheduleChoice None { get; } = new(-1, 0);

    /// <summary><see cref="PruneSchedule.Default"/> of the host.</summary>
    public static ScheduleChoice Default { get; } = new(-1, 1);

    /// <summary>The choice with the host's layers in the place of <see cref="Default"/>.</summary>
    public ScheduleChoice Settle(HostTraits host)
        => this == Default && PruneSchedule.Default(host.Layers, host.ModelType) is var s ? new ScheduleChoice(s.L1, s.L2) : this;

    /// <summary>The schedule for a host; null: nothing is pruned.</summary>
    public PruneSchedule? For(HostTraits host)
        => this == None ? null : Settle(host) is var s ? new PruneSchedule(s.L1, s.L2, host.Layers) : null;

    /// <summary><c>none</c>, <c>default</c> or <c>6,9</c>.</summary>
    public override string ToString() => this == None ? "none" : this == Default ? "default" : $"{L1},{L2}";
}
