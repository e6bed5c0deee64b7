namespace Aim.Tensors;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>How a loss combines its elements.</summary>
        public enum Reduction
        {
            None,
            Mean,
            Sum,
        }

        public static partial class functional
        {
            /// <summary><c>input weightᵀ + bias</c>: [.., in] -> [.., out]; weights [out, in], bias [out].</summary>
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null)
            {
                if (input.Rank == 0 || weights.Rank is 0 or > 2)
                    throw new TensorException($"linear: input must be at least 1D and weights 1D or 2D, got "
                        + $"{Describe.Shape(input._shape)} and {Describe.Shape(weights._shape)}");
                if (weights.Rank == 1)
                    return bias is null ? input.matmul(weights) : input.matmul(weights).add(bias);
                if (input._shape[^1] != weights._shape[1])
                {
                    throw new TensorException("mat1 and mat2 shapes cannot be multiplied "
                        + $"({Shapes.Count(input._shape.AsSpan(0, input.Rank - 1))}x{input._shape[^1]} and "
                            + $"{weights._shape[1]}x{weights._shape[0]})");
                }

                if (bias is not null && bias.dtype != input.dtype)
                    throw new TensorException($"linear: bias must have the input's dtype {Describe.Dtype(input.dtype)}, but got "
                        + $"{Describe.Dtype(bias.dtype)}");
                if (input.dtype != weights.dtype)
                    throw new TensorException($"mat1 and mat2 must have the same dtype, but got {Describe.Dtype(input.dtype)} "
                        + $"and {Describe.Dtype(weights.dtype)}");
                long[] shape = [.. input._shape[..^1], weights._shape[0]];
                if (bias is not null && (bias.Rank != 1 || bias._shape[0] != weights._shape[0]))
                    return input.matmul(weights.t()).add(bias.expand(shape));
                var rows = Matmul.Rows(input);
                var y = Tensor.Empty(shape, input.dtype);
                Matmul.Run(rows, weights.Restride([weights._shape[1], weights._shape[0]],
                    [weights._strides[1], weights._strides[0]]),
                    Matmul.Rows(y), 0, bias is null || bias.is_contiguous() ? bias : Copy.Contiguous(bias));
                if (!Autograd.Recording(input, weights, bias))
                    return y;
                var x = weights.requires_grad ? new Saved(rows, input.GradientName) : null;
                var w = input.requires_grad ? new Saved(weights) : null;
                return y.Record("Linear", [input, weights, bias], Tensor.Kept(x, w), (n, g) => LinearBackward(n, g, x, w));
            }

            /// <summary>Rows of a table by id: [..] -> [.., dim].</summary>
            public static Tensor embedding(Tensor input, Tensor weights)
            {
                if (weights.Rank != 2)
                    throw new TensorException($"'weight' must be 2-D, got shape {Describe.Shape(weights._shape)}");
                return weights.index_select(0, input.reshape(-1)).view([.. input._shape, weights._shape[1]]);
            }

            private static unsafe void LinearBackward(Node n, Tensor g, Saved? x, Saved? w)
            {
                var dy = Matmul.Rows(g);
                if (n.Needs(0))
                {
                    var dx = n.Into(0, out var beta);
                    Matmul.Run(dy, w!.Value, Matmul.Rows(dx), beta);
                }

                if (n.Needs(1))
                {
                    var dw = n.Into(1, out var beta);
                    Matmul.Run(dy.t(), x!.Value, dw, beta);
                }

                if (n.Needs(2))
                    n.Add(2, Reduce.Sum(dy, [0]));
            }
        }
    }
}
