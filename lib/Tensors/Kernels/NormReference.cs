namespace Aim.Tensors.Kernels;

/// <summary>RMSNorm and LayerNorm over the last dimension as their definitions, in double.</summary>
internal static unsafe class NormReference
{
    public static void RmsForward(float* x, float* weight, float* y, float* rstd, long rows, int dim, double eps)
    {
        for (long r = 0; r < rows; r++)
        {
            double squares = 0;
            for (var d = 0; d < dim; d++)
                squares += (double)x[r * dim + d] * x[r * dim + d];
            var scale = 1 / Math.Sqrt(squares / dim + eps);
            if (rstd != null)
                rstd[r] = (float)scale;
            for (var d = 0; d < dim; d++)
                y[r * dim + d] = (float)(x[r * dim + d] * scale * (weight == null ? 1 : weight[d]));
        }
    }

    public static void RmsBackward(float* dy, float* x, float* weight, float* rstd, float* dx, float* dWeight, long rows, int dim)
    {
        var dw = new double[dim];
        for (long r = 0; r < rows; r++)
        {
            double dot = 0;
            for (var d = 0; d < dim; d++)
                dot += (double)dy[r * dim + d] * (weight == null ? 1 : weight[d]) * x[r * dim + d] * rstd[r];
            for (var d = 0; d < dim; d++)
            {
                var normal = (double)x[r * dim + d] * rstd[r];
                dw[d] += dy[r * dim + d] * normal;
                var g = dy[r * dim + d] * (double)(weight == null ? 1 : weight[d]);
                if (dx != null)
                    dx[r * dim + d] = (float)(rstd[r] * (g - normal * dot / dim));
            }
        }
        for (var d = 0; d < dim && dWeight != null; d++)
            dWeight[d] = (float)dw[d];
    }

    public static void LayerForward(
        float* x, float* weight, float* bias, float* y, float* mean, float* rstd, long rows, int dim, double eps)
    {
        for (long r = 0; r < rows; r++)
        {
            double sum = 0, squares = 0;
            for (var d = 0; d < dim; d++)
                sum += x[r * dim + d];
            var mu = sum / dim;
            for (var d = 0; d < dim; d++)
                squares += (x[r * dim + d] - mu) * (x[r * dim + d] - mu);
            var scale = 1 / Math.Sqrt(squares / dim + eps);
            if (mean != null)
                mean[r] = (float)mu;
            if (rstd != null)
                rstd[r] = (float)scale;
            for (var d = 0; d < dim; d++)
            {
                var normal = (x[r * dim + d] - mu) * scale;
                y[r * dim + d] = (float)(normal * (weight == null ? 1 : weight[d]) + (bias == null ? 0 : bias[d]));
            }
        }
    }

    public static void LayerBackward(
        float* dy, float* x, float* weight, float* mean, float* rstd, float* dx, float* dWeight, float* dBias, long rows, int dim)
    {
        var dw = new double[dim];
        var db = new double[dim];
        for (long r = 0; r < rows; r++)
        {
            double sum = 0, dot = 0;
            for (var d = 0; d < dim; d++)
            {
                var g = dy[r * dim + d] * (double)(weight == null ? 1 : weight[d]);
                sum += g;
                dot += g * ((double)x[r * dim + d] - mean[r]) * rstd[r];
            }
            for (var d = 0; d < dim; d++)
            {
                var normal = ((double)x[r * dim + d] - mean[r]) * rstd[r];
                dw[d] += dy[r * dim + d] * normal;
                db[d] += dy[r * dim + d];
                var g = dy[r * dim + d] * (double)(weight == null ? 1 : weight[d]);
                if (dx != null)
                    dx[r * dim + d] = (float)(rstd[r] * (g - sum / dim - normal * dot / dim));
            }
        }
        for (var d = 0; d < dim; d++)
        {
            if (dWeight != null)
                dWeight[d] = (float)dw[d];
            if (dBias != null)
                dBias[d] = (float)db[d];
        }
    }
}
