namespace Aim.Reduction;

/// <summary>The parts of a SparseVLM stage, as plain functions (Gumpest/SparseVLMs, score.py and utils.py).</summary>
public static class SparseVlmStage
{
    /// <summary>
    /// The text tokens that rate: those to which visual tokens are more similar than to the average one, by the softmax over
    /// text of unscaled products of embeddings, averaged over visual tokens. All, where none stands out.
    /// </summary>
    /// <param name="visual">[visual, dim], input embeddings.</param>
    /// <param name="text">[text, dim].</param>
    /// <returns>Indices into text, ascending.</returns>
    public static int[] Raters(Tensor visual, Tensor text)
    {
        ArgumentNullException.ThrowIfNull(visual);
        ArgumentNullException.ThrowIfNull(text);
        using var scope = NewDisposeScope();
        var mean = matmul(visual, text.transpose(0, 1)).softmax(-1).mean([0L]);
        float bound = mean.mean().item<float>();
        float[] scores = mean.cpu().data<float>().ToArray();
        int[] raters = [.. Enumerable.Range(0, scores.Length).Where(i => scores[i] > bound)];
        return raters.Length > 0 ? raters : [.. Enumerable.Range(0, scores.Length)];
    }

    /// <summary>Of so many dropped tokens, those that are recycled: int(0.3 m) + 1.</summary>
    public static int RecycledOf(int dropped) => Math.Min(dropped, (int)(dropped * 0.3) + 1);

    /// <summary>The cluster means that so many dropped tokens come back as: int(m2 / 10) + 1 of m2 recycled ones.</summary>
    public static int Clusters(int dropped) => RecycledOf(dropped) / 10 + 1;

    /// <summary>The most relevant of the dropped tokens, in decreasing relevance.</summary>
    /// <param name="relevance">Of all tokens that there were.</param>
    /// <param name="chosen">The survivors, as indices into it.</param>
    public static int[] Recycled(float[] relevance, int[] chosen)
    {
        var stays = chosen.ToHashSet();
        int[] dropped = [.. Enumerable.Range(0, relevance.Length).Where(i => !stays.Contains(i))];
        return [.. dropped.OrderByDescending(i => relevance[i]).Take(RecycledOf(dropped.Length))];
    }

    /// <summary>
    /// Density-peak clustering with k = the number of clusters as neighbourhood: a token's density is exp(-mean of its k
    /// smallest squared distances, itself included), distances over the root of dim; centres are the tokens with the largest
    /// product of density and distance to the nearest denser token; every token goes to the nearest centre. Upstream adds noise
    /// of 1e-6 to densities, here are none.
    /// </summary>
    /// <param name="tokens">[m, dim], hidden states.</param>
    /// <param name="clusters">At most m.</param>
    /// <returns>
    /// Means <c>[clusters, dim]</c>, of sums with weights 1 / (count + 1e-6), in decreasing order of the centres' products.
    /// </returns>
    public static Tensor Means(Tensor tokens, int clusters)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        int m = (int)tokens.shape[0];
        int[] assign = Assign(Distances(tokens), m, clusters);
        var weights = new float[clusters * m];
        var count = new int[clusters];
        foreach (int cluster in assign)
            count[cluster]++;
        for (int i = 0; i < m; i++)
            weights[assign[i] * m + i] = 1 / (count[assign[i]] + 1e-6f);
        using var scope = NewDisposeScope();
        return matmul(tensor(weights, [clusters, m]).to(tokens.device), tokens).MoveToOuterDisposeScope();
    }

    // Euclidean distances of all pairs over sqrt(dim), [m * m].
    private static float[] Distances(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var squares = tokens.mul(tokens).sum(-1);
        var squared = squares.unsqueeze(1) + squares.unsqueeze(0) - matmul(tokens, tokens.transpose(0, 1)).mul(2);
        float[] distances = squared.cpu().contiguous().data<float>().ToArray();
        int m = (int)tokens.shape[0];
        double scale = 1 / Math.Sqrt(tokens.shape[1]);
        for (int i = 0; i < distances.Length; i++)
            distances[i] = i % m == i / m ? 0 : (float)(Math.Sqrt(Math.Max(distances[i], 0)) * scale);
        return distances;
    }

    private static int[] Assign(float[] distances, int m, int clusters)
    {
        var density = new double[m];
        for (int i = 0; i < m; i++)
        {
            float[] row = distances[(i * m)..((i + 1) * m)];
            Array.Sort(row);
            density[i] = Math.Exp(-row.Take(clusters).Average(d => (double)d * d));
        }

        float farthest = distances.Max();
        var product = new double[m];
        for (int i = 0; i < m; i++)
        {
            float nearest = farthest;
            for (int j = 0; j < m; j++)
            {
                if (density[j] > density[i])
                    nearest = Math.Min(nearest, distances[i * m + j]);
            }

            product[i] = density[i] * nearest;
        }

        int[] centres = [.. Enumerable.Range(0, m).OrderByDescending(i => product[i]).Take(clusters)];
        var assign = new int[m];
        for (int i = 0; i < m; i++)
            assign[i] = Enumerable.Range(0, clusters).MinBy(c => distances[i * m + centres[c]]);
        for (int c = 0; c < clusters; c++)
            assign[centres[c]] = c;
        return assign;
    }
}
