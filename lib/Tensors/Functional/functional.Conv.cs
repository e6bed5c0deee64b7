namespace Aim.Tensors;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>
            /// Cross-correlation of [n, c, h, w] (or [c, h, w]) with weight [out, c / groups, kh, kw]: patches are laid out as
            /// rows of a matrix, without a copy of its own where they do not overlap, and multiplied.
            /// </summary>
            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null,
                long[]? padding = null,
                long[]? dilation = null, long groups = 1)
            {
                if (input.Rank == 3)
                    return conv2d(input.unsqueeze(0), weight, bias, strides, padding, dilation, groups).squeeze(0);
                var (stride, pad, dilate) = (Pair(strides, 1), Pair(padding, 0), Pair(dilation, 1));
                CheckConv(input, weight, bias, stride, pad, dilate, groups);
                var (n, outputs, kh, kw) = (input._shape[0], weight._shape[0], weight._shape[2], weight._shape[3]);
                var x = pad.H == 0 && pad.W == 0 ? input : functional.pad(input, [pad.W, pad.W, pad.H, pad.H]);

                // [n, c, oh, ow, kh, kw] is a view; one copy brings each patch's values together.
                var patches = Windows(Windows(x, 2, kh, stride.H, dilate.H), 3, kw, stride.W, dilate.W);
                var (oh, ow) = (patches._shape[2], patches._shape[3]);
                var (inputs, share) = (weight._shape[1], outputs / groups);
                var rows = patches.permute(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, input._shape[1] * kh * kw);
                var filters = weight.reshape(outputs, inputs * kh * kw);
                var results = new Tensor[groups];
                for (var g = 0; g < groups; g++)
                {
                    results[g] = linear(rows.narrow(1, g * inputs * kh * kw, inputs * kh * kw),
                        filters.narrow(0, g * share, share),
                        bias?.narrow(0, g * share, share));
                }

                var y = groups == 1 ? results[0] : cat(results, 1);
                return y.view(n, oh, ow, outputs).permute(0, 3, 1, 2).contiguous();
            }

            /// <summary>Patches of [n, c, h, w] as columns: [n, c kh kw, patches].</summary>
            public static Tensor unfold(Tensor input, (long, long) kernel_size, (long, long)? dilation = null,
                (long, long)? padding = null,
                (long, long)? stride = null)
            {
                var ((kh, kw), (dh, dw), (ph, pw), (sh, sw)) = (kernel_size, dilation ?? (1, 1), padding ?? (0, 0),
                    stride ?? (1, 1));
                var x = ph == 0 && pw == 0 ? input : pad(input, [pw, pw, ph, ph]);
                var patches = Windows(Windows(x, 2, kh, sh, dh), 3, kw, sw, dw);
                return patches.permute(0, 1, 4, 5, 2, 3).reshape(input._shape[0], input._shape[1] * kh * kw, -1);
            }

            public static Tensor unfold(Tensor input, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                unfold(input, (kernel_size, kernel_size), (dilation, dilation), (padding, padding), (stride, stride));

            /// <summary>
            /// Adds <paramref name="pad"/> elements around the last dimensions: (left, right) of the last, then of the one
            /// before.
            /// </summary>
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
            {
                if (pad.Length % 2 != 0)
                    throw new TensorException($"Padding length must be divisible by 2, got {Describe.Shape(pad)}");
                if (pad.Length / 2 > input.Rank)
                    throw new TensorException($"Padding length {pad.Length} should be less than or equal to two times the "
                        + $"input dimension {input.Rank}");
                var y = input;
                var padded = input.shape;
                for (var i = 0; i < pad.Length / 2; i++)
                    padded[^(i + 1)] = Shapes.Size((Int128)padded[^(i + 1)] + pad[2 * i] + pad[(2 * i) + 1], "pad");
                Shapes.Bytes([.. padded.Select(s => Math.Max(0, s))], input.dtype);
                for (var i = 0; i < pad.Length / 2; i++)
                {
                    var (d, before, after) = (input.Rank - 1 - i, pad[2 * i], pad[(2 * i) + 1]);
                    if (before == 0 && after == 0)
                        continue;
                    y = mode is PaddingModes.Constant or PaddingModes.Zeros
                        ? Constant(y, d, before, after, mode == PaddingModes.Zeros ? 0 : value)
                        : y.index_select(d, Sources(y._shape[d], before, after, mode, d, input));
                }

                return ReferenceEquals(y, input) ? input.clone() : y;
            }

            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, [pad, pad], mode, value);

            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant,
                double value = 0) =>
                functional.pad(input, [pad.Item1, pad.Item2], mode, value);

            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant,
                double value = 0) =>
                functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

            /// <summary>One row of zeros and a one for each class number: [..] -> [.., num_classes], Int64.</summary>
            public static Tensor one_hot(Tensor x, long num_classes = -1)
            {
                if (x.dtype != ScalarType.Int64)
                    throw new TensorException($"one_hot is only applicable to index tensor of type LongTensor, got "
                        + $"{Describe.Dtype(x.dtype)}");
                var values = x.data<long>().ToArray();
                if (values.Any(v => v < 0))
                    throw new TensorException($"Class values must be non-negative, got {values.Min()}.");
                if (values.Length == 0 && num_classes <= 0)
                    throw new TensorException("Can not infer total number of classes from empty tensor.");
                var classes = num_classes == -1 ? Shapes.Size((Int128)values.Max() + 1, "one_hot") : num_classes;
                if (values.Any(v => v >= classes))
                    throw new TensorException($"Class values must be smaller than num_classes: {values.Max()} >= {classes}.");
                return zeros([.. x._shape, classes], ScalarType.Int64).scatter(-1, x.unsqueeze(-1),
                    ones([.. x._shape, 1], ScalarType.Int64));
            }

            /// <summary>
            /// Windows of <paramref name="size"/> elements, <paramref name="dilation"/> apart, as a new last dimension.
            /// </summary>
            private static Tensor Windows(Tensor x, int dim, long size, long stride, long dilation)
            {
                var wide = x.unfold(dim, ((size - 1) * dilation) + 1, stride);
                return dilation == 1 ? wide : wide.slice(-1, 0, long.MaxValue, dilation);
            }

            private static Tensor Constant(Tensor x, int d, long before, long after, double value)
            {
                if (before < 0 || after < 0)
                    x = x.narrow(d, Math.Max(0, -before), x._shape[d] + Math.Min(0, before) + Math.Min(0, after));
                var shape = x.shape;
                var parts = new List<Tensor>();
                if (before > 0)
                    parts.Add(full([.. shape[..d], before, .. shape[(d + 1)..]], value, x.dtype));
                parts.Add(x);
                if (after > 0)
                    parts.Add(full([.. shape[..d], after, .. shape[(d + 1)..]], value, x.dtype));
                return parts.Count == 1 ? x : cat(parts, d);
            }

            private static Tensor Sources(long size, long before, long after, PaddingModes mode, int d, Tensor input)
            {
                if (mode == PaddingModes.Reflect && (before >= size || after >= size))
                {
                    throw new TensorException("Padding size should be less than the corresponding input dimension, but got: "
                        + "padding "
                        + $"({before}, {after}) at dimension {d} of input {Describe.Shape(input._shape)}");
                }

                if (mode == PaddingModes.Circular && (before > size || after > size))
                    throw new TensorException($"Padding value causes wrapping around more than once: ({before}, {after}) at "
                        + $"dimension {d} of input {Describe.Shape(input._shape)}");
                var sources = new List<long>();
                for (var i = -before; i < size + after; i++)
                {
                    sources.Add(mode switch
                    {
                        PaddingModes.Reflect => i < 0 ? -i : i >= size ? (2 * size) - 2 - i : i,
                        PaddingModes.Circular => ((i % size) + size) % size,
                        _ => Math.Clamp(i, 0, size - 1),
                    });
                }

                return tensor(sources.ToArray());
            }

            private static (long H, long W) Pair(long[]? values, long otherwise) => values switch
            {
                null or [] => (otherwise, otherwise),
                [var both] => (both, both),
                [var high, var wide] => (high, wide),
                _ => throw new TensorException("expected stride, padding and dilation to be a single integer value or a list of "
                    + $"2 values to match the convolution dimensions, but got {Describe.Shape(values)}"),
            };

            private static void CheckConv(Tensor x, Tensor w, Tensor? bias, (long H, long W) stride, (long H, long W) pad,
                (long H, long W) dilate,
                long groups)
            {
                if (x.Rank != 4 || w.Rank != 4)
                    throw new TensorException($"Expected 3D (unbatched) or 4D (batched) input to conv2d and a 4D weight, but "
                        + $"got {Describe.Shape(x._shape)} and {Describe.Shape(w._shape)}");
                if (stride.H <= 0 || stride.W <= 0)
                    throw new TensorException($"non-positive stride is not supported: ({stride.H}, {stride.W})");
                if (dilate.H <= 0 || dilate.W <= 0 || pad.H < 0 || pad.W < 0)
                    throw new TensorException($"conv2d: dilation ({dilate.H}, {dilate.W}) must be positive, padding ({pad.H}, "
                        + $"{pad.W}) not negative");
                if (groups <= 0 || w._shape[0] % groups != 0)
                    throw new TensorException($"Given groups={groups}, expected weight to be divisible by {groups} at "
                        + $"dimension 0, but got weight of size {Describe.Shape(w._shape)} instead");
                if (x._shape[1] != w._shape[1] * groups)
                {
                    throw new TensorException($"Given groups={groups}, weight of size {Describe.Shape(w._shape)}, expected "
                        + $"input{Describe.Shape(x._shape)} "
                        + $"to have {w._shape[1] * groups} channels, but got {x._shape[1]} channels instead");
                }

                if (bias is not null && (bias.Rank != 1 || bias._shape[0] != w._shape[0]))
                {
                    throw new TensorException($"Given weight of size {Describe.Shape(w._shape)}, expected bias to be "
                        + $"1-dimensional with {w._shape[0]} "
                        + $"elements, but got bias of size {Describe.Shape(bias._shape)} instead");
                }

                var (h, width) = ((Int128)x._shape[2] + (2 * (Int128)pad.H), (Int128)x._shape[3] + (2 * (Int128)pad.W));
                var (kh, kw) = (((w._shape[2] - 1) * (Int128)dilate.H) + 1, ((w._shape[3] - 1) * (Int128)dilate.W) + 1);
                if (kh > h || kw > width)
                {
                    throw new TensorException($"Calculated padded input size per channel: ({h} x {width}). Kernel size: ({kh} "
                        + $"x {kw}). "
                        + "Kernel size can't be greater than actual input size");
                }
            }
        }
    }
}
