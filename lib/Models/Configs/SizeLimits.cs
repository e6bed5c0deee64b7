namespace Aim.Models;

/// <summary>
/// The largest sizes that a configuration may name: far beyond any real model's, and small enough that no product of them
/// overflows.
/// </summary>
internal static class SizeLimits
{
    /// <summary>Layers of a decoder or a tower.</summary>
    public const int Layers = 1024;

    /// <summary>Attention heads.</summary>
    public const int Heads = 1 << 12;

    /// <summary>Width of a head.</summary>
    public const int HeadDim = 1 << 16;

    /// <summary>Width of the residual stream.</summary>
    public const int Hidden = 1 << 18;

    /// <summary>Width of an MLP.</summary>
    public const int Intermediate = 1 << 20;

    /// <summary>Rows of an embedding.</summary>
    public const int Vocabulary = 1 << 24;

    /// <summary>Side of a picture or patch in pixels.</summary>
    public const int Picture = 1 << 12;

    /// <summary>Channels of a picture.</summary>
    public const int Channels = 1 << 8;

    /// <summary>Features of all tiles of a picture.</summary>
    public const int Features = 1 << 24;
}
