using System.Globalization;

namespace Aim.Reduction;

/// <summary>
/// Ways to vary AIM, all off by default: the defaults are the paper's method, bit for bit. None but tau, steps and damping (constants of the
/// reference's code) is the paper's; they are there to be measured.
/// </summary>
public sealed record AimOptions
{
    private readonly double _tau = 0.1;
    private readonly int _steps = 5;
    private readonly double _damping;

    /// <summary>The paper's method.</summary>
    public static AimOptions Paper { get; } = new();

    /// <summary>
    /// Merging averages by how many original tokens are in each (ToMe, merge.py: merge_wavg), so that the result is the mean of all of
    /// them; the paper takes plain means of what the last iteration left.
    /// </summary>
    public bool SizeWeighted { get; init; }

    /// <summary>
    /// Every iteration puts out its tokens in the order of their slots (a destination's slot is its own); the paper's code puts the sources
    /// that stay in front, by decreasing similarity. Neighbours are then neighbours when the next iteration splits them.
    /// </summary>
    public bool PositionOrder { get; init; }

    /// <summary>
    /// Attention in the decoder adds log(size) to the scores of a key that stands for that many original tokens (ToMe, section 3.3), in
    /// prefill, ranking and decoding.
    /// </summary>
    public bool ProportionalAttention { get; init; }

    /// <summary>Temperature of the ranking's softmax; above 0.</summary>
    public double Tau
    {
        get => _tau;
        init => _tau = double.IsFinite(value) && value > 0 ? value : throw Bad("tau", value, "above 0, 0.1 in the paper's code");
    }

    /// <summary>Page Rank steps, 0 to 1000; with none every token ranks alike and the first ones stay.</summary>
    public int Steps
    {
        get => _steps;
        init => _steps = value is >= 0 and <= 1000 ? value : throw Bad("steps", value, "from 0 to 1000, 5 in the paper's code");
    }

    /// <summary>Share of mass that a Page Rank step spreads evenly, 0 to 1.</summary>
    public double Damping
    {
        get => _damping;
        init => _damping = value is >= 0 and <= 1 ? value : throw Bad("damping", value, "from 0 to 1, 0 in the paper's code");
    }

    /// <summary>How the heads' masses become one importance.</summary>
    public HeadAggregation Heads { get; init; }

    /// <summary>
    /// Survivors of pruning get the positions 0, 1, 2, .. anew, and decoding goes on behind what a layer still has; otherwise they keep
    /// those that they have.
    /// </summary>
    public bool Renumbered { get; init; }

    /// <summary>The names that <see cref="With"/> knows, in the order of <see cref="ToString"/>.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["size-weighted", "position-order", "proportional-attention", "tau", "steps", "damping", "heads", "renumbered"];

    /// <summary>The same with one option as a definition gives it, say <c>tau</c>, <c>0.2</c> or <c>heads</c>, <c>mean</c>.</summary>
    /// <exception cref="ArgumentException">No option has this name, or it has no such value.</exception>
    public AimOptions With(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return name switch
        {
            "size-weighted" => this with { SizeWeighted = Flag(name, value) },
            "position-order" => this with { PositionOrder = Flag(name, value) },
            "proportional-attention" => this with { ProportionalAttention = Flag(name, value) },
            "tau" => this with { Tau = Number(name, value) },
            "steps" => this with
            {
                Steps = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int steps)
                    ? steps
                    : throw Bad(name, value, "a whole number from 0 to 1000"),
            },
            "damping" => this with { Damping = Number(name, value) },
            "heads" => this with
            {
                Heads = value switch
                {
                    "rms" => HeadAggregation.RootMeanSquare,
                    "mean" => HeadAggregation.Mean,
                    "max" => HeadAggregation.Max,
                    _ => throw Bad(name, value, "rms, mean or max"),
                },
            },
            "renumbered" => this with { Renumbered = Flag(name, value) },
            _ => throw new ArgumentException($"AIM has no option '{name}'; there are {string.Join(", ", Names)}", nameof(name)),
        };
    }

    /// <summary>What differs from the paper, as <see cref="With"/> reads it: <c>tau=0.2 heads=mean</c>; empty for the paper's method.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        void Add(string name, bool differs, string value)
        {
            if (differs)
                parts.Add($"{name}={value}");
        }

        Add("size-weighted", SizeWeighted, "true");
        Add("position-order", PositionOrder, "true");
        Add("proportional-attention", ProportionalAttention, "true");
        Add("tau", Tau != Paper.Tau, Tau.ToString("R", CultureInfo.InvariantCulture));
        Add("steps", Steps != Paper.Steps, Steps.ToString(CultureInfo.InvariantCulture));
        Add("damping", Damping != Paper.Damping, Damping.ToString("R", CultureInfo.InvariantCulture));
        Add("heads", Heads != Paper.Heads, Heads == HeadAggregation.Mean ? "mean" : "max");
        Add("renumbered", Renumbered, "true");
        return string.Join(' ', parts);
    }

    private static bool Flag(string name, string value) => value switch
    {
        "true" => true,
        "false" => false,
        _ => throw Bad(name, value, "true or false"),
    };

    private static double Number(string name, string value)
        => double.TryParse(value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number)
            ? number
            : throw Bad(name, value, "a number such as 0.1");

    private static ArgumentException Bad(string name, IFormattable value, string right)
        => Bad(name, value.ToString(null, CultureInfo.InvariantCulture), right);

    private static ArgumentException Bad(string name, string value, string right)
        => new($"{name} is '{value}'; it must be {right}");
}
