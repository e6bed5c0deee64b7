namespace Aim.Datasets;

/// <summary>Counts of the runs of 1 to 4 tokens in a caption.</summary>
internal static class NGrams
{
    /// <summary>The longest run that caption scores count.</summary>
    public const int Longest = 4;

    /// <summary>Counts by order; element n - 1 has the runs of n tokens, joined by spaces.</summary>
    public static Dictionary<string, int>[] Count(string caption)
    {
        string[] words = PythonText.Split(caption);
        var counts = new Dictionary<string, int>[Longest];
        for (int n = 1; n <= Longest; n++)
        {
            counts[n - 1] = new Dictionary<string, int>(StringComparer.Ordinal);
            for (int i = 0; i + n <= words.Length; i++)
            {
                string gram = string.Join(' ', words, i, n);
                counts[n - 1][gram] = counts[n - 1].GetValueOrDefault(gram) + 1;
            }
        }

        return counts;
    }
}
