namespace Aim.Tensors;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>
            /// <c>softmax(q kᵀ / sqrt(d) + mask) v</c> for [.., L, d], [.., S, d], [.., S, e]. A boolean mask is true where a key
            /// may be seen;
            /// a float mask is added. A row that sees nothing gives zeros. The causal mask is aligned at the top left.
            /// </summary>
            /// <param name="p">Dropout, which the managed engine lacks: must be 0.</param>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null,
                double p = 0.0, bool is_casual = false)
            {
                if (p != 0)
                    throw new TensorException($"scaled_dot_product_attention: dropout ({p}) is not supported by the managed "
                        + $"engine");
                if (attn_mask is not null && is_casual)
                    throw new TensorException("scaled_dot_product_attention: Explicit attn_mask should not be set when "
                        + "is_causal=True");
                if (key._shape[^2] != value._shape[^2])
                {
                    throw new TensorException($"scaled_dot_product_attention: {key._shape[^2]} keys but {value._shape[^2]} "
                        + $"values "
                        + $"(shapes {Describe.Shape(key._shape)} and {Describe.Shape(value._shape)})");
                }

                if (attn_mask is not null && attn_mask.dtype != ScalarType.Bool && attn_mask.dtype != query.dtype)
                {
                    throw new TensorException("Expected attn_mask dtype to be bool or float or to match query dtype, but got "
                        + "attn_mask.dtype: "
                        + $"{Describe.Dtype(attn_mask.dtype)} and query.dtype: {Describe.Dtype(query.dtype)} instead.");
                }

                if (LowPrecision.Is(query.dtype))
                {
                    var mask = attn_mask is null ? null : attn_mask.Wide();
                    return scaled_dot_product_attention(query.Wide(), key.Wide(), value.Wide(), mask, p, is_casual)
                        .to(query.dtype);
                }

                var scores = query.mul(1 / Math.Sqrt(query._shape[^1])).matmul(key.transpose(-2, -1));
                if (is_casual)
                    attn_mask = ones(query._shape[^2], key._shape[^2], ScalarType.Bool).tril();
                if (attn_mask is null)
                    return softmax(scores, -1).matmul(value);
                attn_mask = attn_mask.expand(scores._shape);
                scores = attn_mask.dtype == ScalarType.Bool
                    ? scores.masked_fill(attn_mask.logical_not(), double.NegativeInfinity)
                    : scores.add(attn_mask);
                var blind = scores.detach().amax([-1L], keepdim: true).eq(double.NegativeInfinity);
                return softmax(scores.masked_fill(blind, 0), -1).masked_fill(blind, 0).matmul(value);
            }
        }
    }
}
