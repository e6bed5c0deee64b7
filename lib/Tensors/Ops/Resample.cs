namespace Aim.Tensors;

/// <summary>
/// A linear map along one dimension, given as the sources and weights of each output position. Averaging and interpolation of any
/// kind are such maps, one per dimension; their backward pass is the same table read the other way.
/// </summary>
internal sealed class ResampleTable(long inputs, IReadOnlyList<(long Source, double Weight)[]> outputs)
{
    internal long Inputs => inputs;

    internal int Outputs => outputs.Count;

    internal (long Source, double Weight)[] this[int output] => outputs[output];

    /// <summary>Applies the map: [.., inputs, ..] -> [.., outputs, ..].</summary>
    internal Tensor Apply(Tensor x, int dim)
    {
        if (!Dtypes.IsFloat(x.dtype))
            throw new TensorException($"resampling is not implemented for '{Describe.Dtype(x.dtype)}'");
        if (LowPrecision.Is(x.dtype))
            return Apply(x.Wide(), dim).to(x.dtype);
        var y = Run(x.detach().contiguous(), dim);
        return Autograd.Recording(x) ? y.Record("Resample", [x], [], (n, g) => n.Add(0, Back(g.contiguous(), dim))) : y;
    }

    private Tensor Run(Tensor x, int dim)
    {
        var (outer, inner) = Sizes(x, dim);
        var y = torch.zeros([.. x._shape[..dim], Outputs, .. x._shape[(dim + 1)..]], x.dtype);
        for (long o = 0; o < outer; o++)
        {
            for (var i = 0; i < Outputs; i++)
            {
                foreach (var (source, weight) in this[i])
                    Add(y, ((o * Outputs) + i) * inner, x, ((o * Inputs) + source) * inner, inner, weight);
            }
        }

        return y;
    }

    private Tensor Back(Tensor g, int dim)
    {
        var (outer, inner) = Sizes(g, dim);
        var x = torch.zeros([.. g._shape[..dim], Inputs, .. g._shape[(dim + 1)..]], g.dtype);
        for (long o = 0; o < outer; o++)
        {
            for (var i = 0; i < Outputs; i++)
            {
                foreach (var (source, weight) in this[i])
                    Add(x, ((o * Inputs) + source) * inner, g, ((o * Outputs) + i) * inner, inner, weight);
            }
        }

        return x;
    }

    private static (long Outer, long Inner) Sizes(Tensor x, int dim) =>
        (Shapes.Count(x._shape.AsSpan(0, dim)), Shapes.Count(x._shape.AsSpan(dim + 1)));

    private static unsafe void Add(Tensor to, long at, Tensor from, long source, long count, double weight)
    {
        if (to.dtype == ScalarType.Float32)
        {
            var y = new Span<float>(to.Floats + at, (int)count);
            System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(from.Floats + source, (int)count),
                (float)weight, y, y);
            return;
        }

        for (long i = 0; i < count; i++)
            ((double*)to.Data)[at + i] += weight * ((double*)from.Data)[source + i];
    }
}

/// <summary>The tables of pooling and interpolation.</summary>
internal static class ResampleTables
{
    /// <summary>Windows [floor(i in / out), ceil((i + 1) in / out)), averaged.</summary>
    internal static ResampleTable Adaptive(long inputs, long outputs) => new(inputs, [.. Positions(outputs).Select(i =>
    {
        var (first, end) = (i * inputs / outputs, (((i + 1) * inputs) + outputs - 1) / outputs);
        return Enumerable.Range((int)first, (int)(end - first)).Select(s => ((long)s, 1.0 / (end - first))).ToArray();
    })]);

    /// <summary>Windows of <paramref name="size"/>, averaged over the padding too or over the inputs alone, or summed.</summary>
    internal static ResampleTable Windows(long inputs, long size, long stride, long padding, bool ceil, bool countPadding,
        bool sum)
    {
        var outputs = ((inputs + (2 * padding) - size + (ceil ? stride - 1 : 0)) / stride) + 1;

        // The last window must begin inside the input or its left padding.
        if (ceil && (outputs - 1) * stride >= inputs + padding)
            outputs--;
        return new ResampleTable(inputs, [.. Positions(outputs).Select(i =>
        {
            var start = (i * stride) - padding;
            var (first, end) = (Math.Max(0, start), Math.Min(inputs, start + size));
            var count = countPadding ? Math.Min(start + size, inputs + padding) - start : end - first;
            return Enumerable.Range((int)first,
                (int)Math.Max(0, end - first)).Select(s => ((long)s, sum ? 1.0 : 1.0 / count)).ToArray();
        })]);
    }

