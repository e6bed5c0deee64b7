using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// How many tokens each merging iteration removes, r_1, r_2, ..., and the counts that remain (paper section 2.1): the reference's
/// halvings r_i = floor(n0 / 2^i) of the original count n0 while they stay at or above ceil(n0 * rho), then partial steps to
/// exactly that.
/// </summary>
public sealed record RetentionPlan
{
    private RetentionPlan(int tokens, IReadOnlyList<int> steps)
    {
        Tokens = tokens;
        Steps = steps;
        var counts = new List<int> { tokens };
        foreach (int r in steps)
            counts.Add(counts[^1] - r);
        Counts = counts;
    }

    /// <summary>Tokens before merging, n0 (per frame for videos).</summary>
    public int Tokens { get; }

    /// <summary>Tokens that each iteration removes, every one at most half of what it meets.</summary>
    public IReadOnlyList<int> Steps { get; }

    /// <summary>Tokens before, between and after the iterations.</summary>
    public IReadOnlyList<int> Counts { get; }

    /// <summary>Tokens after merging.</summary>
    public int Kept => Counts[^1];

    /// <summary>The plan that ends at exactly ceil(<paramref name="tokens"/> * <paramref name="retention"/>).</summary>
    public static RetentionPlan For(int tokens, Retention retention)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        int target = retention.Ceiling(tokens);
        var steps = new List<int>();
        int t = tokens;
        // The original count is halved, not what is left: 49 -> 25 takes r = 24 = floor(196 / 8), as upstream does.
        for (int i = 1; i < 31 && tokens >> i >= 1 && t - Math.Min(tokens >> i, t / 2) >= target; i++)
        {
            steps.Add(Math.Min(tokens >> i, t / 2));
            t -= steps[^1];
        }

        while (t > target)
        {
            steps.Add(Math.Min(t - target, t / 2));
            t -= steps[^1];
        }

        return new RetentionPlan(tokens, steps);
    }

    /// <summary>
    /// The plan of a frame of Qwen2-VL: a quarter is the reference's rule there, <see cref="Qwen2Vl"/>, which leaves a token for
    /// each cell of the halved grid; any other share is as everywhere.
    /// </summary>
    public static RetentionPlan For(VisionGrid grid, Retention retention)
        => retention == new Retention(1, 4) && grid is { Rows: > 1, Columns: > 1 }
            ? Qwen2Vl(grid.Rows, grid.Columns)
            : For(grid.PerFrame, retention);

    /// <summary>A plan of given steps, each clipped to half of what it meets; steps of nothing are left out.</summary>
    public static RetentionPlan FromSteps(int tokens, IEnumerable<int> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        int t = tokens;
        var taken = new List<int>();
        foreach (int step in steps)
        {
            int r = Math.Min(step, t / 2);
            if (r <= 0)
                continue;
            taken.Add(r);
            t -= r;
        }

        return new RetentionPlan(tokens, taken);
    }

    /// <summary>Names that <see cref="Preset"/> knows: the reference's r sequences as its code spells them.</summary>
    public static IReadOnlyList<string> Presets { get; } =
    [
        "video-50%", "video-37.5%", "video-25%", "video-12.5%", "video-6.3%", "video-3.1%", "video-1.6%",
        "image-43.75%", "image-12.5%",
    ];

    /// <summary>
    /// A sequence of the reference by its name, say <c>video-25%</c> (n0/2, n0/4) or <c>video-37.5%</c> (n0/2, 24).
    /// </summary>
    /// <exception cref="ArgumentException">No preset has this name.</exception>
    public static RetentionPlan Preset(string name, int tokens) => name switch
    {
        "video-50%" => Halvings(tokens, 1),
        "video-37.5%" => FromSteps(tokens, [tokens / 2, 24]),
        "video-25%" => Halvings(tokens, 2),
        "video-12.5%" => Halvings(tokens, 3),
        "video-6.3%" => Halvings(tokens, 4),
        "video-3.1%" => Halvings(tokens, 5),
        "video-1.6%" => Halvings(tokens, 6),
        "image-43.75%" => FromSteps(tokens, [288, 36]),
        "image-12.5%" => FromSteps(tokens, [288, 144, 72]),
        _ => throw new ArgumentException(
            $"no merging preset is named '{name}'; there are {string.Join(", ", Presets)}", nameof(name)),
    };

    /// <summary>
    /// Qwen2-VL's rule for a temporal patch of height x width tokens: n/2, n/4, then whatever reaches (h/2)(w/2). Where that
    /// takes more than one step (3 x 3, whose tokens would not fit the reference's grid), as many as it takes.
    /// </summary>
    public static RetentionPlan Qwen2Vl(int height, int width)
    {
        int n = height * width, target = height / 2 * (width / 2);
        var plan = Halvings(n, 2);
        while (plan.Kept > Math.Max(target, 1))
            plan = FromSteps(n, [.. plan.Steps, plan.Kept - target]);
        return plan;
    }

    private static RetentionPlan Halvings(int tokens, int count)
        => FromSteps(tokens, Enumerable.Range(1, count).Select(i => tokens >> i));
}
