namespace Aim.Datasets;

/// <summary>
/// CIDEr-D (Vedantam et al., 2015) as pycocoevalcap computes it: the cosine of tf-idf vectors of caption and reference for
/// n-grams of 1 to 4 tokens, where a caption gains nothing by repeating (counts are clipped to the reference's) and loses by
/// another length (a Gaussian, sigma 6); the mean over orders and references, times 10.
/// </summary>
/// <remarks>
/// The document frequency of an n-gram is the number of pictures of the very set that is evaluated with a reference that has it:
/// a subset has other scores, and a single picture scores 0, since log(1) is 0. A length is, as upstream counts it, the number of
/// 2-grams.
/// </remarks>
public static class CiderD
{
    private const double Sigma = 6;

    /// <summary>CIDEr-D of a set: the mean of its pictures'. From 0 to 10.</summary>
    /// <exception cref="ArgumentException">There is no picture, or one has no reference.</exception>
    public static CaptionScore Of(IReadOnlyList<CaptionedPicture> pictures)
    {
        CaptionedPicture.Check(pictures);
        var references = pictures.Select(p => p.References.Select(NGrams.Count).ToArray()).ToArray();
        var frequency = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var ofPicture in references)
            foreach (string gram in ofPicture.SelectMany(r => r).SelectMany(counts => counts.Keys).ToHashSet())
                frequency[gram] = frequency.GetValueOrDefault(gram) + 1;

        double Rarity(string gram) => Math.Log(pictures.Count) - Math.Log(Math.Max(1, frequency.GetValueOrDefault(gram)));
        double[] scores = [.. pictures.Select((picture, i) =>
        {
            var caption = Vector.Of(NGrams.Count(picture.Caption), Rarity);
            return 10 * references[i].Average(r => caption.Similarity(Vector.Of(r, Rarity)));
        })];
        return new CaptionScore(scores.Average(), scores);
    }

    /// <summary>A caption's tf-idf weights by order, their Euclidean norms, and its length.</summary>
    private sealed record Vector(Dictionary<string, double>[] Weights, double[] Norms, int Length)
    {
        public static Vector Of(Dictionary<string, int>[] counts, Func<string, double> rarity)
        {
            Dictionary<string, double>[] weights =
                [.. counts.Select(c => c.ToDictionary(g => g.Key, g => g.Value * rarity(g.Key), StringComparer.Ordinal))];
            return new Vector(weights, [.. weights.Select(w => Math.Sqrt(w.Values.Sum(x => x * x)))], counts[1].Values.Sum());
        }

        /// <summary>The mean over orders of the clipped cosine, times the penalty for another length.</summary>
        public double Similarity(Vector reference)
        {
            double sum = 0;
            for (int n = 0; n < NGrams.Longest; n++)
            {
                double norms = Norms[n] * reference.Norms[n];
                var others = reference.Weights[n];
                double product = Weights[n].Sum(g => others.TryGetValue(g.Key, out double r) ? Math.Min(g.Value, r) * r : 0);
                sum += norms == 0 ? 0 : product / norms;
            }

            double delta = Length - reference.Length;
            return sum / NGrams.Longest * Math.Exp(-delta * delta / (2 * Sigma * Sigma));
        }
    }
}
