using System.Globalization;

namespace Aim.Parity;

/// <summary>How far a value may lie from the expected one: |a - b| &lt;= Absolute + Relative * |b|.</summary>
public readonly record struct Tolerance(double Absolute, double Relative = 0)
{
    /// <summary>The largest distance from a value.</summary>
    public double Bound(double expected) => Absolute + Relative * Math.Abs(expected);

    /// <summary>Whether a value is near enough. NaN must meet NaN, and infinities each other.</summary>
    public bool Holds(double actual, double expected) => actual.Equals(expected)
        || !double.IsInfinity(expected) && Math.Abs(actual - expected) <= Bound(expected);
}

/// <summary>
/// What one case found: the differences of each tensor, what lay outside its tolerance, and what could not be compared. Parts
/// that are given under one name (a layer, a step) are one entry.
/// </summary>
public sealed class Comparison
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, (double Abs, double Rel)> _differences = [];
    private readonly List<string> _failures = [];
    private readonly List<string> _left = [];
    private readonly List<string> _notes = [];
    private int _compared;

    /// <summary>The fixture gives values for information only; the case neither passes nor fails.</summary>
    public bool Informative { get; set; }

    /// <summary>
    /// The fixture does not require a match (upstream misbehaves there): a case that does not match is no failure.
    /// </summary>
    public bool Optional { get; set; }

    /// <summary>Names under which something was compared.</summary>
    public IReadOnlyCollection<string> Names => _order;

    /// <summary>
    /// Compares numbers. NaN must meet NaN, and infinities each other. The relative difference is taken where the expected value
    /// is not 0.
    /// </summary>
    /// <param name="tensor">The name of the entry.</param>
    /// <param name="actual">What this build computes.</param>
    /// <param name="expected">What upstream computed.</param>
    /// <param name="tolerance">How far they may be apart.</param>
    /// <param name="skip">Elements that do not matter (padding), by their index; null: all matter.</param>
    public void Close(
        string tensor,
        ReadOnlySpan<float> actual,
        ReadOnlySpan<float> expected,
        Tolerance tolerance,
        Func<int, bool>? skip = null)
    {
        if (!SameLength(tensor, actual.Length, expected.Length))
            return;
        var worst = new Worst();
        for (int i = 0; i < expected.Length; i++)
        {
            if (skip is null || !skip(i))
                worst.Add(i, actual[i], expected[i], tolerance.Holds(actual[i], expected[i]));
        }

        Record(tensor, worst);
    }

    /// <summary>As for float32.</summary>
    /// <param name="tensor">The name of the entry.</param>
    /// <param name="actual">What this build computes.</param>
    /// <param name="expected">What upstream computed.</param>
    /// <param name="tolerance">How far they may be apart.</param>
    /// <param name="fits">Decides instead of the tolerance whether an actual and an expected value match.</param>
    public void Close(
        string tensor,
        ReadOnlySpan<double> actual,
        ReadOnlySpan<double> expected,
        Tolerance tolerance,
        Func<double, double, bool>? fits = null)
    {
        if (!SameLength(tensor, actual.Length, expected.Length))
            return;
        var worst = new Worst();
        for (int i = 0; i < expected.Length; i++)
            worst.Add(i, actual[i], expected[i], fits?.Invoke(actual[i], expected[i]) ?? tolerance.Holds(actual[i], expected[i]));
        Record(tensor, worst);
    }

    /// <summary>Compares whole numbers, which must be equal.</summary>
    public void Exact(string tensor, IEnumerable<long> actual, IEnumerable<long> expected)
        => Whole(tensor, [.. actual], [.. expected], default);

    /// <summary>Compares whole numbers, of any size exactly.</summary>
    public void Whole(string tensor, ReadOnlySpan<long> actual, ReadOnlySpan<long> expected, Tolerance tolerance)
    {
        if (!SameLength(tensor, actual.Length, expected.Length))
            return;
        var worst = new Worst();
        for (int i = 0; i < expected.Length; i++)
            worst.Add(i, actual[i], expected[i], tolerance);
        Record(tensor, worst);
    }

    /// <inheritdoc cref="Exact(string, IEnumerable{long}, IEnumerable{long})"/>
    public void Exact(string tensor, IEnumerable<int> actual, IEnumerable<int> expected)
        => Exact(tensor, actual.Select(i => (long)i), expected.Select(i => (long)i));

    /// <summary>Compares texts, which must be equal.</summary>
    public void Same(string what, string actual, string expected)
    {
        _compared++;
        Name(what);
        if (string.Equals(actual, expected, StringComparison.Ordinal))
            return;
        int at = actual.Zip(expected).TakeWhile(p => p.First == p.Second).Count();
        Fail($"{what} is {Excerpt(actual, at)}, expected {Excerpt(expected, at)} (they part at character {at})");
    }

    /// <summary>A tensor that cannot be compared: its shape or type is another. That is a failure.</summary>
    public void Incomparable(string tensor, string reason)
    {
        _compared++;
        Name(tensor);
        _differences[tensor] = (double.NaN, double.NaN);
        Fail(reason);
    }

    /// <summary>A condition that must hold.</summary>
    public void Holds(bool condition, string otherwise)
    {
        _compared++;
        if (!condition)
            Fail(otherwise);
    }

    /// <summary>Something that the case holds and this build has no counterpart of; it is named in the reason.</summary>
    public void LeaveOut(string what)
    {
        if (!_left.Contains(what))
            _left.Add(what);
    }

    /// <summary>Something that a reader of the result should know.</summary>
    public void Note(string text) => _notes.Add(text);

    /// <summary>The case's outcome. Where nothing was compared, that is a failure.</summary>
    public CaseResult Result(string kind, string name)
    {
        if (_compared == 0 && _failures.Count == 0)
            Fail("the case holds nothing that could be compared");
        var parts = new List<string>();
        if (_failures.Count > 0)
            parts.Add(_failures[0] + (_failures.Count > 1 ? $" (and {_failures.Count - 1} more)" : ""));
        parts.AddRange(_notes);
        if (_left.Count > 0)
            parts.Add($"not compared: {string.Join(", ", _left)}");
        var status = Informative ? CaseStatus.Informative
            : _failures.Count == 0 ? CaseStatus.Pass
            : Optional ? CaseStatus.Informative
            : CaseStatus.Fail;
        var differences = _order.Where(_differences.ContainsKey)
            .Select(n => new Difference(n, _differences[n].Abs, _differences[n].Rel)).ToArray();
        return new CaseResult(kind, name, status, differences, parts.Count == 0 ? null : string.Join("; ", parts));
    }

    private void Fail(string reason) => _failures.Add(reason);

    private void Name(string name)
    {
        if (!_order.Contains(name))
            _order.Add(name);
    }

    private bool SameLength(string tensor, int actual, int expected)
    {
        if (actual == expected)
            return true;
        Incomparable(tensor, $"{tensor} has {actual} values, expected {expected}");
        return false;
    }

    private void Record(string tensor, Worst worst)
    {
        _compared++;
        Name(tensor);
        var (abs, rel) = _differences.GetValueOrDefault(tensor);
        _differences[tensor] = (Math.Max(abs, worst.Abs), Math.Max(rel, worst.Rel));
        if (worst.First is { } first)
        {
            Fail(string.Create(
                CultureInfo.InvariantCulture,
                $"{tensor}[{first}] is {worst.Actual}, expected {worst.Expected}; {worst.Count} of its values are off"));
        }
    }

    private static string Excerpt(string text, int at)
    {
        int from = Math.Max(0, at - 20), to = Math.Min(text.Length, at + 20);
        return $"{(from > 0 ? "..." : "")}'{text[from..to]}'{(to < text.Length ? "..." : "")}";
    }

    /// <summary>The largest differences so far, and the first value outside its tolerance.</summary>
    private struct Worst
    {
        public double Abs { get; private set; }

        public double Rel { get; private set; }

        public int? First { get; private set; }

        public string? Actual { get; private set; }

        public string? Expected { get; private set; }

        public int Count { get; private set; }

        public void Add(int index, double actual, double expected, bool fits)
        {
            double difference = actual.Equals(expected) ? 0 : Math.Abs(actual - expected);
            if (IsFirstOff(index, expected, difference, fits))
                (Actual, Expected) = (Show(actual), Show(expected));
        }

        public void Add(int index, long actual, long expected, Tolerance tolerance)
        {
            // Beyond 2^53 a double would not tell neighbours apart.
            double difference = (double)Int128.Abs((Int128)actual - expected);
            if (IsFirstOff(index, expected, difference, difference <= tolerance.Bound(expected)))
                (Actual, Expected) = ($"{actual}", $"{expected}");
        }

        // A float32 in as many digits as tell it from its neighbours; a float64 in all of its own.
        private static string Show(double value)
            => value.ToString((float)value == value ? "g9" : "R", CultureInfo.InvariantCulture);

        // Counts a value; true for the first that is off.
        private bool IsFirstOff(int index, double expected, double difference, bool fits)
        {
            // Math.Max keeps a NaN: a number met none.
            Abs = Math.Max(Abs, difference);
            if (difference != 0 && expected != 0)
                Rel = Math.Max(Rel, difference / Math.Abs(expected));
            if (fits)
                return false;
            Count++;
            if (First is not null)
                return false;
            First = index;
            return true;
        }
    }
}
