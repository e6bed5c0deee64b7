namespace Aim.Models;

/// <summary>Why a row's answer ended with a token.</summary>
public enum FinishReason
{
    /// <summary>It goes on.</summary>
    None,

    /// <summary>The token is an end token.</summary>
    End,

    /// <summary>
    /// <see cref="GenerationSettings.MaxNewTokens"/>, or <see cref="GenerationSettings.ContextLimit"/>, is reached.
    /// </summary>
    Length,
}

/// <summary>A token as it comes.</summary>
/// <param name="Row">Whose answer it belongs to.</param>
/// <param name="Index">Its place in the answer, from 0.</param>
/// <param name="Id">The token, which may be an end token.</param>
/// <param name="Finish">Whether the answer ends with it, and why.</param>
public readonly record struct GeneratedToken(int Row, int Index, int Id, FinishReason Finish);

/// <summary>The answers of a batch.</summary>
public sealed record GenerationResult
{
    /// <summary>Each row's new ids, without its end token.</summary>
    public required int[][] Answers { get; init; }

    /// <summary>Why each row ended.</summary>
    public required FinishReason[] Finish { get; init; }

    /// <summary>
    /// Each row's new ids as transformers' <c>generate</c> returns them: with the end token, and filled up with the pad token to
    /// the longest row, [row][step].
    /// </summary>
    public required int[][] Sequences { get; init; }
}
