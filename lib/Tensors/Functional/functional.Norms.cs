using Aim.Tensors.Kernels;

namespace Aim.Tensors;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>Normalises the last dimensions to mean 0 and variance 1, then scales and shifts.</summary>
            public static unsafe Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null,
                Tensor? bias = null,
                double eps = 1e-5)
            {
                CheckNormalized("layer_norm", input, normalized_shape, weight, bias);
                if (LowPrecision.Is(input.dtype))
                    return layer_norm(input.Wide(), normalized_shape, weight?.Wide(), bias?.Wide(), eps).to(input.dtype);
                if (input.dtype != ScalarType.Float32)
                    return LayerNormOf(input, normalized_shape, weight, bias, eps);
                var dim = Shapes.Int(Shapes.Count(normalized_shape), "layer_norm");
                var rows = dim == 0 ? 0 : input.numel() / dim;
                var packed = Packed(input);
                var (w, b) = (weight is null ? null : Packed(weight), bias is null ? null : Packed(bias));
                var y = Tensor.Empty(input._shape, input.dtype);
                var records = Autograd.Recording(input, weight, bias);
                var statistics = records ? Tensor.Empty([2, rows], ScalarType.Float32) : null;
                var mean = records ? statistics!.Floats : null;
                var rstd = records ? mean + rows : null;
                Norm.LayerForward(packed.Floats, w is null ? null : w.Floats, b is null ? null
                    : b.Floats, y.Floats, mean, rstd, rows, dim, eps);
                if (!records)
                    return y;
                var (x, sw, s) = (new Saved(packed, input.GradientName), w is null ? null : new Saved(w), new Saved(statistics!));
                return y.Record("LayerNorm", [input, weight, bias], Tensor.Kept(x, sw, s), (n, g) =>
                {
                    var dy = Packed(g);
                    var dx = n.Needs(0) ? Tensor.Empty(n.Next[0]!.Shape, ScalarType.Float32) : null;
                    var dw = n.Needs(1) ? Tensor.Empty(n.Next[1]!.Shape, ScalarType.Float32) : null;
                    var db = n.Needs(2) ? Tensor.Empty(n.Next[2]!.Shape, ScalarType.Float32) : null;
                    Norm.LayerBackward(dy.Floats, x.Value.Floats, sw is null ? null
                        : sw.Value.Floats, s.Value.Floats, s.Value.Floats + rows,
                        dx is null ? null : dx.Floats, dw is null ? null : dw.Floats, db is null ? null : db.Floats, rows, dim);
                    AddEach(n, dx, dw, db);
                });
            }

            /// <summary>Divides by the p-norm along a dimension, at least <paramref name="eps"/>.</summary>
            public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1L, double eps = 1e-12) =>
                input.Wide().div(input.Wide().Norm([dim], true, p).clamp_min(eps).expand_as(input)).to(input.dtype);

            /// <summary>Gradients that an operation may or may not have computed.</summary>
            internal static void AddEach(Node n, params ReadOnlySpan<Tensor?> gradients)
            {
                for (var i = 0; i < gradients.Length; i++)
                {
                    if (gradients[i] is { } g)
                        n.Add(i, g);
                }
            }

            /// <summary>The values, contiguous, without history.</summary>
            internal static Tensor Packed(Tensor x) => x.is_contiguous() ? x : Copy.Contiguous(x);

            private static Tensor LayerNormOf(Tensor input, long[] normalized, Tensor? weight, Tensor? bias, double eps)
            {
                var dims = Enumerable.Range(1, normalized.Length).Select(i => (long)-i).ToArray();
                var centered = input.sub(input.mean(dims, keepdim: true));
                var y = centered.mul(centered.square().mean(dims, keepdim: true).add(eps).rsqrt());
                y = weight is null ? y : y.mul(weight);
                return bias is null ? y : y.add(bias);
            }

            private static void CheckNormalized(string name, Tensor input, long[] shape, Tensor? weight, Tensor? bias)
            {
                if (shape.Length == 0)
                    throw new TensorException("Expected normalized_shape to be at least 1-dimensional, i.e., containing at "
                        + "least one element, but got []");
                if (input.Rank < shape.Length || !Shapes.Same(input._shape.AsSpan(input.Rank - shape.Length), shape))
                    throw new TensorException($"{name}: Given normalized_shape={Describe.Shape(shape)}, expected input with "
                        + $"shape [*, {string.Join(", ", shape)}], but got input of size {Describe.Shape(input._shape)}");
                foreach (var (what, t) in new[] { ("weight", weight), ("bias", bias) })
                {
                    if (t is not null && !Shapes.Same(t._shape, shape))
                        throw new TensorException($"Expected {what} to be of same shape as normalized_shape, but got {what} of "
                            + $"shape {Describe.Shape(t._shape)} and normalized_shape = {Describe.Shape(shape)}");
                }
            }
        }
    }
}
