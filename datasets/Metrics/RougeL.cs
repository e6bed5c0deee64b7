namespace Aim.Datasets;

/// <summary>
/// ROUGE-L (Lin, 2004) as pycocoevalcap computes it: the longest common subsequence of caption and reference, as a share of the
/// caption (precision) and of the reference (recall); F with beta 1.2 of the best precision and the best recall, which may come
/// from different references.
/// </summary>
/// <remarks>An empty caption counts as one empty token, as upstream splits it.</remarks>
public static class RougeL
{
    private const double Beta2 = 1.2 * 1.2;

    /// <summary>ROUGE-L of a set: the mean of its pictures'.</summary>
    /// <exception cref="ArgumentException">There is no picture, or one has no reference.</exception>
    public static CaptionScore Of(IReadOnlyList<CaptionedPicture> pictures)
    {
        CaptionedPicture.Check(pictures);
        double[] scores = [.. pictures.Select(Of)];
        return new CaptionScore(scores.Average(), scores);
    }

    private static double Of(CaptionedPicture picture)
    {
        string[] caption = picture.Caption.Split(' ');
        double precision = 0, recall = 0;
        foreach (string text in picture.References)
        {
            string[] reference = text.Split(' ');
            double common = CommonSubsequence(caption, reference);
            precision = Math.Max(precision, common / caption.Length);
            recall = Math.Max(recall, common / reference.Length);
        }

        return precision == 0 ? 0 : (1 + Beta2) * precision * recall / (recall + Beta2 * precision);
    }

    private static int CommonSubsequence(string[] a, string[] b)
    {
        int[] row = new int[b.Length + 1];
        foreach (string token in a)
        {
            int diagonal = 0;
            for (int j = 0; j < b.Length; j++)
                (diagonal, row[j + 1]) = (row[j + 1], token == b[j] ? diagonal + 1 : Math.Max(row[j], row[j + 1]));
        }

        return row[^1];
    }
}
