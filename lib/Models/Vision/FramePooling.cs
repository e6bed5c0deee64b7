namespace Aim.Models;

/// <summary>
/// LLaVA-OneVision's pooling of a video frame: its g x g grid of tokens, interpolated bilinearly (align_corners false) to half
/// the side, rounded up. For an even side that is the mean over 2 x 2 tokens.
/// </summary>
public static class FramePooling
{
    /// <summary>Pools each frame.</summary>
    /// <param name="features"><c>[frames, g * g, dim]</c>.</param>
    /// <returns><c>[frames, p * p, dim]</c>, p = (g + 1) / 2.</returns>
    public static Tensor Pool(Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        long frames = features.shape[0], tokens = features.shape[1], dim = features.shape[2];
        int grid = (int)Math.Round(Math.Sqrt(tokens)), pooled = (grid + 1) / 2;
        if ((long)grid * grid != tokens)
            throw new ArgumentException($"{tokens} tokens do not form a square grid", nameof(features));

        using var scope = NewDisposeScope();
        if (grid % 2 == 0)
        {
            return features.reshape(frames, pooled, 2, pooled, 2, dim).mean([2, 4]).reshape(frames, (long)pooled * pooled, dim)
                .MoveToOuterDisposeScope();
        }

        var weights = tensor(Weights(grid, pooled), [pooled, grid]).to(features.device);
        var rows = matmul(weights, features.reshape(frames, grid, grid * dim));
        return matmul(weights, rows.reshape(frames * pooled, grid, dim)).reshape(frames, (long)pooled * pooled, dim)
            .MoveToOuterDisposeScope();
    }

    // Row i holds the shares of the source positions in target i, in float32 as upstream computes them.
    private static float[] Weights(int grid, int pooled)
    {
        var weights = new float[pooled * grid];
        float scale = (float)grid / pooled;
        for (int i = 0; i < pooled; i++)
        {
            float source = Math.Max(0, (scale * (i + 0.5f)) - 0.5f);
            int low = Math.Min((int)source, grid - 1), high = Math.Min(low + 1, grid - 1);
            float share = source - low;
            weights[(i * grid) + low] += 1 - share;
            weights[(i * grid) + high] += share;
        }

        return weights;
    }
}
