namespace Aim.Models;

/// <summary>What a prefill keeps for inspection beside its result.</summary>
[Flags]
public enum PrefillRecording
{
    /// <summary>Nothing; the pruner is not asked after the last layer, where nothing follows.</summary>
    None = 0,

    /// <summary>Every layer's input, and the final norm's output of all rows.</summary>
    Hidden = 1,

    /// <summary>Page Rank importance after every layer, also where no schedule asks for it.</summary>
    Importance = 2,

    /// <summary>How much attention goes to visual tokens in every layer.</summary>
    Attention = 4,

    /// <summary>How much attention each prompt's last token pays to every token in every layer.</summary>
    LastRow = 8,
}

/// <summary>
/// The share of a sample's attention that goes to visual tokens in one layer, averaged over heads; 0 where none are left.
/// </summary>
/// <param name="Last">Of the prompt's last token.</param>
/// <param name="Text">Of the text tokens behind the last visual one, averaged; 0 where there are none.</param>
public readonly record struct VisionShare(double Last, double Text);

/// <summary>
/// What a prefill leaves behind: logits to choose the first token from, the cache to go on with, and what was pruned.
/// </summary>
public sealed class PrefillResult : IDisposable
{
    /// <summary>Logits [b, vocabulary] of each prompt's last token.</summary>
    public required Tensor Logits { get; init; }

    /// <summary>Keys and values; <see cref="LanguageModel.Decode"/> appends to it.</summary>
    public required KvCache Cache { get; init; }

    /// <summary>Rows that each layer computed, [sample][layer], padding left out.</summary>
    public required int[][] TokensPerLayer { get; init; }

    /// <summary>
    /// Prompt slots alive after each layer, [layer][sample], ascending, text included: what the next layer sees.
    /// </summary>
    public required int[][][] Alive { get; init; }

    /// <summary>Time spent on choosing and gathering survivors.</summary>
    public required TimeSpan PruneTime { get; init; }

    /// <summary>Input of every layer, then the final norm's output: [layer] of [b, rows, dim]. Null unless recorded.</summary>
    public IReadOnlyList<Tensor>? Hidden { get; init; }

    /// <summary>
    /// Importance after every layer by prompt slot, [layer][sample][slot], -1 at removed slots. Null unless recorded.
    /// </summary>
    public IReadOnlyList<float[][]>? Importance { get; init; }

    /// <summary>Attention to visual tokens, [layer][sample]. Null unless recorded.</summary>
    public IReadOnlyList<VisionShare[]>? Attention { get; init; }

    /// <summary>
    /// The attention (softmax, averaged over heads) that each prompt's last token pays, [layer][sample][slot], 0 at removed
    /// slots. Null unless recorded.
    /// </summary>
    public IReadOnlyList<float[][]>? LastRow { get; init; }

    /// <summary>Frees logits, cache and recordings.</summary>
    public void Dispose()
    {
        Logits.Dispose();
        Cache.Dispose();
        foreach (var hidden in Hidden ?? [])
            hidden.Dispose();
    }
}
