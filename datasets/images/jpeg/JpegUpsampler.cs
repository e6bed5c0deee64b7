using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Aim.Datasets;

/// <summary>
/// One component's rows at the picture's full size, as libjpeg's "fancy upsampling" makes them (<c>jdsample.c</c>): a triangle
/// filter where a direction is halved (3/4 of the nearer sample, 1/4 of the farther; roundings alternate), repetition elsewhere.
/// </summary>
internal sealed class JpegUpsampler
{
    private readonly JpegComponent _component;
    private readonly int _across, _down, _width;
    private readonly bool _smoothAcross, _smoothDown;
    private readonly byte[] _row;
    private readonly ushort[] _sums;

    public JpegUpsampler(JpegFrame frame, JpegComponent component)
    {
        _component = component;
        (_across, _down, _width) = (frame.MaxAcross / component.Across, frame.MaxDown / component.Down, frame.Width);

        // libjpeg has these three cases and repeats in all others, and where a row has one or two samples only.
        _smoothAcross = _across == 2 && _down is 1 or 2 && component.Width > 2;
        _smoothDown = _down == 2 && (_across == 1 || _smoothAcross);
        _row = new byte[(component.Width + 8) * _across];
        _sums = new ushort[component.Width + 2 + Vector128<ushort>.Count];
    }

    /// <summary>
    /// Row <paramref name="y"/> of the picture; at least as many samples as it is wide. It holds until the next call.
    /// </summary>
    public ReadOnlySpan<byte> Row(int y)
    {
        int source = y / _down;
        var near = Source(source);
        if (_across == 1 && !_smoothDown)
            return near;

        // The farther row of the two that a row lies between; at the edges the nearest again.
        bool above = y % _down == 0;
        var far = _smoothDown ? Source(Math.Clamp(above ? source - 1 : source + 1, 0, _component.Height - 1)) : near;
        if (_across == 1)
            Down(near, far, above ? 1 : 2);
        else if (_smoothAcross)
            Across(near, far);
        else
            Repeat(near);
        return _row;
    }

    private ReadOnlySpan<byte> Source(int row) => _component.Samples.AsSpan(row * _component.Stride * 8, _component.Stride * 8);

    private void Repeat(ReadOnlySpan<byte> near)
    {
        for (int x = 0, at = 0; at < _width; x++, at += _across)
            _row.AsSpan(at, _across).Fill(near[x]);
    }

    private void Down(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, int bias)
    {
        for (int x = 0; x < _component.Width; x++)
            _row[x] = (byte)(near[x] * 3 + far[x] + bias >> 2);
    }

    // Sums over the rows (times 4; times 1 where rows are not halved), framed by the outer ones again; then over the columns.
    private void Across(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far)
    {
        int width = _component.Width;
        var sums = _sums.AsSpan();
        for (int x = 0; x < width; x++)
            sums[x + 1] = (ushort)(_smoothDown ? near[x] * 3 + far[x] : near[x]);
        (sums[0], sums[width + 1]) = (sums[1], sums[width]);
        var (left, right, shift) = _smoothDown ? (8, 7, 4) : (1, 2, 2);

        // Left pixels in the low bytes, right ones in the high bytes: their order in memory on every machine that .NET runs on.
        var to = MemoryMarshal.Cast<byte, ushort>(_row.AsSpan());
        int at = 0;
        for (; at + Vector128<ushort>.Count <= width; at += Vector128<ushort>.Count)
        {
            var three = Vector128.Create<ushort>(sums[(at + 1)..]) * 3;
            var low = three + Vector128.Create<ushort>(sums[at..]) + Vector128.Create((ushort)left) >>> shift;
            var high = three + Vector128.Create<ushort>(sums[(at + 2)..]) + Vector128.Create((ushort)right) >>> shift;
            (low | high << 8).CopyTo(to[at..]);
        }

        for (; at < width; at++)
        {
            int three = sums[at + 1] * 3;
            _row[2 * at] = (byte)(three + sums[at] + left >> shift);
            _row[2 * at + 1] = (byte)(three + sums[at + 2] + right >> shift);
        }
    }
}
