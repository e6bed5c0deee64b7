namespace Aim.Experiments.Analysis;

/// <summary>
/// Where the tokens lie that pruning keeps, over the grid of a frame and over the frames: an even method keeps as much of every
/// place, a biased one prefers some whatever they show. A merged token counts with its patches' weights in its mean, so that
/// every token counts 1.
/// </summary>
internal static class KeptPositions
{
    /// <summary>Histograms of what is alive after one layer.</summary>
    /// <param name="alive">The visual tokens alive, as indices into <paramref name="patches"/>.</param>
    /// <param name="patches">
    /// Of every visual token before pruning the patches (frame, place) in it, and their weights, which add up to 1.
    /// </param>
    /// <param name="frames">Frames.</param>
    /// <param name="places">Places of a frame.</param>
    public static KeptHistogram Of(
        IEnumerable<int> alive, IReadOnlyList<IReadOnlyList<(int Frame, int Place, double Weight)>> patches, int frames,
            int places)
    {
        var (byPlace, byFrame) = (new double[places], new double[frames]);
        foreach (int token in alive)
            foreach (var (frame, place, weight) in patches[token])
            {
                byPlace[place] += weight;
                byFrame[frame] += weight;
            }
        return new KeptHistogram(byPlace, byFrame);
    }

    /// <summary>
    /// Total variation distance of a histogram from the even one, 0 (even) to 1: the share that would have to move to make it
    /// even.
    /// </summary>
    public static double Unevenness(IReadOnlyList<double> histogram)
    {
        double sum = histogram.Sum();
        return sum == 0 ? 0 : histogram.Sum(v => Math.Abs(v / sum - 1.0 / histogram.Count)) / 2;
    }
}

/// <summary>Tokens by place in the frame and by frame.</summary>
internal sealed record KeptHistogram(IReadOnlyList<double> Places, IReadOnlyList<double> Frames);
