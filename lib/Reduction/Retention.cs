using System.Globalization;
using System.Numerics;

namespace Aim.Reduction;

/// <summary>
/// The share of visual tokens that merging keeps, rho in (0, 1], as an exact fraction: <c>1</c>, <c>1/4</c>, <c>0.25</c> and
/// <c>25%</c> are read without rounding, so that counts never hang on a binary fraction.
/// </summary>
public readonly record struct Retention
{
    private readonly BigInteger _numerator;
    private readonly BigInteger _denominator;

    /// <summary>Makes numerator / denominator in lowest terms.</summary>
    /// <exception cref="ArgumentException">The fraction is not in (0, 1].</exception>
    public Retention(BigInteger numerator, BigInteger denominator)
    {
        if (denominator <= 0 || numerator <= 0 || numerator > denominator)
            throw new ArgumentException($"retention must lie in (0, 1], for example 1/4; {numerator}/{denominator} does not");
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
        (_numerator, _denominator) = (numerator / divisor, denominator / divisor);
    }

    /// <summary>All tokens.</summary>
    public static Retention All => new(1, 1);

    // default(Retention) counts as 1.
    private BigInteger Numerator => _denominator.IsZero ? BigInteger.One : _numerator;

    private BigInteger Denominator => _denominator.IsZero ? BigInteger.One : _denominator;

    /// <summary>Whether nothing is merged.</summary>
    public bool IsAll => Numerator == Denominator;

    /// <summary>The value, rounded to double.</summary>
    public double Value => (double)Numerator / (double)Denominator;

    /// <summary>ceil(n * rho).</summary>
    public int Ceiling(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        return (int)((n * Numerator + Denominator - 1) / Denominator);
    }

    /// <summary>Reads <c>1</c>, <c>1/4</c>, <c>0.25</c> or <c>25%</c>.</summary>
    /// <exception cref="ArgumentException">The text is none of these or the value not in (0, 1].</exception>
    public static Retention Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string s = text.Trim();
        BigInteger scale = 1;
        if (s.EndsWith('%'))
            (s, scale) = (s[..^1].TrimEnd(), 100);
        string[] parts = s.Split('/');
        if (parts.Length > 2 || !Decimal(parts[0], out var numerator, out var ten))
            throw Unreadable(text);
        BigInteger denominator = 1, denominatorTen = 1;
        if (parts.Length == 2 && (!Decimal(parts[1], out denominator, out denominatorTen) || denominator.IsZero))
            throw Unreadable(text);
        (numerator, denominator) = (numerator * denominatorTen, denominator * ten * scale);
        if (numerator <= 0 || numerator > denominator)
            throw new ArgumentException($"retention must lie in (0, 1], for example 1/4; '{text}' does not");
        return new Retention(numerator, denominator);
    }

    private static bool Decimal(string text, out BigInteger digits, out BigInteger ten)
    {
        (digits, ten) = (0, 1);
        string s = text.Trim();
        int point = s.IndexOf('.', StringComparison.Ordinal);
        string whole = point < 0 ? s : s.Remove(point, 1);
        if (whole.Length is 0 or > 60 || !whole.All(char.IsAsciiDigit))
            return false;
        digits = BigInteger.Parse(whole, NumberStyles.None, CultureInfo.InvariantCulture);
        ten = point < 0 ? 1 : BigInteger.Pow(10, s.Length - point - 1);
        return true;
    }

    private static ArgumentException Unreadable(string text)
        => new($"retention '{text}' is not a number; write it as 1, 1/4, 0.25 or 25%");

    /// <summary>The exact value: <c>1</c> or <c>1/4</c>.</summary>
    public override string ToString()
        => Denominator.IsOne ? Numerator.ToString(CultureInfo.InvariantCulture) : $"{Numerator}/{Denominator}";

    /// <summary>
    /// The value as the paper prints it: a percentage with at most one decimal, halves rounded up (1/16 is <c>6.3%</c>).
    /// </summary>
    public string Label
    {
        get
        {
            var tenths = (2000 * Numerator + Denominator) / (2 * Denominator);
            string decimals = tenths % 10 == 0 ? "" : "." + tenths % 10;
            return $"{tenths / 10}{decimals}%";
        }
    }
}
