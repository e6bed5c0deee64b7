namespace Aim.Tensors.Kernels;

/// <summary>
/// Rotary embedding as its definition: x * cos + rotate_half(x) * sin, rotate_half(x) = [-x2, x1] of the halves of x.
/// </summary>
internal static unsafe class RotaryReference
{
    public static void Forward(in RotaryShape s, float* x, float* cos, float* sin, float* y)
    {
        var half = s.HeadDim / 2;
        for (var b = 0; b < s.Batch; b++)
        {
            for (var h = 0; h < s.Heads; h++)
            {
                for (var i = 0; i < s.Rows; i++)
                {
                    var xr = x + b * s.X.Batch + h * s.X.Head + i * s.X.Row;
                    var yr = y + b * s.Y.Batch + h * s.Y.Head + i * s.Y.Row;
                    var c = cos + b * s.TableBatch + (long)i * s.HeadDim;
                    var n = sin + b * s.TableBatch + (long)i * s.HeadDim;
                    for (var d = 0; d < half; d++)
                    {
                        float x1 = xr[d], x2 = xr[d + half];
                        yr[d] = x1 * c[d] - x2 * n[d];
                        yr[d + half] = x2 * c[d + half] + x1 * n[d + half];
                    }
                }
            }
        }
    }

    public static void Backward(in RotaryShape s, float* dy, float* cos, float* sin, float* dx)
    {
        var half = s.HeadDim / 2;
        for (var b = 0; b < s.Batch; b++)
        {
            for (var h = 0; h < s.Heads; h++)
            {
                for (var i = 0; i < s.Rows; i++)
                {
                    var gr = dy + b * s.Y.Batch + h * s.Y.Head + i * s.Y.Row;
                    var xr = dx + b * s.X.Batch + h * s.X.Head + i * s.X.Row;
                    var c = cos + b * s.TableBatch + (long)i * s.HeadDim;
                    var n = sin + b * s.TableBatch + (long)i * s.HeadDim;
                    for (var d = 0; d < half; d++)
                    {
                        float g1 = gr[d], g2 = gr[d + half];
                        xr[d] = g1 * c[d] + g2 * n[d + half];
                        xr[d + half] = g2 * c[d + half] - g1 * n[d];
                    }
                }
            }
        }
    }
}
