namespace Aim.Experiments.Training;

/// <summary>One conversation over pictures or a clip, as token ids, with the positions that carry loss.</summary>
/// <param name="Ids">Token ids with one placeholder for each picture or clip (none for text).</param>
/// <param name="Shown">What the placeholders stand for, in their order.</param>
/// <param name="Rgb">The frames' bytes, frame after frame, or empty.</param>
/// <param name="Targets">Positions in <paramref name="Ids"/> whose token is to be predicted.</param>
internal sealed record TrainingDocument(int[] Ids, IReadOnlyList<Placeholder> Shown, byte[] Rgb,
    IReadOnlyList<AnswerTarget> Targets)
{
    /// <summary>A document of text alone.</summary>
    public TrainingDocument(int[] ids, IReadOnlyList<AnswerTarget> targets) : this(ids, [], [], targets)
    {
    }
}

/// <summary>A place in a document's ids where frames go.</summary>
/// <param name="At">Index of the placeholder.</param>
/// <param name="Frames">How many frames: 1 for a picture.</param>
internal readonly record struct Placeholder(int At, int Frames);

/// <summary>What a host puts in the place of a placeholder.</summary>
/// <param name="PerFrame">Rows of the visual table that a frame or picture takes.</param>
/// <param name="Newline">Whether one more row, the visual table's last and shared by all, follows the last frame.</param>
internal readonly record struct VisualRows(int PerFrame, bool Newline);

/// <summary>A token to be predicted.</summary>
/// <param name="At">Its index in the document's ids; the position before it predicts it.</param>
/// <param name="Kind">Kind of the question; tokens of one answer share <paramref name="Answer"/>.</param>
/// <param name="Answer">Number of the answer within the document: an answer is right if all its tokens are.</param>
internal readonly record struct AnswerTarget(int At, string Kind, int Answer);

/// <summary>
/// Documents of one step as flat index arrays: every row of the `[batch, length]` grid names a row of one table, the text
/// embeddings first, then the visual table: the tokens of all documents' frames, then, where the host has one, the shared
/// newline. Documents are padded on the right, where a causal model cannot see the padding.
/// </summary>
internal sealed class PackedBatch
{
    public required int Batch { get; init; }

    public required int Length { get; init; }

    /// <summary>Ids of all text tokens, document after document (the table's first rows).</summary>
    public required long[] TextIds { get; init; }

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

    /// <summary>Packs documents whose placeholders become <paramref name="visual"/> rows.</summary>
    public static PackedBatch Pack(IReadOnlyList<TrainingDocument> documents, VisualRows visual)
    {
        var own = visual.Newline ? 1 : 0;
        var lengths = documents.Select(d => d.Ids.Length + d.Shown.Sum(s => (s.Frames * visual.PerFrame) + own - 1)).ToArray();
        var length = lengths.Max();
        var frames = documents.Sum(d => d.Shown.Sum(s => s.Frames));
        var textIds = documents.SelectMany(d => d.Ids.Where((_, i) => d.Shown.All(s => s.At != i))).Select(i =>
            (long)i).ToArray();
        var newline = textIds.Length + (frames * visual.PerFrame);

        var rows = new long[documents.Count * length];
        List<long> targetRows = [];
        List<long> targetIds = [];
        List<(string, int, int)> answers = [];
        var text = 0;
        var vision = textIds.Length;
        for (var b = 0; b < documents.Count; b++)
        {
            var document = documents[b];
            var at = b * length;
            var place = new int[document.Ids.Length]; // row of each id; of a placeholder, its first
            var next = 0;
            for (var i = 0; i < place.Length; i++)
            {
                place[i] = at;
                if (next == document.Shown.Count || i != document.Shown[next].At)
                {
                    rows[at++] = text++;
                    continue;
                }

                for (var v = 0; v < document.Shown[next].Frames * visual.PerFrame; v++)
                {
                    rows[at++] = vision++;
                }

                if (visual.Newline)
                {
                    rows[at++] = newline;
                }

                next++;
            }

            foreach (var group in document.Targets.GroupBy(t => t.Answer))
            {
                answers.Add((group.First().Kind, targetIds.Count, group.Count()));
                foreach (var target in group)
                {
                    targetRows.Add(place[target.At] - 1);
                    targetIds.Add(document.Ids[target.At]);
                }
            }
        }

        return new PackedBatch
        {
            Batch = documents.Count,
            Length = length,
            TextIds = textIds,
            Rows = rows,
            TargetRows = [.. targetRows],
            TargetIds = [.. targetIds],
            Answers = answers,
            Rgb = Concatenate(documents),
            Frames = frames,
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
