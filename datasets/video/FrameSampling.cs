namespace Aim.Datasets;

/// <summary>Which frames of a video a model sees.</summary>
public static class FrameSampling
{
    /// <summary>
    /// Evenly from the first frame to the last: <c>np.linspace(0, total - 1, count, dtype=int)</c>, as LLaVA-OneVision and
    /// lmms-eval sample. A video with fewer frames than are asked for gives some of them several times.
    /// </summary>
    /// <param name="total">Frames of the video.</param>
    /// <param name="count">Frames that are asked for.</param>
    /// <returns>Indices in ascending order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    public static int[] Uniform(int total, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(total, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (count == 1)
            return [0];
        double step = (double)(total - 1) / (count - 1);
        return [.. Enumerable.Range(0, count).Select(i => i == count - 1 ? total - 1 : (int)Math.Floor(i * step))];
    }
}
