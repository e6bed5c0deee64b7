namespace Aim.Tensors;

/// <summary>
/// Who sees whom in <see cref="FusedOps.attention"/>. Query row i of nq stands at key position <c>i + (nk - nq)</c>.
/// </summary>
/// <param name="Causal">A row sees no key after its own position.</param>
/// <param name="Start">[batch]: first real token of each item (left padding); keys before it are invisible, rows before it give
/// zeros.</param>
/// <param name="KeyVisible">[batch, nk], Bool: false hides a key from every row. A row that sees nothing gives zeros, never
/// NaN.</param>
/// <param name="KeyBias">[batch, nk], Float32, finite: added to every scaled score of a key (proportional attention: log of the
/// tokens that the key stands for). No gradient flows to it.</param>
public readonly record struct AttentionMask(bool Causal, int[]? Start = null, Tensor? KeyVisible = null, Tensor? KeyBias = null);
