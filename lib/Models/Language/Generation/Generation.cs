namespace Aim.Models;

/// <summary>
/// Generation from a prefill, pruned or not: greedy or sampled, whole or token by token, a row for each prompt. Rows end
/// independently, and what one emits does not depend on the others.
/// </summary>
public static class Generation
{
    /// <summary>
    /// Takes the most probable token again and again until every sample has met an end token or the limit.
    /// </summary>
    /// <param name="model">The decoder.</param>
    /// <param name="prefill">Its prefill; the cache grows.</param>
    /// <param name="endIds">Ids that end an answer (there may be several), not part of it.</param>
    /// <param name="maxNewTokens">Most steps: tokens of an answer, an end token counted.</param>
    /// <param name="pruner">Hides prompt tokens from upper layers, step by step; null: nothing is hidden.</param>
    /// <returns>Each sample's new ids, without the end token.</returns>
    public static int[][] Greedy(
        LanguageModel model, PrefillResult prefill, IReadOnlyCollection<int> endIds, int maxNewTokens,
        IDecodePruner? pruner = null)
    {
        ArgumentNullException.ThrowIfNull(endIds);
        var settings = new GenerationSettings { MaxNewTokens = maxNewTokens, EndIds = endIds };
        return Run(model, prefill, settings, new GenerationInputs { Pruner = pruner }).Answers;
    }

    /// <summary>Generates every row's answer.</summary>
    /// <param name="model">The decoder.</param>
    /// <param name="prefill">Its prefill, from which nothing has been generated yet; the cache grows.</param>
    /// <param name="settings">How.</param>
    /// <param name="inputs">What belongs to the prompts.</param>
    /// <param name="onToken">Is told each token as it comes, the rows of a step in their order.</param>
    /// <param name="cancel">Ends the run before its next step.</param>
    /// <exception cref="ArgumentException">The inputs do not fit the prompts or the settings.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was raised.</exception>
    public static GenerationResult Run(
        LanguageModel model, PrefillResult prefill, GenerationSettings settings, GenerationInputs? inputs = null,
        Action<GeneratedToken>? onToken = null, CancellationToken cancel = default)
    {
        var run = new GenerationRun(model, prefill, settings, inputs);
        while (!run.IsDone)
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var token in run.Step())
                onToken?.Invoke(token);
        }

        return run.Result();
    }

    /// <summary>
    /// Generates token by token: a step is computed when its first token is asked for, and no sooner. Leaving the enumeration
    /// ends the run.
    /// </summary>
    /// <inheritdoc cref="Run"/>
    public static IEnumerable<GeneratedToken> Stream(
        LanguageModel model, PrefillResult prefill, GenerationSettings settings, GenerationInputs? inputs = null,
        CancellationToken cancel = default)
    {
        // Arguments are checked now, not when the first token is asked for.
        var run = new GenerationRun(model, prefill, settings, inputs);
        return Steps();

        IEnumerable<GeneratedToken> Steps()
        {
            while (!run.IsDone)
            {
                cancel.ThrowIfCancellationRequested();
                foreach (var token in run.Step())
                    yield return token;
            }
        }
    }

    /// <summary>
    /// The text of one row's tokens as it comes, without its end token; pieces end where characters do, and all together are what
    /// the tokenizer gives for the whole answer.
    /// </summary>
    /// <param name="tokens">What <see cref="Stream"/> gives.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="row">Which row.</param>
    public static IEnumerable<string> Text(IEnumerable<GeneratedToken> tokens, BpeTokenizer tokenizer, int row = 0)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(tokenizer);
        return Pieces();

        IEnumerable<string> Pieces()
        {
            var stream = tokenizer.Stream();
            foreach (var token in tokens.Where(t => t.Row == row))
            {
                string piece = token.Finish == FinishReason.End ? "" : stream.Append(token.Id);
                if (piece.Length > 0)
                    yield return piece;
                if (token.Finish != FinishReason.None)
                    break;
            }

            string rest = stream.Finish();
            if (rest.Length > 0)
                yield return rest;
        }
    }
}
