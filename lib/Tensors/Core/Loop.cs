namespace Aim.Tensors;

/// <summary>
/// A loop nest over up to three operands of one (broadcast) shape: neighbouring dimensions are merged where every operand allows
/// it, the last one becomes the inner loop, and the rest is walked in fixed pieces, in parallel.
/// </summary>
internal sealed class Loop
{
    private readonly long[] _shape;
    private readonly long[][] _strides;

    internal Loop(ReadOnlySpan<long> shape, params ReadOnlySpan<long[]> strides)
    {
        // Dimension i of the nest is dims[i], and operand o steps by steps[o * row + i] in it.
        var row = shape.Length + 1;
        Span<long> dims = stackalloc long[row];
        Span<long> steps = stackalloc long[strides.Length * row];
        var count = 0;
        for (var d = 0; d < shape.Length; d++)
        {
            if (shape[d] == 1)
                continue;
            var merge = count > 0;
            for (var o = 0; o < strides.Length && merge; o++)
                merge = steps[(o * row) + count - 1] == strides[o][d] * shape[d];
            if (merge)
                dims[count - 1] *= shape[d];
            else
                dims[count++] = shape[d];
            for (var o = 0; o < strides.Length; o++)
                steps[(o * row) + count - 1] = strides[o][d];
        }

        if (count == 0)
        {
            dims[count++] = 1;
            for (var o = 0; o < strides.Length; o++)
                steps[o * row] = 1;
        }

        _shape = dims[..count].ToArray();
        _strides = new long[strides.Length][];
        for (var o = 0; o < strides.Length; o++)
            _strides[o] = steps.Slice(o * row, count).ToArray();
        Outer = 1;
        for (var d = 0; d < _shape.Length - 1; d++)
            Outer *= _shape[d];
    }

    internal delegate void Body(long a, long b, long c, long begin, long end);

    /// <summary>Length of the inner loop.</summary>
    internal long Inner => _shape[^1];

    /// <summary>Times that the inner loop runs.</summary>
    internal long Outer { get; }

    internal long InnerStride(int operand) => _strides[operand][^1];

    /// <summary>
    /// Calls <paramref name="body"/> with the operands' offsets of an inner loop and the range of it to do. Ranges do not
    /// overlap.
    /// </summary>
    internal void Run(Body body)
    {
        if (Inner == 0 || Outer == 0)
            return;
        if (Outer == 1)
        {
            Work.For(Inner, Work.Chunk, (begin, end) => body(0, 0, 0, begin, end));
            return;
        }

        if (Outer * 4 < Inner / Work.Chunk)
        {
            for (long row = 0; row < Outer; row++)
            {
                var (a, b, c) = Offsets(row);
                Work.For(Inner, Work.Chunk, (begin, end) => body(a, b, c, begin, end));
            }

            return;
        }

        Work.Rows(Outer, Inner, (first, last) =>
        {
            Span<long> index = stackalloc long[_shape.Length];
            var rest = first;
            for (var d = _shape.Length - 2; d >= 0; d--)
            {
                index[d] = rest % _shape[d];
                rest /= _shape[d];
            }

            var (a, b, c) = Offsets(first);
            for (var row = first; row < last; row++)
            {
                body(a, b, c, 0, Inner);
                for (var d = _shape.Length - 2; d >= 0; d--)
                {
                    index[d]++;
                    var wrap = index[d] == _shape[d];
                    var by = wrap ? 1 - _shape[d] : 1;
                    a += by * _strides[0][d];
                    if (_strides.Length > 1)
                        b += by * _strides[1][d];
                    if (_strides.Length > 2)
                        c += by * _strides[2][d];
                    if (!wrap)
                        break;
                    index[d] = 0;
                }
            }
        });
    }

    private (long A, long B, long C) Offsets(long row)
    {
        long a = 0;
        long b = 0;
        long c = 0;
        for (var d = _shape.Length - 2; d >= 0; d--)
        {
            var i = row % _shape[d];
            row /= _shape[d];
            a += i * _strides[0][d];
            if (_strides.Length > 1)
                b += i * _strides[1][d];
            if (_strides.Length > 2)
                c += i * _strides[2][d];
        }

        return (a, b, c);
    }
}
