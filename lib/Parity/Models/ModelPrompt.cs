namespace Aim.Parity;

/// <summary>
/// A case's ids: as they are stored, and with each picture's or video's run of placeholders (one per visual token) taken back to
/// one, as this library's prompts have it.
/// </summary>
internal sealed class ModelPrompt
{
    private readonly List<int[]> _stored = [];

    public ModelPrompt(CaseFile file)
    {
        long[] ids = file.Integers("input_ids"), mask = file.Integers("attention_mask"), shape = file.Shape("input_ids");
        if (shape is not [var batch, var n] || mask.Length != ids.Length)
            throw new BadFixtureException("input_ids and attention_mask must both be [batch, n]");
        Limits.Check("the number of input_ids", ids.Length, Limits.Tokens);
        Start = new int[batch];
        for (int b = 0; b < batch; b++)
        {
            var row = mask.AsSpan((int)(b * n), (int)n);
            Start[b] = Math.Max(row.IndexOf(1), 0);
            _stored.Add([.. ids.AsSpan((int)(b * n), (int)n)[Start[b]..].ToArray().Select(i => checked((int)i))]);
        }
    }

    /// <summary>First real column of each row.</summary>
    public int[] Start { get; }

    /// <summary>Each row's ids, placeholders repeated.</summary>
    public IReadOnlyList<int[]> Stored => _stored;

    /// <summary>Each row's ids with one placeholder for each picture or video.</summary>
    /// <param name="placeholder">The placeholder's id.</param>
    /// <param name="tokens">Tokens of each picture or video, over all rows.</param>
    public List<int[]> Collapse(int placeholder, IReadOnlyList<int> tokens) => Collapse([placeholder], tokens);

    /// <summary>The same where pictures and videos have placeholders of their own.</summary>
    public List<int[]> Collapse(int[] placeholders, IReadOnlyList<int> tokens)
    {
        int next = 0;
        var rows = new List<int[]>();
        foreach (int[] stored in _stored)
        {
            var row = new List<int>();
            for (int i = 0; i < stored.Length; i++)
            {
                row.Add(stored[i]);
                if (!placeholders.Contains(stored[i]))
                    continue;
                int count = next < tokens.Count ? tokens[next++] : throw new BadFixtureException(
                    $"input_ids hold more placeholders than the {tokens.Sum()} tokens of {tokens.Count} pictures or videos");
                if (count < 1 || i + count > stored.Length || stored.AsSpan(i, count).ContainsAnyExcept(stored[i]))
                    throw new BadFixtureException(
                        $"input_ids[{i}] does not start {count} placeholders, the tokens of one picture or video");
                i += count - 1;
            }

            rows.Add([.. row]);
        }

        return next == tokens.Count ? rows : throw new BadFixtureException(
            $"input_ids hold no placeholders for {tokens.Count - next} pictures");
    }
}
