namespace Aim.Reduction;

/// <summary>
/// Which tokens a token was made of: for each output the inputs and their weights. Weights are those of the features' sum, so a
/// mean of four has four weights of 1/4; methods that add without dividing (PruMerge) have sums other than 1.
/// </summary>
public sealed class Provenance
{
    private readonly int[][] _inputs;
    private readonly float[][] _weights;

    /// <summary>Makes it from lists, one per output.</summary>
    /// <param name="inputs">How many input tokens there were.</param>
    /// <param name="from">For each output the inputs that it was made of.</param>
    /// <param name="weights">Their weights, aligned.</param>
    /// <exception cref="ArgumentException">The lists are not aligned or an input does not exist.</exception>
    public Provenance(int inputs, int[][] from, float[][] weights)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(weights);
        if (from.Length != weights.Length || from.Zip(weights).Any(p => p.First.Length != p.Second.Length))
            throw new ArgumentException("every input token needs one weight", nameof(weights));
        if (from.Any(f => f.Any(i => i < 0 || i >= inputs)))
            throw new ArgumentException($"an output was made of a token that is not among the {inputs} inputs", nameof(from));
        (Inputs, _inputs, _weights) = (inputs, from, weights);
    }

    /// <summary>Number of input tokens.</summary>
    public int Inputs { get; }

    /// <summary>Number of output tokens.</summary>
    public int Outputs => _inputs.Length;

    /// <summary>The inputs that an output was made of.</summary>
    public IReadOnlyList<int> From(int output) => _inputs[output];

    /// <summary>Their weights, aligned with <see cref="From"/>.</summary>
    public IReadOnlyList<float> Weights(int output) => _weights[output];

    /// <summary>Every token is itself.</summary>
    public static Provenance Identity(int tokens) => OfChoice(tokens, [.. Enumerable.Range(0, tokens)]);

    /// <summary>Outputs are chosen inputs.</summary>
    public static Provenance OfChoice(int inputs, IReadOnlyList<int> chosen)
        => new(inputs, [.. chosen.Select(i => (int[])[i])], [.. chosen.Select(_ => (float[])[1])]);

    /// <summary>Every input goes to one output, or to none.</summary>
    /// <param name="outputs">Number of outputs.</param>
    /// <param name="assign">Each input's output, -1 for none.</param>
    /// <param name="weight">Each input's weight there.</param>
    public static Provenance OfAssignment(int outputs, IReadOnlyList<int> assign, IReadOnlyList<float> weight)
    {
        var members = Enumerable.Range(0, outputs).Select(_ => new List<int>()).ToArray();
        for (int i = 0; i < assign.Count; i++)
        {
            if (assign[i] >= 0)
                members[assign[i]].Add(i);
        }

        return new Provenance(
            assign.Count, [.. members.Select(m => m.ToArray())], [.. members.Select(m => m.Select(i => weight[i]).ToArray())]);
    }

    /// <summary>Outputs are rows of a matrix over the inputs; zeros are left out.</summary>
    public static Provenance OfMatrix(int outputs, int inputs, ReadOnlySpan<float> matrix)
    {
        var from = new int[outputs][];
        var weights = new float[outputs][];
        for (int o = 0; o < outputs; o++)
        {
            float[] row = matrix.Slice(o * inputs, inputs).ToArray();
            from[o] = [.. Enumerable.Range(0, inputs).Where(i => row[i] != 0)];
            weights[o] = [.. from[o].Select(i => row[i])];
        }

        return new Provenance(inputs, from, weights);
    }

    /// <summary>
    /// The same for groups that were reduced apart, one behind the other (frames): inputs and outputs are counted on.
    /// </summary>
    public static Provenance Concat(IReadOnlyList<Provenance> parts)
    {
        var from = new List<int[]>();
        int before = 0;
        foreach (var part in parts)
        {
            int shift = before;
            from.AddRange(part._inputs.Select(f => Array.ConvertAll(f, i => i + shift)));
            before += part.Inputs;
        }

        return new Provenance(before, [.. from], [.. parts.SelectMany(p => p._weights)]);
    }

    /// <summary>What the outputs of a further step were made of, in terms of this one's inputs.</summary>
    /// <exception cref="ArgumentException">The further step had other inputs than this one's outputs.</exception>
    public Provenance Then(Provenance next)
    {
        ArgumentNullException.ThrowIfNull(next);
        if (next.Inputs != Outputs)
            throw new ArgumentException($"{next.Inputs} inputs do not follow {Outputs} outputs", nameof(next));
        var from = new int[next.Outputs][];
        var weights = new float[next.Outputs][];
        for (int o = 0; o < from.Length; o++)
        {
            var sum = new SortedDictionary<int, float>();
            for (int k = 0; k < next._inputs[o].Length; k++)
            {
                int middle = next._inputs[o][k];
                for (int i = 0; i < _inputs[middle].Length; i++)
                {
                    sum[_inputs[middle][i]] = sum.GetValueOrDefault(_inputs[middle][i])
                        + next._weights[o][k] * _weights[middle][i];
                }
            }

            (from[o], weights[o]) = ([.. sum.Keys], [.. sum.Values]);
        }

        return new Provenance(Inputs, from, weights);
    }

    /// <summary>The outputs that features <c>[inputs, dim]</c> give: what a merger's tokens must equal.</summary>
    public Tensor Apply(Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        using var scope = NewDisposeScope();
        var matrix = new float[Outputs * Inputs];
        for (int o = 0; o < Outputs; o++)
        {
            for (int k = 0; k < _inputs[o].Length; k++)
                matrix[o * Inputs + _inputs[o][k]] += _weights[o][k];
        }

        return matmul(tensor(matrix, [Outputs, Inputs]).to(features.device), features).MoveToOuterDisposeScope();
    }
}

/// <summary>What a <see cref="TokenMixture"/> says of its tokens' origin.</summary>
public static class MixtureOrigin
{
    /// <summary>The mixture's rows as provenance.</summary>
    public static Provenance Origin(this TokenMixture mixture)
    {
        ArgumentNullException.ThrowIfNull(mixture);
        return new Provenance(mixture.Inputs, [.. mixture.Rows.Select(r => r.Slots)], [.. mixture.Rows.Select(r => r.Weights)]);
    }
}
