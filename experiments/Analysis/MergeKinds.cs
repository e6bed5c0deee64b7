namespace Aim.Experiments.Analysis;

/// <summary>What a merge brought together, by what its two tokens show (<see cref="TokenOwners.OwnerOf"/>).</summary>
internal enum MergeKind
{
    /// <summary>Two parts of one thing.</summary>
    SameObject,

    /// <summary>Background with background.</summary>
    Background,

    /// <summary>A thing with background.</summary>
    ObjectAndBackground,

    /// <summary>Two different things.</summary>
    AcrossObjects,
}

/// <summary>
/// Which merges are harmless: two patches of background, or two of one thing, say much the same; two different things do not.
/// Each merge of a sample is put into one of four kinds, step by step, and beside it stands what chance would give: the same
/// sources, each with a destination drawn evenly from its frame.
/// </summary>
internal static class MergeKinds
{
    public const int Count = 4;

    /// <summary>Counts a sample's merges.</summary>
    /// <param name="owners">What the tokens show before the first step.</param>
    /// <param name="steps">The steps, each on what the one before left. Odd slots take even ones in (<c>MergeStep</c>).</param>
    /// <returns>Per step the merges of each kind, and the same as chance would have it.</returns>
    public static MergeCounts Of(TokenOwners owners, IReadOnlyList<MergeAssignment> steps)
    {
        var observed = new List<int[]>();
        var expected = new List<double[]>();
        // Pixels of every token, frame by frame, as steps join them.
        List<int[][]> pixels = [.. Enumerable.Range(0, owners.Frames)
            .Select(f => Enumerable.Range(0, owners.Tokens).Select(t => owners.Pixels(f, t)).ToArray())];
        foreach (var step in steps)
        {
            var (counts, chance) = (new int[Count], new double[Count]);
            for (int f = 0; f < pixels.Count; f++)
            {
                int[] assign = step.Assign[f];
                int[] labels = [.. pixels[f].Select(TokenOwners.OwnerOf)];
                int[] destinations = [.. Enumerable.Range(0, assign.Length).Where(slot => slot % 2 == 1)];
                var joined = new int[assign.Max() + 1][];
                var into = new Dictionary<int, int>();
                foreach (int slot in destinations)
                    (into[assign[slot]], joined[assign[slot]]) = (slot, pixels[f][slot]);
                for (int slot = 0; slot < assign.Length; slot += 2)
                {
                    if (!into.TryGetValue(assign[slot], out int destination))
                    {
                        joined[assign[slot]] = pixels[f][slot];
                        continue;
                    }
                    counts[(int)KindOf(labels[slot], labels[destination])]++;
                    foreach (int other in destinations)
                        chance[(int)KindOf(labels[slot], labels[other])] += 1.0 / destinations.Length;
                    joined[assign[slot]] = [.. joined[assign[slot]].Zip(pixels[f][slot], (a, b) => a + b)];
                }
                pixels[f] = joined;
            }
            observed.Add(counts);
            expected.Add(chance);
        }
        return new MergeCounts(observed, expected);
    }

    public static MergeKind KindOf(int source, int destination) => (source, destination) switch
    {
        (0, 0) => MergeKind.Background,
        (0, _) or (_, 0) => MergeKind.ObjectAndBackground,
        _ => source == destination ? MergeKind.SameObject : MergeKind.AcrossObjects,
    };
}

/// <summary>One merging step of a sample: <c>[frames][slots]</c>, the output slot of every input slot.</summary>
internal sealed record MergeAssignment(IReadOnlyList<int[]> Assign);

/// <summary>Merges by step and kind, as they were and as chance would have them.</summary>
internal sealed record MergeCounts(IReadOnlyList<int[]> Observed, IReadOnlyList<double[]> Expected);
