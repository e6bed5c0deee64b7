namespace Aim.Models;

/// <summary>
/// What a pruner may look at after a layer: the layer's rotated queries and keys, its output, its mask, and who is alive.
/// Tokens are named by their slots in the prompt; in the tensors the samples are padded on the left.
/// </summary>
public sealed class LayerContext
{
    // For each sample the slots that have a row in this layer's tensors, in their order.
    private readonly int[][] _held;

    // Queries and keys of the layer that follows, of all rows; null after the last layer.
    private readonly Func<(Tensor Query, Tensor Key)>? _next;

    internal LayerContext(int[][] held, Func<(Tensor Query, Tensor Key)>? next) => (_held, _next) = (held, next);

    /// <summary>The layer that has just run, from 0.</summary>
    public required int Layer { get; init; }

    /// <summary>[b, hq, n, d], rotated.</summary>
    public required Tensor Query { get; init; }

    /// <summary>[b, hk, n, d], rotated.</summary>
    public required Tensor Key { get; init; }

    /// <summary>What the layer's attention saw.</summary>
    public required AttentionMask Mask { get; init; }

    /// <summary>The layer's output [b, n, dim].</summary>
    public required Tensor Hidden { get; init; }

    /// <summary>
    /// The prompt's embeddings as they entered layer 0, [b, n0, dim]; slot s of sample i is row n0 - Layout[i].Length + s.
    /// </summary>
    public required Tensor Embeddings { get; init; }

    /// <summary>The prompts.</summary>
    public required IReadOnlyList<PromptLayout> Layout { get; init; }

    /// <summary>For each sample the slots that may be pruned and are still alive, in the order of their rows.</summary>
    public required int[][] Candidates { get; init; }

    /// <summary>
    /// The rows of this layer's tensors that hold the given slots of a sample, which must be in the order of their rows.
    /// </summary>
    /// <exception cref="ArgumentException">A slot has no row.</exception>
    public int[] Rows(int item, IReadOnlyList<int> slots)
        => SlotRows.Find(_held[item], slots, (int)Hidden.shape[1]);

    /// <summary>Page Rank importance (paper section 2.2) of the candidates, aligned with <see cref="Candidates"/>.</summary>
    /// <param name="tau">Temperature of the second softmax.</param>
    /// <param name="iterations">Steps of the power iteration.</param>
    /// <param name="damping">Share of mass that is spread evenly at every step.</param>
    public float[][] Importance(double tau = 0.1, int iterations = 5, double damping = 0)
    {
        using var scope = NewDisposeScope();
        var scores = FusedOps.importance(Query, Key, Mask, null, tau, iterations, damping).cpu().data<float>();
        long n = Query.shape[2];
        return [.. Candidates.Select((slots, b) => Rows(b, slots).Select(row => scores[b * n + row]).ToArray())];
    }

    /// <summary>
    /// The attention (softmax, averaged over heads) that each prompt's last token pays to the candidates in this layer, aligned
    /// with
    /// <see cref="Candidates"/>.
    /// </summary>
    public float[][] LastTokenAttention() => Attention(Query, Key, LastRows());

    /// <summary>
    /// The same as the next layer would pay it: its input norm and its query and key projections on this layer's output,
    /// rotated by the positions that tokens have now (PyramidDrop's ranking).
    /// </summary>
    /// <exception cref="InvalidOperationException">This is the last layer.</exception>
    public float[][] NextLayerLastTokenAttention()
    {
        using var scope = NewDisposeScope();
        var (query, key) = (_next ?? throw new InvalidOperationException($"no layer follows layer {Layer}"))();
        return Attention(query, key, LastRows());
    }

    /// <summary>The attention that some tokens pay to the candidates, averaged over heads, then over those tokens.</summary>
    /// <param name="queries">For each sample the slots that look, in the order of their rows; at least one.</param>
    public float[][] Attention(IReadOnlyList<int[]> queries)
        => Attention(Query, Key, [.. queries.Select((slots, b) => Rows(b, slots))]);

    private int[][] LastRows() => [.. Candidates.Select(_ => (int[])[(int)Hidden.shape[1] - 1])];

    private float[][] Attention(Tensor query, Tensor key, int[][] rows)
    {
        var result = new float[rows.Length][];
        int n = (int)query.shape[2];
        bool[]? shown = Mask.KeyVisible?.cpu().data<bool>().ToArray();
        for (int b = 0; b < rows.Length; b++)
        {
            using var scope = NewDisposeScope();
            int first = Mask.Start?[b] ?? 0, count = n - first;
            var looking = query.narrow(0, b, 1).index_select(2, tensor(Array.ConvertAll(rows[b], r => (long)r)).to(query.device));
            var hidden = new bool[rows[b].Length * count];
            for (int i = 0; i < hidden.Length; i++)
            {
                int column = first + i % count;
                hidden[i] = column > rows[b][i / count] || shown?[b * n + column] == false;
            }

            var mean = AttentionRows.Mean(looking, key.narrow(0, b, 1).narrow(2, first, count), hidden).data<float>();
            result[b] = [.. Rows(b, Candidates[b]).Select(row => mean[row - first])];
        }

        return result;
    }
}

/// <summary>Where slots lie in a layer's tensors, whose rows end at the right.</summary>
internal static class SlotRows
{
    /// <summary>Rows of slots that occur in <paramref name="held"/> in the same order.</summary>
    /// <param name="held">The slots that have a row, in order; the last one lies in row n - 1.</param>
    /// <param name="slots">Those that are looked for.</param>
    /// <param name="n">Rows of the tensors.</param>
    public static int[] Find(int[] held, IReadOnlyList<int> slots, int n)
    {
        var rows = new int[slots.Count];
        for (int i = 0, at = 0; i < rows.Length; i++, at++)
        {
            while (at < held.Length && held[at] != slots[i])
                at++;
            if (at == held.Length)
            {
                throw new ArgumentException(
                    $"slot {slots[i]} has no row here, or slots are not in the order of their rows", nameof(slots));
            }

            rows[i] = n - held.Length + at;
        }

        return rows;
    }
}
