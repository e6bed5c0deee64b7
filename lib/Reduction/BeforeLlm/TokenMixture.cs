namespace Aim.Reduction;

/// <summary>One output token as a sum of input tokens: slots and their weights.</summary>
/// <param name="Slots">Input slots.</param>
/// <param name="Weights">The weight of each.</param>
public sealed record MixedToken(int[] Slots, float[] Weights)
{
    /// <summary>An input token as it is.</summary>
    public static MixedToken Copy(int slot) => new([slot], [1]);
}

/// <summary>
/// A reduction as a decision: every output token is a weighted sum of input tokens. It says where each output token came from,
/// and is applied alike to whatever lies in the same slots.
/// </summary>
public sealed class TokenMixture
{
    /// <summary>Makes the mixture.</summary>
    /// <param name="inputs">Tokens before.</param>
    /// <param name="rows">Tokens after.</param>
    public TokenMixture(int inputs, IReadOnlyList<MixedToken> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        (Inputs, Rows) = (inputs, rows);
    }

    /// <summary>Tokens before.</summary>
    public int Inputs { get; }

    /// <summary>Tokens after, in output order.</summary>
    public IReadOnlyList<MixedToken> Rows { get; }

    /// <summary>The weighted sums.</summary>
    /// <param name="x">[tokens, dim], in the slots that were decided on.</param>
    /// <returns>[rows, dim].</returns>
    public Tensor Apply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.shape is not [var tokens, _] || tokens != Inputs)
            throw new ArgumentException($"the decision is about [{Inputs}, ..], not [{string.Join(", ", x.shape)}]", nameof(x));
        var matrix = new float[Rows.Count * Inputs];
        for (int i = 0; i < Rows.Count; i++)
        {
            foreach (var (slot, weight) in Rows[i].Slots.Zip(Rows[i].Weights))
                matrix[i * Inputs + slot] += weight;
        }

        using var scope = NewDisposeScope();
        return matmul(tensor(matrix, [Rows.Count, Inputs]).to(x.dtype, x.device), x).MoveToOuterDisposeScope();
    }
}
