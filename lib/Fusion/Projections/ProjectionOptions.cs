namespace Aim.Fusion;

/// <summary>What a projection starts from.</summary>
public enum ProjectionStart
{
    /// <summary>The identity, times <see cref="ProjectionOptions.Scale"/>.</summary>
    Identity,

    /// <summary>torch.nn.Linear's default: uniform within 1/sqrt(dim).</summary>
    Random,
}

/// <summary>
/// The shape of W_p. The paper says 'a trainable projection layer', in all likelihood linear; bias and norm are options.
/// </summary>
public sealed record ProjectionOptions
{
    /// <summary>Whether a bias is added.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether a LayerNorm follows, as in the authors' sibling code (SelfCP).</summary>
    public bool LayerNorm { get; init; }

    /// <summary>What it starts from.</summary>
    public ProjectionStart Start { get; init; } = ProjectionStart.Identity;

    /// <summary>
    /// Scale of the identity. States behind the final norm are larger than embeddings: <see cref="FusionProjection.ScaleFor"/>
    /// measures by how much. States of middle layers are best left as they are.
    /// </summary>
    public double Scale { get; init; } = 1;

    /// <summary>Seed of a random start.</summary>
    public ulong Seed { get; init; } = 1;
}
