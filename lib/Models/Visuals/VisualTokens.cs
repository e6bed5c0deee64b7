namespace Aim.Models;

/// <summary>A picture's or video's tokens for a prompt of any family.</summary>
/// <param name="Tokens"><c>[v, dim]</c>, reduced or not, newlines included; all are visual (and prunable).</param>
/// <param name="Positions">
/// Where each of them stands, for a decoder with positions in time, height and width (Qwen2-VL); null: they follow each other.
/// </param>
/// <param name="IsVideo">Whether they stand in a video's placeholder, not a picture's.</param>
public sealed record VisualTokens(Tensor Tokens, VisualPositions? Positions = null, bool IsVideo = false);
