using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// DyCoke's second stage, while an answer is decoded: layers from <paramref name="layer"/> on see only the visual tokens that
/// the newest token attends to most in the layer before, in steps where that attention has changed since the last one. In the
/// other steps nothing is hidden: the official code resets its list there (the paper would keep the last one). The cache is
/// never shortened.
/// </summary>
/// <param name="layer">The first layer that sees less (3 in the official code).</param>
/// <param name="p">Share of the visual tokens that is hidden (0.7 in its README, 0.8 in its code).</param>
/// <param name="threshold">Cosine with the last step's attention below which tokens are chosen anew.</param>
public sealed class DyCokeDecoding(int layer = 3, double p = 0.7, double threshold = 0.9) : IDecodePruner
{
    private float[][]? _last;

    /// <inheritdoc/>
    public int Layer => layer;

    /// <summary>Each sample's cosine of this step's attention with the last one's; 0 in the first step.</summary>
    public IReadOnlyList<float> Similarity { get; private set; } = [];

    /// <summary>Visual tokens that stay visible of so many.</summary>
    public int Kept(int visual) => (int)(visual * (1 - p));

    /// <inheritdoc/>
    public int[]?[] Visible(float[][] attention)
    {
        ArgumentNullException.ThrowIfNull(attention);
        if (_last is not null && _last.Length != attention.Length)
        {
            throw new ArgumentException(
                $"the last step had {_last.Length} samples, this one has {attention.Length}", nameof(attention));
        }

        float[] similarity = [.. attention.Select((a, b) => _last is null ? 0 : Cosine(a, _last[b]))];
        (Similarity, _last) = (similarity, attention);
        return [.. attention.Select((a, b) => similarity[b] < threshold ? PageRankPruner.Top(a, Kept(a.Length)) : null)];
    }

    private static float Cosine(float[] a, float[] b)
    {
        double dot = 0, aa = 0, bb = 0;
        for (int i = 0; i < a.Length; i++)
        {
            dot += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
        }

        return aa > 0 && bb > 0 ? (float)(dot / Math.Sqrt(aa * bb)) : 0;
    }
}
