namespace Aim.Reduction;

/// <summary>
/// One iteration of AIM's in-frame merging as a decision, made on a metric and applied alike to whatever lies in the same slots
/// (paper section 2.1). Slots 0, 2, 4, .. are sources (set A), slots 1, 3, 5, .. destinations (set B); the r sources most similar
/// to their best destination are averaged into it. Output order: sources that stay, by decreasing similarity, then all
/// destinations by position.
/// </summary>
public sealed class MergeStep
{
    private readonly int _frames;
    private readonly int _tokens;
    private readonly int _removed;
    private readonly bool _byPosition;

    // Per frame: slots of the sources that stay, in output order; slots of the merged sources; their destinations, as ranks
    // within B.
    private readonly int[][] _stay;
    private readonly int[][] _merged;
    private readonly int[][] _destination;

    private MergeStep(int frames, int tokens, int removed, bool byPosition, int[][] stay, int[][] merged, int[][] destination)
        => (_frames, _tokens, _removed, _byPosition, _stay, _merged, _destination)
            = (frames, tokens, removed, byPosition, stay, merged, destination);

    /// <summary>Tokens a frame has after the step.</summary>
    public int Kept => _tokens - _removed;

    /// <summary>Tokens that the step takes out of every frame.</summary>
    public int Removed => _removed;

    /// <summary>Matches sources with destinations by cosine similarity.</summary>
    /// <param name="metric">[frames, tokens, dim].</param>
    /// <param name="r">Tokens to remove from every frame, clipped to half of what is there.</param>
    /// <param name="byPosition">Put all that is left out in the order of its slots, instead of the sources that stay
    /// first.</param>
    public static MergeStep Match(Tensor metric, int r, bool byPosition = false)
    {
        ArgumentNullException.ThrowIfNull(metric);
        int frames = (int)metric.shape[0], tokens = (int)metric.shape[1];
        int sources = (tokens + 1) / 2, destinations = tokens / 2;
        r = Math.Clamp(r, 0, destinations);
        var stay = new int[frames][];
        var merged = new int[frames][];
        var destination = new int[frames][];
        float[] similarity = r == 0 ? [] : Similarity(metric);
        for (int f = 0; f < frames; f++)
        {
            var best = new float[sources];
            var at = new int[sources];
            for (int a = 0; a < sources && r > 0; a++)
            {
                var row = similarity.AsSpan((f * sources + a) * destinations, destinations);
                // The first of equals wins, as upstream's argmax on the CPU.
                for (int b = 1; b < destinations; b++)
                {
                    if (row[b] > row[at[a]])
                        at[a] = b;
                }

                best[a] = row[at[a]];
            }

            // OrderByDescending is stable: equals keep their order.
            int[] order = r == 0
                ? [.. Enumerable.Range(0, sources)]
                : [.. Enumerable.Range(0, sources).OrderByDescending(a => best[a])];
            merged[f] = [.. order[..r].Select(a => 2 * a)];
            destination[f] = [.. order[..r].Select(a => at[a])];
            stay[f] = [.. order[r..].Select(a => 2 * a)];
        }

        return new MergeStep(frames, tokens, r, byPosition, stay, merged, destination);
    }

