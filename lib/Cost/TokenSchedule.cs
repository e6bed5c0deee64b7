namespace Aim.Cost;

/// <summary>Tokens per layer of the schedules that the paper prices. What a method really keeps is the method's to say.</summary>
public static class TokenSchedule
{
    /// <summary>The same <paramref name="tokens"/> in every layer.</summary>
    public static int[] Flat(int layers, int tokens) => Enumerable.Repeat(tokens, layers).ToArray();

    /// <summary>
    /// <paramref name="first"/> tokens in the first <paramref name="full"/> layers, <paramref name="rest"/> afterwards (FastV,
    /// VTW).
    /// </summary>
    public static int[] Step(int layers, int first, int full, int rest) =>
        Enumerable.Range(0, layers).Select(l => l < full ? first : rest).ToArray();

    /// <summary>
    /// AIM's schedule as the method's formula and code have it: layer l processes floor(r visual) + text tokens, r = 1 up to and
    /// including l1, then 1 - (l - l1) / (l2 - l1), and 0 from l2 on.
    /// </summary>
    /// <exception cref="ArgumentException">l1 is negative or not below l2.</exception>
    public static int[] Aim(int layers, int visual, int text, int l1, int l2) => Linear(layers, visual, text, l1, l2, early: 0);

    /// <summary>
    /// The same as the paper's cost script prices it: every step one layer early (r_l = 1 - (l - l1 + 1) / (l2 - l1) from l1 on).
    /// </summary>
    /// <inheritdoc cref="Aim" path="/exception"/>
    public static int[] AimAsScript(int layers, int visual, int text, int l1, int l2) =>
        Linear(layers, visual, text, l1, l2, early: 1);

    /// <summary>
    /// The script's schedule with its slope typed in, as in its rows with a rounded one: floor(r visual + text) tokens,
    /// r = max(0, 1 - (l - l1 + 1) slope) from l1 on.
    /// </summary>
    public static int[] AimAsScript(int layers, int visual, int text, int l1, double slope) =>
        Sloped(layers, visual, text, l1, slope, early: 1);

    /// <summary>
    /// The schedule with the quirks that concern schedules: <see cref="Quirk.OneLayerEarly"/> and the two of slopes.
    /// </summary>
    internal static int[] AimWith(Quirk quirks, int layers, int visual, int text, int l1, int l2)
    {
        var early = quirks.HasFlag(Quirk.OneLayerEarly) ? 1 : 0;
        if (quirks.HasFlag(Quirk.SlopeTypo))
            return Sloped(layers, visual, text, l1, 0.0125, early);
        return quirks.HasFlag(Quirk.RoundedSlope)
            ? Sloped(layers, visual, text, l1, Math.Round(1d / (l2 - l1), 4), early)
            : Linear(layers, visual, text, l1, l2, early);
    }

    private static int[] Sloped(int layers, int visual, int text, int l1, double slope, int early) =>
        Enumerable.Range(0, layers)
            .Select(l => l < l1 ? visual + text : (int)(Math.Max(0, 1 - (l - l1 + early) * slope) * visual + text))
            .ToArray();

    private static int[] Linear(int layers, long visual, int text, int l1, int l2, int early)
    {
        if (l1 < 0 || l1 >= l2)
            throw new ArgumentException($"pruning schedule ({l1}, {l2}): l1 should be at least 0 and below l2");
        return Enumerable.Range(0, layers)
            .Select(l => (int)(visual * Math.Clamp(l2 - l - early, 0, l2 - l1) / (l2 - l1)) + text)
            .ToArray();
    }
}
