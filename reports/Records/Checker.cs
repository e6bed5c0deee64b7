namespace Aim.Reports.Records;

/// <summary>Checks that name file and field where they fail.</summary>
internal readonly struct Checker(string file)
{
    /// <exception cref="RunRecordException">Where <paramref name="condition"/> is false.</exception>
    public void That(bool condition, string field, string fault)
    {
        if (!condition)
            throw new RunRecordException(file, field, fault);
    }

    public void Finite(double value, string field) => That(double.IsFinite(value), field, "is not a finite number");

    public void NonNegative(double value, string field) =>
        That(double.IsFinite(value) && value >= 0, field, "should be a finite number, not negative");

    public void Fraction(double value, string field) =>
        That(value is >= 0 and <= 1, field, FormattableString.Invariant($"is {value}, but should lie in [0, 1]"));

    public void Hash(string value, string field) =>
        That(value.Length == 64 && value.All(char.IsAsciiHexDigitLower), field, $"'{value}' is not a lower-case SHA-256");

    /// <summary>A name that may stand in an address of the page.</summary>
    public void Key(string value, string field) =>
        That(value.Length > 0 && char.IsAsciiLetterLower(value[0])
            && value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'),
            field, $"'{value}' should be of lower-case letters, digits and hyphens, a letter first");

    public void Text(string value, string field) => That(!string.IsNullOrWhiteSpace(value), field, "is empty");

    public void Count(int count, int expected, string field, string like) =>
        That(count == expected, field, $"has {count} entries, but {like} has {expected}");
}
