namespace Aim.Cost;

/// <summary>A processor as the roofline sees it: how fast it multiplies and how fast it moves bytes.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="PeakFlops">Peak FLOP/s of dense matrix multiplication in the precision that is priced.</param>
/// <param name="BytesPerSecond">Peak memory bandwidth in bytes/s.</param>
/// <param name="OnChipBytes">
/// Fast memory that FlashAttention tiles into; it caps the tile's rows, which the head width caps first on every preset.
/// </param>
public sealed record Hardware(string Name, double PeakFlops, double BytesPerSecond, double OnChipBytes = 27_648_000)
{
    /// <summary>The name that stands for the machine at hand; its figures are measured and no preset.</summary>
    public const string ThisName = "this";

    /// <summary>
    /// False where peak and bandwidth are a data sheet's and no time of a known cost is there to check them with (H200, L4).
    /// </summary>
    public bool IsChecked { get; init; } = true;

    /// <summary>The hardware behind every time that the paper prints (FP16).</summary>
    public static Hardware A100_40GB { get; } = new("A100-40GB", 312e12, 1555e9);

    public static Hardware A100_80GB { get; } = new("A100-80GB", 312e12, 2039e9);

    public static Hardware H100 { get; } = new("H100", 989.5e12, 3072e9);

    public static Hardware A6000 { get; } = new("A6000", 154.8e12, 768e9);

    public static Hardware V100 { get; } = new("V100", 112e12, 900e9);

    /// <summary>From its data sheet; no time of a known cost checks it.</summary>
    public static Hardware H200 { get; } = new("H200", 989.5e12, 4800e9) { IsChecked = false };

    /// <inheritdoc cref="H200"/>
    public static Hardware L4 { get; } = new("L4", 121e12, 300e9) { IsChecked = false };

    /// <summary>The presets, in the order in which they are listed to users.</summary>
    public static IReadOnlyList<Hardware> Presets { get; } = [A100_40GB, A100_80GB, H100, H200, A6000, V100, L4];

    /// <summary>
    /// The preset of a name: upper and lower case, dashes, underscores and a maker's name make no difference, 'A100-40' and
    /// 'nvidia_A100_40G' are A100-40GB, and 'A100' is the paper's, with 40 GB.
    /// </summary>
    /// <exception cref="ArgumentException">There is none; the message lists them.</exception>
    public static Hardware Parse(string name)
    {
        var key = Key(name);
        return Presets.FirstOrDefault(h => Key(h.Name) == (key == "a100" ? "a10040" : key))
            ?? throw new ArgumentException(
                $"hardware '{name}': unknown; known: {string.Join(", ", Presets.Select(h => h.Name))}");
    }

    private static string Key(string name)
    {
        var key = string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        foreach (var maker in (string[])["nvidia", "rtx", "tesla"])
            key = key.StartsWith(maker, StringComparison.Ordinal) ? key[maker.Length..] : key;
        return key.StartsWith("a100", StringComparison.Ordinal) ? key.TrimEnd('b').TrimEnd('g') : key;
    }
}
