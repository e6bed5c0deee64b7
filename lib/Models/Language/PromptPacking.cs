namespace Aim.Models;

/// <summary>
/// The decoder's input from a prompt's ids: token embeddings, with visual tokens in the places of their placeholders.
/// </summary>
internal static class PromptPacking
{
    /// <summary>Embeds a prompt.</summary>
    /// <param name="language">The decoder.</param>
    /// <param name="ids">Token ids with one placeholder for each picture or video.</param>
    /// <param name="placeholders">The placeholders' ids.</param>
    /// <param name="visual">For each placeholder, in order, its tokens <c>[v, dim]</c>.</param>
    /// <param name="what">What a placeholder stands for, for messages.</param>
    /// <returns>Embeddings <c>[1, n, dim]</c> and which of the n slots are visual.</returns>
    /// <exception cref="ArgumentException">Placeholders and visual tokens do not fit together.</exception>
    public static (Tensor Embeds, PromptLayout Layout) Pack(
        LanguageModel language, IReadOnlyList<int> ids, IReadOnlyCollection<int> placeholders,
        IReadOnlyList<Tensor> visual, string what)
    {
        int count = ids.Count(placeholders.Contains), dim = language.Config.HiddenSize;
        if (count != visual.Count)
        {
            throw new ArgumentException(
                $"the prompt holds {count} {what} placeholders where {visual.Count} are expected", nameof(ids));
        }

        foreach (var tokens in visual)
        {
            if (tokens.shape is not [_, var width] || width != dim)
            {
                throw new ArgumentException(
                    $"visual tokens [{string.Join(", ", tokens.shape)}] do not fit: [tokens, {dim}] is expected", nameof(visual));
            }
        }

        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        var isVisual = new List<bool>();
        var text = new List<int>();
        int next = 0;
        foreach (int id in ids)
        {
            if (!placeholders.Contains(id))
            {
                text.Add(id);
                continue;
            }

            Flush();
            var tokens = visual[next++];
            parts.Add(tokens);
            isVisual.AddRange(Enumerable.Repeat(true, (int)tokens.shape[0]));
        }

        Flush();
        var embeds = parts.Count == 1 ? parts[0] : cat(parts, 0);
        return (embeds.unsqueeze(0).MoveToOuterDisposeScope(), new PromptLayout([.. isVisual]));

        void Flush()
        {
            if (text.Count == 0)
                return;
            parts.Add(language.Embed(text));
            isVisual.AddRange(Enumerable.Repeat(false, text.Count));
            text.Clear();
        }
    }
}
