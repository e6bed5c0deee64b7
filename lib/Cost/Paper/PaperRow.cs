namespace Aim.Cost;

/// <summary>A row of the paper's tables: what was priced, with which quirks, and what is printed.</summary>
public sealed record PaperRow
{
    /// <summary>Model, method and setting, as a reader would name them.</summary>
    public required string Setting { get; init; }

    /// <summary>The language model, as it is.</summary>
    public required ModelShape Shape { get; init; }

    /// <summary>
    /// Tokens per layer, <c>[layers]</c>, given the quirks that concern tokens; null where the paper does not tell them and no
    /// setting gives its figures.
    /// </summary>
    public Func<Quirk, int[]>? Tokens { get; init; }

    /// <summary>The quirks with which the printed figures come out.</summary>
    public Quirk Quirks { get; init; }

    /// <summary>How the row's attention is executed: <see cref="AttentionKind.Flash"/> in one row of Table D.</summary>
    public AttentionKind Attention { get; init; } = AttentionKind.Materialised;

    /// <summary>FLOPs as printed (1e12).</summary>
    public required string Teraflops { get; init; }

    /// <summary>Prefill time as printed, on <see cref="Hardware.A100_40GB"/>.</summary>
    public required string Milliseconds { get; init; }

    /// <summary>Why <see cref="Teraflops"/> cannot be reproduced; null where it must be.</summary>
    public string? FlopsReason { get; init; }

    /// <summary>Why <see cref="Milliseconds"/> cannot be reproduced; null where it must be.</summary>
    public string? TimeReason { get; init; }

    /// <summary>What a reader should know besides.</summary>
    public string? Note { get; init; }

    /// <summary>The row's cost as the script has it, on the paper's hardware; null where it cannot be reproduced.</summary>
    public PrefillCost? Cost(Hardware? hardware = null) =>
        Cost(Quirks, new TablePricing { Hardware = hardware ?? Hardware.A100_40GB });

    /// <summary>The row's cost with other quirks, hardware or number formats.</summary>
    /// <param name="quirks">The quirks to price with, in place of the row's.</param>
    /// <param name="pricing">Hardware and bytes; its <see cref="TablePricing.Without"/> is the caller's to apply.</param>
    /// <param name="streamed">Whether attention is streamed even where the row's is not.</param>
    public PrefillCost? Cost(Quirk quirks, TablePricing pricing, bool streamed = false)
    {
        if (Tokens is null)
            return null;
        var options = new CostOptions
        {
            Attention = streamed ? AttentionKind.Flash : Attention,
            WeightBytes = pricing.WeightBytes,
            ActivationBytes = pricing.ActivationBytes,
        };
        return CostModel.Prefill(
            Aim.Cost.Quirks.Apply(quirks, Shape), Tokens(quirks), pricing.Hardware, Aim.Cost.Quirks.Apply(quirks, options));
    }
}

/// <summary>With what tables are priced: by default as the paper printed them.</summary>
public sealed record TablePricing
{
    public Hardware Hardware { get; init; } = Hardware.A100_40GB;

    /// <summary>Quirks to leave out of every row that has them.</summary>
    public Quirk Without { get; init; }

    /// <summary>Bytes of one weight; the paper's script has 2.</summary>
    public int WeightBytes { get; init; } = 2;

    /// <summary>Bytes of one activation; the paper's script has 2.</summary>
    public int ActivationBytes { get; init; } = 2;

    /// <summary>Whether times are those that the paper prints.</summary>
    internal bool TimesAsPrinted => Hardware == Hardware.A100_40GB && WeightBytes == 2 && ActivationBytes == 2;
}
