using System.Globalization;

namespace Aim.Reduction;

/// <summary>
/// Ways to vary AIM, all off by default: the defaults are the paper's method, bit for bit. None but tau, steps and damping
/// (constants of the reference's code) is the paper's; they are there to be measured.
/// </summary>
public sealed record AimOptions
{
    private readonly double _tau = 0.1;
    private readonly int _steps = 5;
    private readonly double _damping;

    /// <summary>The paper's method.</summary>
    public static AimOptions Paper { get; } = new();

    /// <summary>
    /// Merging averages by how many original tokens are in each (ToMe, merge.py: merge_wavg), so that the result is the mean of
    /// all of them; the paper takes plain means of what the last iteration left.
    /// </summary>
    public bool SizeWeighted { get; init; }

    /// <summary>
    /// Every iteration puts out its tokens in the order of their slots (a destination's slot is its own); the paper's code puts
    /// the sources that stay in front, by decreasing similarity. Neighbours are then neighbours when the next iteration splits
    /// them.
    /// </summary>
    public bool PositionOrder { get; init; }

    /// <summary>
    /// Attention in the decoder adds log(size) to the scores of a key that stands for that many original tokens (ToMe, section
    /// 3.3), in prefill, ranking and decoding.
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

    /// <summary>
    /// Merged tokens stand where the original token stood that has most weight in them (of equals the first), and the text behind
    /// them where it would stand without merging: distances stay what the model has learnt. Otherwise positions count on over
    /// what is left, as in the paper's code.
    /// </summary>
    public bool OriginalPositions { get; init; }

    /// <summary>How the heads' masses become one importance.</summary>
    public HeadAggregation Heads { get; init; }

    /// <summary>
    /// Survivors of pruning get the positions 0, 1, 2, .. anew, and decoding goes on behind what a layer still has; otherwise
    /// they keep those that they have.
    /// </summary>
    public bool Renumbered { get; init; }

    /// <summary>What differs from the paper's method, as settings of <c>aim</c>; empty for the paper's.</summary>
    public IEnumerable<KeyValuePair<string, string>> Pairs
    {
        get
        {
            if (SizeWeighted)
                yield return new("size-weighted", "true");
            if (PositionOrder)
                yield return new("position-order", "true");
            if (ProportionalAttention)
                yield return new("proportional-attention", "true");
            if (OriginalPositions)
                yield return new("original-positions", "true");
            if (Tau != Paper.Tau)
                yield return new("tau", Tau.ToString("R", CultureInfo.InvariantCulture));
            if (Steps != Paper.Steps)
                yield return new("steps", Steps.ToString(CultureInfo.InvariantCulture));
            if (Damping != Paper.Damping)
                yield return new("damping", Damping.ToString("R", CultureInfo.InvariantCulture));
            if (Heads != Paper.Heads)
                yield return new("heads", Heads == HeadAggregation.Mean ? "mean" : "max");
            if (Renumbered)
                yield return new("renumbered", "true");
        }
    }

    internal static IReadOnlyList<SettingInfo> Infos { get; } =
    [
        new("size-weighted", "whether merging weighs tokens by the original tokens in each; default false", "true"),
        new("position-order", "whether every merging iteration leaves tokens in the order of their slots; default false", "true"),
        new("proportional-attention", "whether attention adds the log of the original tokens in a key; default false", "true"),
        new(
            "original-positions", "whether merged tokens keep the positions of original ones, and text its own; default false",
            "true"),
        new("tau", "temperature of the ranking's softmax; default 0.1", "0.2"),
        new("steps", "Page Rank steps; default 5", "3"),
        new("damping", "share of mass that a Page Rank step spreads evenly; default 0", "0.15"),
        new("heads", "importance of the heads' masses: rms, mean or max; default rms", "mean"),
        new("renumbered", "whether survivors of pruning get the positions 0, 1, 2, .. anew; default false", "true"),
    ];

    internal static AimOptions Read(SettingReader settings) => new()
    {
        SizeWeighted = settings.Flag("size-weighted", false),
        PositionOrder = settings.Flag("position-order", false),
        ProportionalAttention = settings.Flag("proportional-attention", false),
        OriginalPositions = settings.Flag("original-positions", false),
        Tau = settings.Number("tau", Paper.Tau, 0.001, 1000),
        Steps = settings.Whole("steps", 0, 1000) ?? Paper.Steps,
        Damping = settings.Number("damping", Paper.Damping, 0, 1),
        Heads = settings.Choice("heads", "rms", "rms", "mean", "max") switch
        {
            "mean" => HeadAggregation.Mean,
            "max" => HeadAggregation.Max,
            _ => HeadAggregation.RootMeanSquare,
        },
        Renumbered = settings.Flag("renumbered", false),
    };

    private static ArgumentException Bad(string name, IFormattable value, string right)
        => new($"{name} is {value.ToString(null, CultureInfo.InvariantCulture)}; it must be {right}");
}
