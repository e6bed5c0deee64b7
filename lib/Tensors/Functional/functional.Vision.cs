namespace Aim.Tensors;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>Averages the last two dimensions to a grid of the given size.</summary>
            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size)
            {
                if (input.Rank is < 3 or > 4 || output_size.Length is 0 or > 2 || output_size.Any(s => s < 0))
                {
                    throw new TensorException($"adaptive_avg_pool2d: Expected 3D or 4D tensor and a size of one or two "
                        + $"numbers, but got "
                        + $"{Describe.Shape(input._shape)} and {Describe.Shape(output_size)}");
                }

                Shapes.Bytes([.. input._shape[..^2], output_size[0], output_size[^1]], input.dtype);
                if (LowPrecision.Is(input.dtype))
                    return adaptive_avg_pool2d(input.Wide(), output_size).to(input.dtype);
                var (h, w) = (input.Rank - 2, input.Rank - 1);
                return ResampleTables.Adaptive(input._shape[w], output_size[^1])
                    .Apply(ResampleTables.Adaptive(input._shape[h], output_size[0]).Apply(input, h), w);
            }

            public static Tensor adaptive_avg_pool2d(Tensor input, (long, long) output_size) =>
                adaptive_avg_pool2d(input, [output_size.Item1, output_size.Item2]);

            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) =>
                adaptive_avg_pool2d(input, [output_size, output_size]);

            /// <summary>Averages over windows of the last two dimensions.</summary>
            public static Tensor avg_pool2d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null,
                bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null)
            {
                if (input.Rank is < 3 or > 4)
                    throw new TensorException($"non-empty 3D or 4D (batch mode) tensor expected for input, but got "
                        + $"{Describe.Shape(input._shape)}");
                if (divisor_override == 0)
                    throw new TensorException("avg_pool2d: divisor must be not zero");
                if (LowPrecision.Is(input.dtype))
                {
                    return avg_pool2d(input.Wide(), kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
                        .to(input.dtype);
                }

                var y = input;
                for (var i = 0; i < 2; i++)
                {
                    var (k, p) = (Of(kernel_size, i), padding is null ? 0 : Of(padding, i));
                    var s = stride is null || stride.Length == 0 ? k : Of(stride, i);
                    var dim = input.Rank - 2 + i;
                    var size = input._shape[dim];
                    if (k <= 0 || s <= 0)
                        throw new TensorException($"avg_pool2d: kernel size {k} and stride {s} should be greater than zero");
                    if (p < 0 || p > k / 2)
                        throw new TensorException($"pad should be at most half of effective kernel size, but got pad={p}, "
                            + $"kernel_size={k} and dilation=1");
                    if (size + (2 * (Int128)p) < k)
                    {
                        var outputs = Enumerable.Range(0, 2).Select(d => Pooled(input._shape[input.Rank - 2 + d],
                            Of(kernel_size, d), stride is null or [] ? Of(kernel_size, d) : Of(stride, d),
                            padding is null ? 0 : Of(padding, d)));
                        throw new TensorException(
                            $"Given input size: ({string.Join("x", input._shape[^3..])}). Calculated output "
                            + $"size: ({input._shape[^3]}x{string.Join("x", outputs)}). Output size is too small");
                    }

                    y = ResampleTables.Windows(size, k, s, p, ceil_mode, count_include_pad,
                        divisor_override is not null).Apply(y, dim);
                }

                return divisor_override is { } d ? y.div((double)d) : y;
            }

            public static Tensor avg_pool2d(Tensor input, (long, long) kernel_size, (long, long)? stride = null,
                (long, long)? padding = null,
                bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                avg_pool2d(input, [kernel_size.Item1, kernel_size.Item2], stride is { } s ? [s.Item1, s.Item2] : null,
                    padding is { } p ? [p.Item1, p.Item2] : null, ceil_mode, count_include_pad, divisor_override);

            public static Tensor avg_pool2d(Tensor input, long kernel_size, long? stride = null, long padding = 0,
                bool ceil_mode = false,
                bool count_include_pad = true, long? divisor_override = null) =>
                avg_pool2d(input, [kernel_size, kernel_size], stride is { } s ? [s, s] : null, [padding, padding], ceil_mode,
                    count_include_pad, divisor_override);

            /// <summary>Resizes the dimensions after batch and channels.</summary>
            /// <remarks>
            /// Sizes follow <paramref name="size"/>, or <paramref name="scale_factor"/> times the input's, rounded down.
            /// </remarks>
            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null,
                InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null,
                    bool recompute_scale_factor = false,
                bool antialias = false)
            {
                var spatial = x.Rank - 2;
                CheckInterpolate(x, size, scale_factor, mode, align_corners, antialias, spatial);
                if (LowPrecision.Is(x.dtype))
                {
                    return interpolate(x.Wide(), size, scale_factor, mode, align_corners, recompute_scale_factor, antialias)
                        .to(x.dtype);
                }

                var corners = align_corners ?? false;
                for (var k = 0; k < spatial; k++)
                {
                    // Antialiased, torch goes through the last dimension first.
                    var i = antialias ? spatial - 1 - k : k;
                    var inputs = x._shape[i + 2];
                    var factor = scale_factor is null ? 0 : scale_factor[Math.Min(i, scale_factor.Length - 1)];
                    var outputs = size is null ? (long)Math.Floor(inputs * factor) : size[Math.Min(i, size.Length - 1)];
                    if (inputs <= 0 || outputs <= 0)
                        throw new TensorException($"Input and output sizes should be greater than 0, but got input {inputs} "
                            + $"output {outputs} at dimension {i + 2}");
                    Shapes.Bytes([.. x._shape[..(i + 2)], outputs, .. x._shape[(i + 3)..]], x.dtype);
                    var scale = corners && mode != InterpolationMode.Nearest
                        ? outputs > 1 ? (double)(inputs - 1) / (outputs - 1) : 0
                        : factor != 0 && !recompute_scale_factor ? 1 / factor : (double)inputs / outputs;
                    var table = mode switch
                    {
                        InterpolationMode.Area => ResampleTables.Adaptive(inputs, outputs),
                        InterpolationMode.Nearest => ResampleTables.Nearest(inputs, outputs, scale),
                        _ when antialias => ResampleTables.Antialiased(
                            inputs, outputs, scale, mode == InterpolationMode.Bicubic, x.dtype == ScalarType.Float32),
                        InterpolationMode.Bicubic => ResampleTables.Cubic(inputs, outputs, scale, corners),
                        _ => ResampleTables.Linear(inputs, outputs, scale, corners),
                    };
                    x = table.Apply(x, i + 2);
                }

                return x;
            }

            private static void CheckInterpolate(Tensor x, long[]? size, double[]? factor, InterpolationMode mode, bool? corners,
                bool antialias,
                int spatial)
            {
                if (size is null && factor is null)
                    throw new TensorException("either size or scale_factor should be defined");
                if (size is not null && factor is not null)
                    throw new TensorException("only one of size or scale_factor should be defined");
                var expected = mode switch
                {
                    InterpolationMode.Linear => 3,
                    InterpolationMode.Bilinear or InterpolationMode.Bicubic => 4,
                    InterpolationMode.Trilinear => 5,
                    _ => 0,
                };
                if (spatial < 1 || (expected != 0 && x.Rank != expected))
                    throw new TensorException($"Got {x.Rank}D input, but {mode.ToString().ToLowerInvariant()} mode needs "
                        + $"{(expected == 0 ? "3D, 4D or 5D" : expected + "D")} input");
                if (corners is not null && mode is InterpolationMode.Nearest or InterpolationMode.Area && corners is not null)
                    throw new TensorException("align_corners option can only be set with the interpolating modes: linear | "
                        + "bilinear | bicubic | trilinear");
                if (antialias && mode is not (InterpolationMode.Bilinear or InterpolationMode.Bicubic))
                    throw new TensorException("Anti-alias option is restricted to bilinear and bicubic modes and requires a "
                        + "4-D tensor as input");
            }

            /// <summary>How many windows fit a padded dimension.</summary>
            private static long Pooled(long size, long kernel, long stride, long padding) =>
                (long)Math.Floor((size + (2.0 * padding) - kernel) / stride) + 1;

            /// <summary>From a list that gives one number for both dimensions, or one each.</summary>
            private static long Of(long[] values, int i) => values[Math.Min(i, values.Length - 1)];
        }
    }
}
