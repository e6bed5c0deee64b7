using System.Globalization;
using System.Numerics;

namespace Aim.Experiments.Planning;

/// <summary>
/// The share of visual tokens that merging keeps, as an exact fraction: <c>1/4</c>, <c>0.25</c> and <c>25%</c> are the same retention.
/// </summary>
public readonly record struct Retention : IComparable<Retention>
{
    private Retention(int numerator, int denominator)
    {
        int divisor = (int)BigInteger.GreatestCommonDivisor(numerator, denominator);
        (Numerator, Denominator) = (numerator / divisor, denominator / divisor);
    }

    public static Retention Whole { get; } = new(1, 1);

    public int Numerator { get; }

    public int Denominator { get; }

    /// <summary>The fraction in decimal, in which <c>ceil(n0 * rho)</c> is computed.</summary>
    public decimal Value => (decimal)Numerator / Denominator;

    /// <summary>As the paper's tables print it (Tables 4 and 8): 100%, 50%, 25%, 12.5%, 6.3%, 3.1%, 1.6%.</summary>
    public string Printed => Math.Round(Value * 100, 1, MidpointRounding.AwayFromZero).ToString("0.#", CultureInfo.InvariantCulture) + "%";

    /// <summary>Reads a fraction, a decimal number or a percentage in (0, 1].</summary>
    public static bool TryParse(string text, out Retention retention)
    {
        retention = default;
        decimal scale = 1;
        string body = text.Trim();
        if (body.EndsWith('%'))
            (body, scale) = (body[..^1], 100);
        string[] parts = body.Split('/');
        if (parts.Length > 2 || !Positive(parts[0], out decimal numerator))
            return false;
        decimal denominator = scale;
        if (parts.Length == 2)
        {
            if (!Positive(parts[1], out decimal below))
                return false;
            denominator *= below;
        }
        // Up to six decimals keep the fraction within 32 bits; nobody needs a retention finer than that.
        while ((numerator % 1 != 0 || denominator % 1 != 0) && denominator < 1_000_000)
            (numerator, denominator) = (numerator * 10, denominator * 10);
        if (numerator % 1 != 0 || denominator % 1 != 0 || denominator > 100_000_000 || numerator > denominator)
            return false;
        retention = new Retention((int)numerator, (int)denominator);
        return true;
    }

    public int CompareTo(Retention other) => Value.CompareTo(other.Value);

    public override string ToString() => Denominator == 1 ? Numerator.ToString(CultureInfo.InvariantCulture) : $"{Numerator}/{Denominator}";

    private static bool Positive(string text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value > 0 && value <= 1_000_000;
}
