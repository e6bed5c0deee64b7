using Aim.Models.Tests;

namespace Aim.Reduction.Tests;

/// <summary>The fixtures' 2x2 pooling, spelled out: bilinear with half-pixel centres to ceil(side / 2) squared, no antialiasing.</summary>
internal static class Pooling
{
    public static Tensor Bilinear(Tensor features)
    {
        var (frames, count, dim) = ((int)features.shape[0], (int)features.shape[1], (int)features.shape[2]);
        int side = (int)Math.Sqrt(count), to = (side + 1) / 2;
        float[] x = features.Values();
        var pooled = new float[frames * to * to * dim];
        for (int f = 0; f < frames; f++)
        {
            for (int cell = 0; cell < to * to; cell++)
            {
                var (y0, y1, wy) = Source(cell / to, side, to);
                var (x0, x1, wx) = Source(cell % to, side, to);
                for (int d = 0; d < dim; d++)
                {
                    float At(int y, int column) => x[((f * side + y) * side + column) * dim + d];
                    pooled[((f * to * to) + cell) * dim + d] =
                        (1 - wy) * ((1 - wx) * At(y0, x0) + wx * At(y0, x1)) + wy * ((1 - wx) * At(y1, x0) + wx * At(y1, x1));
                }
            }
        }

        return tensor(pooled, [frames, to * to, dim]);
    }

    private static (int First, int Second, float Weight) Source(int i, int from, int to)
    {
        float at = Math.Max((i + 0.5f) * from / to - 0.5f, 0);
        int first = (int)at;
        return (first, Math.Min(first + 1, from - 1), at - first);
    }
}
