namespace Aim.Models;

/// <summary>
/// Cosines and sines of rotary positions, computed as upstream computes them: inverse frequencies and angles in float32, the two
/// halves of a head alike (rotate_half). With M-RoPE (Qwen2-VL) every frequency belongs to one of three positions: time, height
/// or width; in Qwen2-VL's vision transformer to one of two, row or column, each with all frequencies of half a head.
/// </summary>
internal sealed class RotaryEmbedding
{
    private readonly float[] _inverseFrequencies;
    private readonly int[] _axis;
    private readonly int _positions;

    public RotaryEmbedding(TextConfig config)
    {
        _inverseFrequencies = Frequencies(config.HeadDim, config.RopeTheta);
        _axis = new int[_inverseFrequencies.Length];
        _positions = config.SlidingWindow ?? int.MaxValue;
        if (config.MRopeSection is not { } sections)
            return;
        Axes = sections.Length;
        int next = 0;
        for (int axis = 0; axis < sections.Length; axis++)
        {
            for (int i = 0; i < sections[axis]; i++)
                _axis[next++] = axis;
        }
    }

    private RotaryEmbedding(float[] inverseFrequencies, int[] axis, int axes)
        => (_inverseFrequencies, _axis, Axes, _positions) = (inverseFrequencies, axis, axes, int.MaxValue);

    /// <summary>Positions in a grid: the first quarter of a head turns by the row, the second by the column.</summary>
    public static RotaryEmbedding OfGrid(int headDim, double theta = 10000)
    {
        float[] half = Frequencies(headDim / 2, theta);
        return new RotaryEmbedding([.. half, .. half], [.. half.Select(_ => 0), .. half.Select(_ => 1)], 2);
    }

    private static float[] Frequencies(int dim, double theta)
        => [.. Enumerable.Range(0, dim / 2).Select(i => 1f / MathF.Pow((float)theta, 2 * i / (float)dim))];

    /// <summary>Positions a token has: 3 with M-RoPE, 2 in a grid, else 1.</summary>
    public int Axes { get; } = 1;

    /// <summary>cos and sin [batch, n, head_dim], or [n, head_dim] with <paramref name="batch"/> 0.</summary>
    /// <param name="positions">[axes, max(batch, 1) * n] positions, flattened.</param>
    /// <param name="batch">Samples, or 0 for tables that all samples share.</param>
    /// <param name="n">Tokens a sample.</param>
    /// <param name="like">A tensor that says where the tables go.</param>
    /// <exception cref="ArgumentException">A position lies beyond the sliding window, where attention would not reach all
    /// tokens.</exception>
    public (Tensor Cos, Tensor Sin) Tables(ReadOnlySpan<int> positions, int batch, int n, Tensor like)
    {
        if (positions.ContainsAnyInRange(_positions, int.MaxValue))
        {
            throw new ArgumentException(
                $"a decoder whose sliding_window is {_positions} takes at most {_positions} tokens, prompt and answer together",
                nameof(positions));
        }

        int rows = Math.Max(batch, 1) * n;
        int half = _inverseFrequencies.Length;
        var cos = new float[rows * 2 * half];
        var sin = new float[rows * 2 * half];
        for (int row = 0; row < rows; row++)
        {
            int at = row * 2 * half;
            for (int i = 0; i < half; i++)
            {
                float angle = positions[_axis[i] * rows + row] * _inverseFrequencies[i];
                cos[at + i] = cos[at + half + i] = MathF.Cos(angle);
                sin[at + i] = sin[at + half + i] = MathF.Sin(angle);
            }
        }

        long[] shape = batch == 0 ? [n, 2 * half] : [batch, n, 2 * half];
        return (tensor(cos, shape).to(like.device), tensor(sin, shape).to(like.device));
    }
}
