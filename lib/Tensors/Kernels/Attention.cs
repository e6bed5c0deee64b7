namespace Aim.Tensors.Kernels;

/// <summary>Scaled dot-product attention with grouped heads. See <see cref="AttentionShape"/> for who sees whom.</summary>
internal static unsafe class Attention
{
    /// <summary>
    /// o = softmax(scale * q kᵀ) v. <paramref name="lse"/> [b, hq, nq] receives the log-sum-exp of every row that the backward
    /// pass needs, or is null. <paramref name="start"/> [b] or null, <paramref name="keyVisible"/> [b, nk] or null,
    /// <paramref name="keyBias"/> [b, nk], added to the scaled scores, or null.
    /// </summary>
    public static void Forward(
        in AttentionShape s, float* q, float* k, float* v, float* o, float* lse, int* start, byte* keyVisible,
        float* keyBias = null)
    {
        FlopCounter.AddMatmul(4L * s.HeadDim * s.QueryHeads * s.Pairs(start, keyVisible));
        AttentionForward.Run(new AttentionCall
        {
            Shape = s,
            Q = q,
            K = k,
            V = v,
            O = o,
            Lse = lse,
            Start = start,
            KeyVisible = keyVisible,
            KeyBias = keyBias,
        });
    }

    /// <summary>
    /// Gradients of q, k and v (overwritten, strides of q, k and v) from <paramref name="dO"/> (strides of o) and what
    /// <see cref="Forward"/> saved. dk and dv are summed over the query heads of a group in a fixed order.
    /// </summary>
    public static void Backward(
        in AttentionShape s, float* q, float* k, float* v, float* o, float* lse, float* dO, float* dq, float* dk, float* dv,
        int* start, byte* keyVisible, float* keyBias = null)
    {
        FlopCounter.AddMatmul(8L * s.HeadDim * s.QueryHeads * s.Pairs(start, keyVisible));
        AttentionBackward.Run(s, q, k, v, o, lse, dO, dq, dk, dv, start, keyVisible, keyBias);
    }
}
