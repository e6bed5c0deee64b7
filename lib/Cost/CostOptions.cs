namespace Aim.Cost;

/// <summary>How attention is executed.</summary>
public enum AttentionKind
{
    /// <summary>q k^T, softmax and probs v apart: the n x n scores go through memory. AIM's reference needs them.</summary>
    Materialised,

    /// <summary>
    /// One fused operation as the paper's script prices it (Table D); it still charges 2 B H n^2 bytes for the output.
    /// </summary>
    FlashAsScript,

    /// <summary>One fused operation that writes its output once, B n h bytes: what FlashAttention does.</summary>
    Flash,
}

/// <summary>What <see cref="CostModel"/> prices; the defaults are the paper's for Vicuna.</summary>
public sealed record CostOptions
{
    /// <summary>The paper's setting for Qwen2 models: its script ran with <c>--skip-mlp-bias</c>.</summary>
    public static CostOptions PaperQwen2 { get; } = new() { SkipMlpResidual = true };

    /// <summary>The paper's setting for Vicuna and Qwen-VL-Chat.</summary>
    public static CostOptions Paper { get; } = new();

    /// <summary>
    /// What a model really executes, with no quirk of the script: every residual add, two operations for every multiply-add,
    /// attention that does not write its scores. For predictions; for what is compared with the paper take <see cref="Paper"/>.
    /// </summary>
    public static CostOptions Executed { get; } = new() { HeadFlopsPerMac = 2, Attention = AttentionKind.Flash };

    public AttentionKind Attention { get; init; } = AttentionKind.Materialised;

    /// <summary>
    /// Count only the (query, key) pairs that a causal mask lets see each other, n (n + 1) / 2 in place of n^2. The
    /// paper's script counts all. Bytes do not change: a tile's keys are read whatever the mask hides.
    /// </summary>
    public bool Causal { get; init; }

    /// <summary>Leave out the residual add after the MLP, as the paper's script does for Qwen2.</summary>
    public bool SkipMlpResidual { get; init; }

    /// <summary>
    /// FLOPs that the output head is charged for one multiply-add (MAC): 1 as the paper's script has it, 2 as everywhere else.
    /// </summary>
    public int HeadFlopsPerMac { get; init; } = 1;

    /// <summary>Bytes of one weight: 2 for 16-bit formats.</summary>
    public int WeightBytes { get; init; } = 2;

    /// <summary>Bytes of one activation, keys and values included.</summary>
    public int ActivationBytes { get; init; } = 2;
}
