using Aim.Models;

namespace Aim.Experiments.Asking;

/// <summary>An answer and what it took.</summary>
internal sealed record AskResult
{
    /// <summary>The answer, without special tokens.</summary>
    public required string Answer { get; init; }

    /// <summary>Its tokens, an end token included.</summary>
    public required IReadOnlyList<int> Ids { get; init; }

    /// <summary>Why it ended.</summary>
    public required FinishReason Finish { get; init; }

    /// <summary>The method and its settings, and what is not as upstream where that is so.</summary>
    public required string Method { get; init; }

    /// <summary>Text tokens of the prompt.</summary>
    public required int Text { get; init; }

    /// <summary>Visual tokens that the tower gives, and that enter the decoder.</summary>
    public required (int Before, int Entering) Visual { get; init; }

    /// <summary>Tokens that each layer computed in the prefill.</summary>
    public required IReadOnlyList<int> TokensPerLayer { get; init; }

    /// <summary>FLOPs counted in the kernels.</summary>
    public required AskFlops Flops { get; init; }

    /// <summary>Seconds.</summary>
    public required AskTimes Times { get; init; }

    /// <summary>How weights are kept.</summary>
    public required string Weights { get; init; }

    /// <summary>Speeds as shares of the machine's roofline, measured in this run; null: it was not measured.</summary>
    public AskSpeed? Speed { get; init; }

    /// <summary>The process's largest resident memory so far, in bytes.</summary>
    public required long PeakMemoryBytes { get; init; }
}

/// <summary>FLOPs of one question.</summary>
/// <param name="Vision">Tower and projector.</param>
/// <param name="Prefill">Products and attention of the decoder's prefill.</param>
/// <param name="Decode">The same of the answer's tokens after the first.</param>
/// <param name="Overhead">What merging and ranking multiplied to decide.</param>
/// <param name="PrefillPriced">What the paper's cost formulas say of these tokens per layer.</param>
/// <param name="UnreducedPriced">What they say of the prompt with all its tokens in all layers.</param>
internal sealed record AskFlops(
    long Vision, long Prefill, long Decode, long Overhead, double PrefillPriced, double UnreducedPriced);

/// <summary>Seconds of one question.</summary>
/// <param name="Load">Opening the checkpoint.</param>
/// <param name="Prepare">Reading and resizing pictures.</param>
/// <param name="Vision">Tower and projector.</param>
/// <param name="Merge">Merging before the decoder.</param>
/// <param name="Prefill">Packing and prefill, pruning included.</param>
/// <param name="Prune">Of the prefill: importance, selection, gathering.</param>
/// <param name="Decode">The answer's tokens after the first.</param>
internal sealed record AskTimes(
    double Load, double Prepare, double Vision, double Merge, double Prefill, double Prune, double Decode);

/// <summary>Speeds beside what the machine could do.</summary>
/// <param name="PeakFlops">FLOP/s of fused multiply-adds.</param>
/// <param name="BytesPerSecond">Read bandwidth.</param>
/// <param name="PrefillShare">Roofline time of the prefill by the time it took.</param>
/// <param name="DecodeShare">Of a token: time to read weights and cache once by the time it took; null for one token.</param>
/// <param name="TokensPerSecond">Of the answer, behind the first; null for one token.</param>
internal sealed record AskSpeed(
    double PeakFlops, double BytesPerSecond, double PrefillShare, double? DecodeShare, double? TokensPerSecond);
