namespace Aim.Experiments.Training;

/// <summary>One conversation over at most one picture or clip, as token ids, with the positions that carry loss.</summary>
/// <param name="Ids">Token ids with one placeholder where the vision goes (none for text).</param>
/// <param name="VideoAt">Index of the placeholder in <paramref name="Ids"/>; -1 for text.</param>
/// <param name="Frames">Frames of the vision, 0 for text.</param>
/// <param name="Rgb">The frames' bytes, frame after frame, or empty.</param>
/// <param name="Targets">Positions in <paramref name="Ids"/> whose token is to be predicted.</param>
internal sealed record TrainingDocument(
    int[] Ids, int VideoAt, int Frames, byte[] Rgb, IReadOnlyList<AnswerTarget> Targets);

/// <summary>A token to be predicted.</summary>
/// <param name="At">Its index in the document's ids; the position before it predicts it.</param>
/// <param name="Kind">Kind of the question; tokens of one answer share <paramref name="Answer"/>.</param>
/// <param name="Answer">Number of the answer within the document: an answer is right if all its tokens are.</param>
internal readonly record struct AnswerTarget(int At, string Kind, int Answer);

/// <summary>
/// Documents of one step as flat index arrays: every row of the `[batch, length]` grid names a row of one table, the
/// text embeddings first, then the visual tokens of all documents, then image_newline. Documents are padded on the
/// right, where a causal model cannot see the padding.
/// </summary>
internal sealed class PackedBatch
{
    public required int Batch { get; init; }

    public required int Length { get; init; }

    /// <summary>Ids of all text tokens, document after document (the table's first rows).</summary>
    public required long[] TextIds { get; init; }

    public required int VisualTokens { get; init; }

    /// <summary>`[Batch * Length]`: row of the table.</summary>
    public required long[] Rows { get; init; }

    /// <summary>Rows of the hidden states (in `[Batch * Length]`) that predict a target.</summary>
    public required long[] TargetRows { get; init; }

    public required long[] TargetIds { get; init; }

    /// <summary>For each answer its kind and the range of its targets.</summary>
    public required IReadOnlyList<(string Kind, int First, int Count)> Answers { get; init; }

    /// <summary>Frames of all documents, `[frames, height, width, 3]` bytes.</summary>
    public required byte[] Rgb { get; init; }

    public required int Frames { get; init; }

    /// <summary>Tokens that are not padding.</summary>
    public required int Tokens { get; init; }

    /// <summary>Packs documents; a frame takes <paramref name="tokensPerFrame"/> rows, and image_newline follows the last frame.</summary>
    public static PackedBatch Pack(IReadOnlyList<TrainingDocument> documents, int tokensPerFrame)
    {
        var lengths = documents.Select(d => d.VideoAt < 0 ? d.Ids.Length : d.Ids.Length + (d.Frames * tokensPerFrame)).ToArray();
        var length = lengths.Max();
        var visual = documents.Sum(d => d.Frames * tokensPerFrame);
        var textIds = documents.SelectMany(d => d.Ids.Where((_, i) => i != d.VideoAt)).Select(i => (long)i).ToArray();
        var newline = textIds.Length + visual;

        var rows = new long[documents.Count * length];
        List<long> targetRows = [];
        List<long> targetIds = [];
        List<(string, int, int)> answers = [];
        var text = 0;
        var vision = textIds.Length;
        for (var b = 0; b < documents.Count; b++)
        {
            var document = documents[b];
            var shift = document.VideoAt < 0 ? 0 : document.Frames * tokensPerFrame; // placeholder's own slot is the newline's
            var at = b * length;
            for (var i = 0; i < document.Ids.Length; i++)
            {
                if (i != document.VideoAt)
                {
                    rows[at++] = text++;
                    continue;
                }

                for (var v = 0; v < shift; v++)
                {
                    rows[at++] = vision++;
                }

                rows[at++] = newline;
            }

            foreach (var group in document.Targets.GroupBy(t => t.Answer))
            {
                answers.Add((group.First().Kind, targetIds.Count, group.Count()));
                foreach (var target in group)
                {
                    var position = target.At > document.VideoAt ? target.At + shift : target.At;
                    targetRows.Add((b * length) + position - 1);
                    targetIds.Add(document.Ids[target.At]);
                }
            }
        }

        return new PackedBatch
        {
            Batch = documents.Count,
            Length = length,
            TextIds = textIds,
            VisualTokens = visual,
            Rows = rows,
            TargetRows = [.. targetRows],
            TargetIds = [.. targetIds],
            Answers = answers,
            Rgb = Concatenate(documents),
            Frames = documents.Sum(d => d.Frames),
            Tokens = lengths.Sum(),
        };
    }

    private static byte[] Concatenate(IReadOnlyList<TrainingDocument> documents)
    {
        var rgb = new byte[documents.Sum(d => d.Rgb.Length)];
        var at = 0;
        foreach (var document in documents)
        {
            document.Rgb.CopyTo(rgb, at);
            at += document.Rgb.Length;
        }

        return rgb;
    }
}
