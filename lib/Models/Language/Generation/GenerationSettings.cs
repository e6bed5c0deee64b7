namespace Aim.Models;

/// <summary>
/// How answers are generated. What is not asked for is off, whatever a checkpoint's generation_config.json suggests.
/// </summary>
public sealed record GenerationSettings
{
    /// <summary>Most tokens of an answer, its end token counted.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public required int MaxNewTokens
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(MaxNewTokens));
            field = value;
        }
    }

    /// <summary>Ids that end an answer; there may be several, or none.</summary>
    public IReadOnlyCollection<int> EndIds { get; init; } = [];

    /// <summary>What finished rows go on with while others are not; null: the first of <see cref="EndIds"/>, or 0.</summary>
    public int? PadId { get; init; }

    /// <summary>
    /// Most positions that prompt and answer take together, counted as if nothing had been pruned; null: no limit. What a model
    /// was made for stands in <see cref="TextConfig.MaxPositionEmbeddings"/>.
    /// </summary>
    public int? ContextLimit { get; init; }

    /// <summary>How tokens are drawn; null: the most probable one is taken (the first of equals).</summary>
    public Sampling? Sampling { get; init; }

    /// <summary>
    /// transformers' <c>repetition_penalty</c>: logits of ids that prompt or answer hold already are divided by it where they are
    /// positive and multiplied with it where not, before anything else is done to them. 1: nothing is. The prompt's ids must be
    /// given then (<see cref="GenerationInputs.Prompts"/>). Unlike upstream's, padding counts as no token of a prompt.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not a finite number greater than 0.</exception>
    public double RepetitionPenalty
    {
        get;
        init => field = double.IsFinite(value) && value > 0 ? value : throw new ArgumentOutOfRangeException(
            nameof(RepetitionPenalty), value, "a repetition penalty is a finite number greater than 0");
    } = 1;

    internal int Pad => PadId ?? EndIds.FirstOrDefault();
}

/// <summary>What belongs to the prompts of one batch.</summary>
public sealed record GenerationInputs
{
    /// <summary>Each prompt's ids, for the repetition penalty; placeholders may stand once or repeated.</summary>
    public IReadOnlyList<IReadOnlyCollection<int>>? Prompts { get; init; }

    /// <summary>A seed for each prompt; null: <see cref="Sampling.Seed"/> for all.</summary>
    public IReadOnlyList<ulong>? Seeds { get; init; }

    /// <summary>Hides prompt tokens from upper layers, step by step; null: nothing is hidden.</summary>
    public IDecodePruner? Pruner { get; init; }
}
