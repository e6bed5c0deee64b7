namespace Aim.Tensors.Kernels;

/// <summary>
/// Attention as its definition, a row at a time, in double. See <see cref="AttentionShape"/> for who sees whom.
/// </summary>
internal static unsafe class AttentionReference
{
    /// <summary>
    /// o = softmax(scale * q kᵀ) v; lse [b, hq, nq] = log of the softmax's denominator, -inf for a row that sees nothing.
    /// </summary>
    public static void Forward(
        in AttentionShape s, float* q, float* k, float* v, float* o, float* lse, int* start, byte* keyVisible,
        float* keyBias = null)
    {
        var p = new double[s.Keys];
        for (var b = 0; b < s.Batch; b++)
        {
            for (var h = 0; h < s.QueryHeads; h++)
            {
                var kh = h / s.Group;
                for (var i = 0; i < s.Queries; i++)
                {
                    var logSum = Probabilities(s, b, h, i, q, k, start, keyVisible, keyBias, p);
                    if (lse != null)
                        lse[((long)b * s.QueryHeads + h) * s.Queries + i] = (float)logSum;
                    var oRow = o + b * s.O.Batch + h * s.O.Head + i * s.O.Row;
                    for (var d = 0; d < s.HeadDim; d++)
                    {
                        double sum = 0;
                        for (var j = 0; j < s.Keys; j++)
                            sum += p[j] == 0 ? 0 : p[j] * v[b * s.V.Batch + kh * s.V.Head + j * s.V.Row + d];
                        oRow[d] = (float)sum;
                    }
                }
            }
        }
    }

    /// <summary>
    /// With P the probabilities: dV = Pᵀ dO; dS = P * (dO Vᵀ - rowsum(dO * O)); dQ = scale * dS K; dK = scale * dSᵀ Q.
    /// Gradients are overwritten; dk and dv are summed over the query heads of a group.
    /// </summary>
    public static void Backward(
        in AttentionShape s, float* q, float* k, float* v, float* o, float* dO, float* dq, float* dk, float* dv,
        int* start, byte* keyVisible, float* keyBias = null)
    {
        var p = new double[s.Keys];
        var dkSum = new double[(long)s.Keys * s.HeadDim];
        var dvSum = new double[(long)s.Keys * s.HeadDim];
        var dqSum = new double[s.HeadDim];
        for (var b = 0; b < s.Batch; b++)
        {
            for (var kh = 0; kh < s.KeyHeads; kh++)
            {
                Array.Clear(dkSum);
                Array.Clear(dvSum);
                var kHead = k + b * s.K.Batch + kh * s.K.Head;
                var vHead = v + b * s.V.Batch + kh * s.V.Head;
                for (var h = kh * s.Group; h < (kh + 1) * s.Group; h++)
                {
                    for (var i = 0; i < s.Queries; i++)
                    {
                        Probabilities(s, b, h, i, q, k, start, keyVisible, keyBias, p);
                        var qRow = q + b * s.Q.Batch + h * s.Q.Head + i * s.Q.Row;
                        var oRow = o + b * s.O.Batch + h * s.O.Head + i * s.O.Row;
                        var dORow = dO + b * s.O.Batch + h * s.O.Head + i * s.O.Row;
                        double delta = 0;
                        for (var d = 0; d < s.HeadDim; d++)
                            delta += (double)dORow[d] * oRow[d];
                        Array.Clear(dqSum);
                        for (var j = 0; j < s.Keys; j++)
                        {
                            if (p[j] == 0)
                                continue;
                            double dp = 0;
                            for (var d = 0; d < s.HeadDim; d++)
                                dp += (double)dORow[d] * vHead[j * s.V.Row + d];
                            var ds = s.Scale * p[j] * (dp - delta);
                            for (var d = 0; d < s.HeadDim; d++)
                            {
                                dqSum[d] += ds * kHead[j * s.K.Row + d];
                                dkSum[j * s.HeadDim + d] += ds * qRow[d];
                                dvSum[j * s.HeadDim + d] += p[j] * dORow[d];
                            }
                        }
                        for (var d = 0; d < s.HeadDim; d++)
                            dq[b * s.Q.Batch + h * s.Q.Head + i * s.Q.Row + d] = (float)dqSum[d];
                    }
                }
                for (var j = 0; j < s.Keys; j++)
                {
                    for (var d = 0; d < s.HeadDim; d++)
                    {
                        dk[b * s.K.Batch + kh * s.K.Head + j * s.K.Row + d] = (float)dkSum[j * s.HeadDim + d];
                        dv[b * s.V.Batch + kh * s.V.Head + j * s.V.Row + d] = (float)dvSum[j * s.HeadDim + d];
                    }
                }
            }
        }
    }

    /// <summary>Softmax of one row's scores into <paramref name="p"/>, 0 where invisible; returns their log-sum-exp.</summary>
    private static double Probabilities(
        in AttentionShape s, int b, int h, int i, float* q, float* k, int* start, byte* keyVisible, float* keyBias,
        double[] p)
    {
        var first = AttentionShape.First(start, b);
        var end = s.End(i, first);
        var qRow = q + b * s.Q.Batch + h * s.Q.Head + i * s.Q.Row;
        var kHead = k + b * s.K.Batch + h / s.Group * s.K.Head;
        var max = double.NegativeInfinity;
        Array.Fill(p, double.NegativeInfinity);
        for (var j = first; j < end; j++)
        {
            if (keyVisible != null && keyVisible[(long)b * s.Keys + j] == 0)
                continue;
            double dot = 0;
            for (var d = 0; d < s.HeadDim; d++)
                dot += (double)qRow[d] * kHead[j * s.K.Row + d];
            p[j] = dot * s.Scale + (keyBias == null ? 0 : keyBias[(long)b * s.Keys + j]);
            max = Math.Max(max, p[j]);
        }
        double sum = 0;
        for (var j = 0; j < s.Keys; j++)
        {
            p[j] = double.IsNegativeInfinity(p[j]) ? 0 : Math.Exp(p[j] - max);
            sum += p[j];
        }
        for (var j = 0; j < s.Keys && sum > 0; j++)
            p[j] /= sum;
        return sum > 0 ? max + Math.Log(sum) : double.NegativeInfinity;
    }
}
