using System.Runtime.InteropServices;
using Aim.Cost;
using Aim.Reports.Records;

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

    /// <summary>The machine as run records name it, measured now over the engine's threads.</summary>
    public static MachineRecord Record() => new()
    {
        Cpu = Machinery.Cpu(),
        InstructionSet = Machine.Isa,
        Cores = Environment.ProcessorCount,
        Threads = torch.get_num_threads(),
        PeakGflops = Machine.MeasurePeakFlops() / 1e9,
        BandwidthGBs = Machine.MeasureReadBandwidth() / 1e9,
        MemoryBytes = Machinery.Memory(),
        Os = RuntimeInformation.OSDescription,
        Runtime = RuntimeInformation.FrameworkDescription,
    };

    /// <summary>Whether a user's name for hardware means this machine.</summary>
    public static bool IsMeant(string name) =>
        name.Replace('-', ' ').Replace('_', ' ').Trim().ToLowerInvariant() is Hardware.ThisName or "this machine";
}
