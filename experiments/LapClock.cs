using System.Diagnostics;

namespace Aim.Experiments;

/// <summary>Times the parts of one piece of work, each from the end of the part before.</summary>
/// <param name="cancel">Ends the work between two parts.</param>
internal sealed class LapClock(CancellationToken cancel)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Seconds since the last part ended.</summary>
    /// <exception cref="OperationCanceledException">The work was cancelled meanwhile.</exception>
    public double Lap()
    {
        double seconds = _clock.Elapsed.TotalSeconds;
        _clock.Restart();
        cancel.ThrowIfCancellationRequested();
        return seconds;
    }
}
