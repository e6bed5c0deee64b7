namespace Aim.Datasets;

/// <summary>The second bytes of JPEG's markers (ITU T.81, table B.1).</summary>
internal static class JpegMarkers
{
    public const byte Baseline = 0xC0, Extended = 0xC1, Progressive = 0xC2, HuffmanTables = 0xC4;
    public const byte Restart0 = 0xD0, Restart7 = 0xD7, StartOfImage = 0xD8, EndOfImage = 0xD9, StartOfScan = 0xDA;
    public const byte QuantisationTables = 0xDB, RestartInterval = 0xDD;
    public const byte App0 = 0xE0, App1 = 0xE1, App14 = 0xEE, Temporary = 0x01;

    /// <summary>What a JPEG file begins with.</summary>
    public static ReadOnlySpan<byte> Start => [0xFF, StartOfImage];

    /// <summary>Whether a marker has no segment behind it.</summary>
    public static bool StandsAlone(byte marker) => marker is Temporary or (>= Restart0 and <= EndOfImage);

    /// <summary>Whether a marker begins a frame, of whatever process.</summary>
    public static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (HuffmanTables or 0xC8 or 0xCC);
}