    // Cosines of all sources with all destinations, [frames, sources, destinations]. Upstream divides by the bare norm; a zero
    // vector would make every similarity that it meets NaN. Here it is similar to nothing (0).
    private static float[] Similarity(Tensor metric)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var unit = nn.functional.normalize(metric.to(ScalarType.Float32), 2, -1, 1e-30);
        long tokens = metric.shape[1];
        var a = unit.slice(1, 0, tokens, 2);
        var b = unit.slice(1, 1, tokens, 2);
        return matmul(a, b.transpose(1, 2)).cpu().contiguous().data<float>().ToArray();
    }

    /// <summary>Applies the decision: a plain mean of each destination and the sources merged into it.</summary>
    /// <param name="x">[frames, tokens, dim], in the slots that were matched.</param>
    /// <returns>[frames, Kept, dim].</returns>
    public Tensor Apply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.shape is not [var frames, var tokens, var dim] || frames != _frames || tokens != _tokens)
        {
            throw new ArgumentException(
                $"the step matched [{_frames}, {_tokens}, ..], not [{string.Join(", ", x.shape)}]", nameof(x));
        }

        if (_removed == 0)
            return x.alias();
        using var scope = NewDisposeScope();
        var flat = x.reshape(frames * tokens, dim);
        var index = tensor(_destination.SelectMany(d => d.Select(i => (long)i)).ToArray(), [frames, _removed, 1])
            .to(x.device).expand(frames, _removed, dim);
        var averaged = FusedOps.scatter_mean(x.slice(1, 1, tokens, 2).contiguous(), 1, index, Rows(flat, _merged, dim));
        var result = Kept > tokens / 2 ? cat([Rows(flat, _stay, dim), averaged], 1) : averaged;
        if (_byPosition && Kept > tokens / 2)
        {
            var order = Enumerable.Range(0, _frames).SelectMany(f => Order(f).Select(i => (long)f * Kept + i)).ToArray();
            result = result.reshape(frames * Kept, dim).index_select(0, tensor(order).to(x.device)).view(frames, Kept, dim);
        }

        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Applies the decision with means weighted by how many original tokens each input stands for.</summary>
    /// <param name="x">[frames, tokens, dim], in the slots that were matched.</param>
    /// <param name="sizes">For each frame the original tokens that each slot stands for.</param>
    /// <returns>[frames, Kept, dim].</returns>
    public Tensor Apply(Tensor x, int[][] sizes)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(sizes);
        using var scope = NewDisposeScope();
        // A plain mean of what was scaled by its size, times inputs, over the sum of sizes: the weighted mean.
        var inputs = PerSlot(Sizes, Kept);
        var totals = PerSlot(f => Grow(f, sizes[f]), Kept);
        return Apply(x.mul(PerSlot(f => sizes[f], _tokens))).mul(inputs).div(totals).MoveToOuterDisposeScope();

        Tensor PerSlot(Func<int, int[]> values, int count)
            => tensor(
                Enumerable.Range(0, _frames).SelectMany(values).Select(v => (float)v).ToArray(),
                [_frames, count, 1]).to(x.device);
    }

    /// <summary>How many original tokens each output slot of a frame stands for, from those of its input slots.</summary>
    public int[] Grow(int frame, int[] sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        var grown = new int[Kept];
        int[] assign = Assign(frame);
        for (int i = 0; i < assign.Length; i++)
            grown[assign[i]] += sizes[i];
        return grown;
    }

    // The outputs, sources that stay first, in the order of the slots that they are at.
    private int[] Order(int frame)
    {
        int[] slots = [.. _stay[frame], .. Enumerable.Range(0, _tokens / 2).Select(b => 2 * b + 1)];
        int[] order = [.. Enumerable.Range(0, slots.Length)];
        Array.Sort(slots, order);
        return order;
    }

    private Tensor Rows(Tensor flat, int[][] slots, long dim)
    {
        var index = slots.SelectMany((s, f) => s.Select(slot => (long)f * _tokens + slot)).ToArray();
        return flat.index_select(0, tensor(index).to(flat.device)).view(_frames, slots[0].Length, dim);
    }

    /// <summary>The output slot that every input slot of a frame ends in.</summary>
    public int[] Assign(int frame)
    {
        var assign = new int[_tokens];
        int stay = _stay[frame].Length;
        for (int i = 0; i < stay; i++)
            assign[_stay[frame][i]] = i;
        for (int b = 0; b < _tokens / 2; b++)
            assign[2 * b + 1] = stay + b;
        for (int i = 0; i < _removed; i++)
            assign[_merged[frame][i]] = stay + _destination[frame][i];
        if (!_byPosition)
            return assign;
        int[] order = Order(frame);
        var place = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
            place[order[i]] = i;
        return Array.ConvertAll(assign, a => place[a]);
    }

    /// <summary>How many inputs each output slot of a frame averages.</summary>
    public int[] Sizes(int frame)
    {
        var sizes = new int[Kept];
        foreach (int slot in Assign(frame))
            sizes[slot]++;
        return sizes;
    }
}
