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
    /// <summary>The hardware behind every time that the paper prints (FP16).</summary>
    public static Hardware A100_40GB { get; } = new("A100-40GB", 312e12, 1555e9);

    public static Hardware A100_80GB { get; } = new("A100-80GB", 312e12, 2039e9);

    public static Hardware H100 { get; } = new("H100", 989.5e12, 3072e9);

    public static Hardware A6000 { get; } = new("A6000", 154.8e12, 768e9);

    public static Hardware V100 { get; } = new("V100", 112e12, 900e9);

    /// <summary>From its data sheet; no printed time checks it.</summary>
    public static Hardware H200 { get; } = new("H200", 989.5e12, 4800e9);

    /// <inheritdoc cref="H200"/>
    public static Hardware L4 { get; } = new("L4", 121e12, 300e9);

    /// <summary>The presets, in the order in which they are listed to users.</summary>
    public static IReadOnlyList<Hardware> Presets { get; } = [A100_40GB, A100_80GB, H100, H200, A6000, V100, L4];
}
