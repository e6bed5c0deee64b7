namespace Aim.Datasets;

/// <summary>What a control changes about a question; the question itself stays.</summary>
public enum LabControl
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Grey frames: what is known without seeing, at the same number of tokens.</summary>
    Blank,

    /// <summary>The middle frame in every place: what one look gives.</summary>
    OneFrame,

    /// <summary>The frames in random order: what is known without order.</summary>
    Shuffled,

    /// <summary>No frames at all.</summary>
    TextOnly,
}

/// <summary>The controls that tell whether an answer comes from the frames.</summary>
public static class LabControls
{
    private const byte Grey = 128;

    /// <summary>Whether a control changes anything: a single picture has no order and no other frame.</summary>
    public static bool Applies(LabSample sample, LabControl control) =>
        control is not (LabControl.OneFrame or LabControl.Shuffled) || sample.FrameIndices.Length > 1;

    /// <summary>The frames that the model gets under a control.</summary>
    /// <returns>RGB, <c>[frames, 96, 96, 3]</c>; empty for <see cref="LabControl.TextOnly"/>.</returns>
    public static byte[] Frames(LabSample sample, LabControl control)
    {
        int[] indices = sample.FrameIndices;
        switch (control)
        {
            case LabControl.TextOnly:
                return [];
            case LabControl.Blank:
                var blank = new byte[indices.Length * LabCanvas.Bytes];
                Array.Fill(blank, Grey);
                return blank;
            case LabControl.OneFrame:
                return sample.Clip.Frames([.. Enumerable.Repeat(indices[indices.Length / 2], indices.Length)]);
            case LabControl.Shuffled:
                return sample.Clip.Frames([.. Shuffle(sample).Select(i => indices[i])]);
            default:
                return sample.Frames();
        }
    }

    /// <summary>The prompt under a control; only <see cref="LabControl.TextOnly"/> changes it.</summary>
    public static string Prompt(LabSample sample, LabControl control) =>
        LabDocument.Prompt(sample.Question, control == LabControl.TextOnly ? null : sample.Medium, sample.Before);

    /// <summary>
    /// The order of the frames when shuffled: a function of the scene alone, and never the true order (unless there is one
    /// frame).
    /// </summary>
    /// <returns>Positions in <see cref="LabSample.FrameIndices"/>.</returns>
    public static int[] Shuffle(LabSample sample)
    {
        var random = new LabRandom((ulong)LabStream.Purpose.Controls, sample.Clip.SceneHash);
        int count = sample.FrameIndices.Length;
        int[] order;
        do
            order = random.Distinct(count, count);
        while (count > 1 && order.Zip(order.Skip(1)).All(pair => pair.First < pair.Second));
        return order;
    }

    /// <summary>
    /// For each kind the answer that is commonest among <paramref name="seen"/>, and how many of <paramref name="asked"/> it gets
    /// right.
    /// </summary>
    /// <param name="seen">Questions whose answers are known, say the validation split's.</param>
    /// <param name="asked">The questions to answer.</param>
    public static IReadOnlyList<(string Kind, string Answer, int Samples, int Correct)> Majority(
        IEnumerable<LabSample> seen, IEnumerable<LabSample> asked)
    {
        var commonest = seen.GroupBy(sample => sample.Kind).ToDictionary(kind => kind.Key, kind => kind
            .GroupBy(sample => sample.Answer).OrderByDescending(answer => answer.Count())
            .ThenBy(answer => answer.Key, StringComparer.Ordinal).First().Key);
        return
        [
            .. asked.GroupBy(sample => sample.Kind).Select(kind =>
            {
                string answer = commonest.GetValueOrDefault(kind.Key, "");
                return (kind.Key, answer, kind.Count(), kind.Count(sample => sample.IsRight(answer)));
            }),
        ];
    }
}
