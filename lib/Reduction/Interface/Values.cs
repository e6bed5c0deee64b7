namespace Aim.Reduction;

/// <summary>A list of values in a method's settings: equal when its items are.</summary>
/// <typeparam name="T">The items.</typeparam>
/// <param name="items">They are copied.</param>
public sealed class Values<T>(IEnumerable<T> items) : IEquatable<Values<T>>
    where T : notnull
{
    /// <summary>The items in their order.</summary>
    public IReadOnlyList<T> Items { get; } = [.. items];

    /// <inheritdoc/>
    public bool Equals(Values<T>? other) => other is not null && Items.SequenceEqual(other.Items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Values<T>);

    /// <inheritdoc/>
    public override int GetHashCode() => Items.Aggregate(Items.Count, HashCode.Combine);

    /// <summary><c>8,16,24</c>.</summary>
    public override string ToString() => string.Join(',', Items);
}
