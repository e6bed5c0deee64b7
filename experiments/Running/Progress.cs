using System.Diagnostics;
using System.Globalization;

namespace Aim.Experiments.Running;

/// <summary>
/// How far a run is, as a share of its predicted FLOPs: one line that is rewritten on a terminal, else a plain line every few
/// seconds.
/// </summary>
internal sealed class Progress
{
    private static readonly TimeSpan _terminal = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _plain = TimeSpan.FromSeconds(15);

    private readonly TextWriter _output;
    private readonly bool _rewrite;
    private readonly double _total;
    private readonly double _atStart;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _next;
    private double _done;

    /// <param name="output">Where lines go.</param>
    /// <param name="total">Work of the whole run, in any unit.</param>
    /// <param name="done">Work that the journal already holds: it counts as done, not as speed.</param>
    /// <param name="rewrite">Whether <paramref name="output"/> is a terminal.</param>
    public Progress(TextWriter output, double total, double done, bool rewrite) =>
        (_output, _total, _done, _atStart, _rewrite) = (output, total, done, done, rewrite);

    /// <summary>Adds finished work and prints when it is time to.</summary>
    public void Advance(double work, string now)
    {
        _done += work;
        if (_clock.Elapsed < _next)
            return;
        _next = _clock.Elapsed + (_rewrite ? _terminal : _plain);
        var left = Left(_clock.Elapsed, _done - _atStart, _total - _done);
        string line = $"{Share(_done, _total)}  {now}, {Duration(_clock.Elapsed)} gone, about {Duration(left)} left";
        _output.Write(_rewrite ? $"\r{line}\u001b[K" : line + "\n");
        _output.Flush();
    }

    /// <summary>Ends a rewritten line.</summary>
    public void End()
    {
        if (_rewrite)
            _output.Write("\r\u001b[K");
        _output.Flush();
    }

    internal static TimeSpan Left(TimeSpan gone, double done, double left) => done > 0 ? gone * (left / done) : TimeSpan.Zero;

    internal static string Duration(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes:00} min")
        : time.TotalMinutes >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds:00} s")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, time.TotalSeconds):0} s");

    private static string Share(double done, double total) =>
        string.Create(CultureInfo.InvariantCulture, $"{(total > 0 ? Math.Min(1, done / total) : 1) * 100,5:0.0} %");
}
