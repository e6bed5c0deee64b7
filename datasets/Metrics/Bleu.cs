namespace Aim.Datasets;

/// <summary>
/// BLEU-1 to BLEU-4 (Papineni et al., 2002) as pycocoevalcap computes it: the geometric mean of the shares of the caption's
/// n-grams that occur in a reference (counted at most as often as in the reference that has most), times a penalty for captions
/// shorter than the reference of the closest length (of two equally close, the shorter).
/// </summary>
/// <remarks>
/// Upstream leaves 0 / 0 open by adding 1e-15 to what was found and 1e-9 to what was possible, so that a caption without any
/// 4-gram scores a small positive number. A set's score is made of its sums, not of its pictures' scores.
/// </remarks>
public static class Bleu
{
    private const double Tiny = 1e-15;
    private const double Small = 1e-9;

    /// <summary>BLEU-1, BLEU-2, BLEU-3 and BLEU-4 of a set.</summary>
    /// <exception cref="ArgumentException">There is no picture, or one has no reference.</exception>
    public static IReadOnlyList<CaptionScore> Of(IReadOnlyList<CaptionedPicture> pictures)
    {
        CaptionedPicture.Check(pictures);
        Tally[] tallies = [.. pictures.Select(Tally.Of)];
        double[][] each = [.. tallies.Select(t => t.Scores())];
        double[] set = tallies.Aggregate((a, b) => a + b).Scores();
        return [.. set.Select((score, n) => new CaptionScore(score, [.. each.Select(e => e[n])]))];
    }

    /// <summary>What one caption, or a set of them, has of n-grams that were possible and that were found.</summary>
    private sealed record Tally(long Length, long ReferenceLength, long[] Possible, long[] Found)
    {
        public static Tally Of(CaptionedPicture picture)
        {
            var caption = NGrams.Count(picture.Caption);
            var references = picture.References.Select(NGrams.Count).ToArray();
            int length = caption[0].Values.Sum();
            return new Tally(
                length,
                references.Select(r => r[0].Values.Sum()).MinBy(l => (Math.Abs(l - length), l)),
                [.. caption.Select((_, n) => (long)Math.Max(0, length - n))],
                [.. caption.Select((counts, n) => counts.Sum(g
                    => (long)Math.Min(g.Value, references.Max(r => r[n].GetValueOrDefault(g.Key)))))]);
        }

        public static Tally operator +(Tally a, Tally b) => new(
            a.Length + b.Length,
            a.ReferenceLength + b.ReferenceLength,
            [.. a.Possible.Zip(b.Possible, (x, y) => x + y)],
            [.. a.Found.Zip(b.Found, (x, y) => x + y)]);

        public double[] Scores()
        {
            double ratio = (Length + Tiny) / (ReferenceLength + Small);
            double penalty = ratio < 1 ? Math.Exp(1 - 1 / ratio) : 1;
            var scores = new double[NGrams.Longest];
            double product = 1;
            for (int n = 0; n < scores.Length; n++)
            {
                product *= (Found[n] + Tiny) / (Possible[n] + Small);
                scores[n] = Math.Pow(product, 1.0 / (n + 1)) * penalty;
            }

            return scores;
        }
    }
}