    /// <param name="scale">Input step per output step.</param>
    internal static ResampleTable Nearest(long inputs, long outputs, double scale) =>
        new(inputs, [.. Positions(outputs).Select(i =>
            new[] { (Math.Min(inputs - 1, (long)Math.Floor((float)i * (float)scale)), 1.0) })]);

    internal static ResampleTable Linear(long inputs, long outputs, double scale, bool corners) =>
        new(inputs, [.. Positions(outputs).Select(i =>
    {
        var at = corners ? i * scale : Math.Max(0, ((i + 0.5) * scale) - 0.5);
        var low = Math.Min(inputs - 1, (long)at);
        var part = at - low;
        return new[] { (low, 1 - part), (Math.Min(inputs - 1, low + 1), part) };
    })]);

    internal static ResampleTable Cubic(long inputs, long outputs, double scale, bool corners) =>
        new(inputs, [.. Positions(outputs).Select(i =>
    {
        var at = corners ? i * scale : ((i + 0.5) * scale) - 0.5;
        var low = (long)Math.Floor(at);
        return Enumerable.Range(-1, 4).Select(k => (Math.Clamp(low + k, 0, inputs - 1), Keys(at - low - k, -0.75))).ToArray();
    })]);

    /// <summary>A triangle or cubic filter, widened when shrinking, its weights normalised (as Pillow does).</summary>
    /// <param name="single">
    /// Whether positions and weights are rounded to float32 where torch rounds them for float32 inputs: far from the first output
    /// that moves a position by more than the sums' own rounding does.
    /// </param>
    internal static ResampleTable Antialiased(long inputs, long outputs, double scale, bool cubic, bool single)
    {
        double Round(double value) => single ? (float)value : value;
        scale = Round(scale);
        double narrow = Round(1 / Math.Max(1, scale)), support = Round((cubic ? 2 : 1) * Math.Max(1, scale));
        return new(inputs, [.. Positions(outputs).Select(i =>
        {
            var center = Round(scale * (i + 0.5));
            var first = Math.Max(0, (long)(Round(center - support) + 0.5));
            var end = Math.Min(inputs, (long)(Round(center + support) + 0.5));
            double total = 0;
            var weights = new double[end - first];
            for (var k = 0; k < weights.Length; k++)
            {
                var x = Round((Round(k + first - center) + 0.5) * narrow);
                weights[k] = !cubic ? Round(Math.Max(0, 1 - Math.Abs(x))) : single ? AntialiasedKeys((float)x) : Keys(x, -0.5);
                total = Round(total + weights[k]);
            }

            return weights.Select((w, k) => (first + k, Round(w / total))).ToArray();
        })]);
    }

    private static IEnumerable<long> Positions(long outputs) =>
        Enumerable.Range(0, (int)Math.Max(0, outputs)).Select(i => (long)i);

    /// <summary>Keys' cubic convolution kernel.</summary>
    private static double Keys(double x, double a)
    {
        x = Math.Abs(x);
        if (x <= 1)
            return ((((a + 2) * x) - (a + 3)) * x * x) + 1;
        return x < 2 ? ((((x - 5) * x) + 8) * x * a) - (4 * a) : 0;
    }

    // The same for a = -0.5 with the fused steps that torch's float32 kernel is compiled to: near its ends the terms cancel.
    private static float AntialiasedKeys(float x)
    {
        x = Math.Abs(x);
        if (x < 1)
            return MathF.FusedMultiplyAdd(MathF.FusedMultiplyAdd(1.5f, x, -2.5f) * x, x, 1);
        float inner = MathF.FusedMultiplyAdd(MathF.FusedMultiplyAdd(-0.5f, x, 2.5f), x, -4);
        return x < 2 ? MathF.FusedMultiplyAdd(inner, x, 2) : 0;
    }
}
