using Aim.Fusion;
using Aim.Models;

namespace Aim.Experiments.InContext.ByHand;

/// <summary>How <c>aim icl</c> chooses among the demonstrations of a file.</summary>
internal enum Selection
{
    /// <summary>The first ones, in the file's order.</summary>
    First,

    /// <summary>By chance, which the seed decides.</summary>
    Random,

    /// <summary>Those whose pictures are most like the query's, the most similar one last.</summary>
    Similar,

    /// <summary>As many of each reference as there can be.</summary>
    Balanced,
}

/// <summary>A query with demonstrations, as <c>aim icl</c> gives it.</summary>
internal sealed record HandRequest
{
    /// <summary>The checkpoint directory.</summary>
    public required string Model { get; init; }

    /// <summary>The file of demonstrations.</summary>
    public required string Demonstrations { get; init; }

    /// <summary>The query's picture.</summary>
    public required string Image { get; init; }

    /// <summary>What follows the picture, as it is.</summary>
    public required string Query { get; init; }

    /// <summary>In which form the prompt holds the demonstrations.</summary>
    public required Form Form { get; init; }

    /// <summary>W_p's file; null: the states stand in the prompt as they are.</summary>
    public string? Projection { get; init; }

    /// <summary>Whose states, where no projection says it.</summary>
    public AggregationOptions States { get; init; } = new();

    /// <summary>The bank's directory; null: demonstrations are read anew.</summary>
    public string? Bank { get; init; }

    /// <summary>How many demonstrations; null: all of the file.</summary>
    public int? Shots { get; init; }

    /// <summary>Which.</summary>
    public Selection Selection { get; init; }

    /// <summary>Of chance.</summary>
    public ulong Seed { get; init; }

    /// <summary>Answers to choose among; none: the answer is generated.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Most tokens of the answer.</summary>
    public required int MaxNewTokens { get; init; }

    /// <summary>Texts that end an answer beside the checkpoint's end tokens.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];
}

/// <summary>An answer and what it took.</summary>
/// <param name="Answer">The generated text, or the most probable option.</param>
/// <param name="Options">Log-probability of each option, if there were any.</param>
/// <param name="Shots">Demonstrations in the prompt.</param>
/// <param name="Tokens">What the prompt consists of.</param>
/// <param name="States">Which states stand for the demonstrations; null in other forms.</param>
/// <param name="Bank">What the bank did; null: there was none.</param>
/// <param name="Seconds">Where the time went.</param>
internal sealed record HandResult(
    string Answer, IReadOnlyList<OptionScore> Options, int Shots, HandTokens Tokens, string? States, BankUse? Bank,
        HandTimes Seconds);

/// <summary>An option with its log-probability.</summary>
internal readonly record struct OptionScore(string Text, double LogProbability);

/// <summary>Tokens of a prompt.</summary>
/// <param name="Demonstrations">Of the demonstrations, whatever their form.</param>
/// <param name="Visual">Visual ones of the whole prompt.</param>
/// <param name="Total">All.</param>
/// <param name="AsPictures">What the prompt would have with all pictures in it.</param>
internal readonly record struct HandTokens(int Demonstrations, int Visual, int Total, int AsPictures);

/// <summary>Seconds.</summary>
/// <param name="Load">Opening the checkpoint.</param>
/// <param name="Demonstrations">Reading demonstrations with the model, or finding them in the bank, and projecting.</param>
/// <param name="Prefill">The query's picture and the prefill.</param>
/// <param name="Answer">Generating, or comparing options.</param>
internal readonly record struct HandTimes(double Load, double Demonstrations, double Prefill, double Answer);
