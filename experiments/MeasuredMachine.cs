using Aim.Cost;

namespace Aim.Experiments;

/// <summary>
/// This machine as the roofline sees it, measured now: what <c>aim doctor</c> prints and <c>--hardware this</c> prices on.
/// </summary>
internal static class MeasuredMachine
{
    /// <summary>Bytes of an activation on it: the engine computes in float32.</summary>
    public const int ActivationBytes = 4;

    /// <summary>Measures the FMA peak and the read bandwidth over the engine's threads; takes about a second.</summary>
    public static Hardware Measure(int threads)
    {
        torch.set_num_threads(threads);
        return new Hardware("this machine", Machine.MeasurePeakFlops(), Machine.MeasureReadBandwidth());
    }

    /// <summary>Whether a user's name for hardware means this machine.</summary>
    public static bool IsMeant(string name) =>
        name.Replace('-', ' ').Replace('_', ' ').Trim().ToLowerInvariant() is Hardware.ThisName or "this machine";
}
