namespace Aim.Models;

/// <summary>Pillow's resampling filters.</summary>
internal enum ResampleFilter
{
    Nearest,
    Box,
    Bilinear,
    Hamming,
    Bicubic,
    Lanczos,
}

/// <summary>
/// What each output position of one axis is made of: a run of input positions and their weights, which add up to 1. A filter
/// grows with the shrink factor (antialiasing). After <c>precompute_coeffs</c> of Pillow's <c>Resample.c</c>.
/// </summary>
internal sealed class ResampleWeights
{
    private readonly int[] _first, _end;
    private readonly double[] _values;

    /// <param name="size">Positions of the input.</param>
    /// <param name="from">Where the part that is resampled begins.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="count">Positions of the output.</param>
    /// <param name="filter">Any but <see cref="ResampleFilter.Nearest"/>.</param>
    public ResampleWeights(int size, double from, double to, int count, ResampleFilter filter)
    {
        double scale = (to - from) / count, wide = Math.Max(scale, 1), support = Support(filter) * wide, narrow = 1 / wide;
        (_first, _end) = (new int[count], new int[count]);
        var values = new List<double>();
        for (int i = 0; i < count; i++)
        {
            double centre = from + (i + 0.5) * scale, total = 0;
            int first = Math.Max((int)(centre - support + 0.5), 0), end = Math.Min((int)(centre + support + 0.5), size);
            int start = values.Count;
            for (int x = 0; x < end - first; x++)
            {
                double weight = Value(filter, (x + first - centre + 0.5) * narrow);
                values.Add(weight);
                total += weight;
            }

            for (int at = start; total != 0 && at < values.Count; at++)
                values[at] /= total;
            (_first[i], _end[i]) = (first, values.Count);
        }

        _values = [.. values];
    }

    /// <summary>Positions of the output.</summary>
    public int Count => _first.Length;

    /// <summary>The first input position and one behind the last that any output takes.</summary>
    public (int First, int End) Span => Count == 0 ? (0, 0) : (_first[0], _first[^1] + Of(Count - 1).Length);

    /// <summary>The first input position of an output.</summary>
    public int First(int output) => _first[output];

    /// <summary>Its weights, from that position on.</summary>
    public ReadOnlySpan<double> Of(int output) => _values.AsSpan(Start(output)..(_end[output]));

    /// <summary>The range of <see cref="Fixed"/> that is an output's.</summary>
    public Range At(int output) => Start(output).._end[output];

    /// <summary>All weights in fixed point, rounded half away from zero.</summary>
    public int[] Fixed(int bits)
        => [.. _values.Select(w => w * (1 << bits)).Select(w => (int)(w < 0 ? w - 0.5 : w + 0.5))];

    private int Start(int output) => output == 0 ? 0 : _end[output - 1];

    private static double Support(ResampleFilter filter) => filter switch
    {
        ResampleFilter.Box => 0.5,
        ResampleFilter.Bilinear or ResampleFilter.Hamming => 1,
        ResampleFilter.Bicubic => 2,
        ResampleFilter.Lanczos => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(filter)),
    };

    private static double Value(ResampleFilter filter, double x) => filter switch
    {
        ResampleFilter.Box => x is > -0.5 and <= 0.5 ? 1 : 0,
        ResampleFilter.Bilinear => Math.Max(0, 1 - Math.Abs(x)),
        ResampleFilter.Hamming => x == 0 ? 1 : Math.Abs(x) >= 1 ? 0 : Sinc(x) * (0.54 + 0.46 * Math.Cos(x * Math.PI)),
        ResampleFilter.Bicubic => Cubic(Math.Abs(x)),
        _ => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0,
    };

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);

    private static double Cubic(double x)
    {
        const double a = -0.5;
        return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1
            : x < 2 ? (((x - 5) * x + 8) * x - 4) * a
            : 0;
    }
}
