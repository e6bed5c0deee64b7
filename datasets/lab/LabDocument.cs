namespace Aim.Datasets;

/// <summary>A stretch of a document.</summary>
/// <param name="Text">The text, ChatML tokens and the `&lt;video&gt;` placeholder spelled out. Segments may be tokenised one by one: no token
/// crosses their borders.</param>
/// <param name="Learn">Whether the loss counts here.</param>
/// <param name="Kind">For learnt stretches: what they teach.</param>
public readonly record struct LabSegment(string Text, bool Learn, string Kind);

/// <summary>What a document shows.</summary>
public enum LabSource
{
    /// <summary>Nothing: text alone.</summary>
    Text,

    /// <summary>A single picture (a clip of one frame).</summary>
    Picture,

    /// <summary>A clip.</summary>
    Clip,
}

/// <summary>
/// One training document: text in segments, and at most one clip, whose frames stand where the text says `&lt;video&gt;`.
/// Questions and answers are ChatML turns, with the loss on the answers and the `&lt;|im_end|&gt;` behind them.
/// </summary>
/// <param name="Source">Text, picture or clip.</param>
/// <param name="Clip">The clip; null for text.</param>
/// <param name="FrameIndices">The frames to draw; empty for text.</param>
/// <param name="Segments">The text.</param>
public sealed record LabDocument(LabSource Source, LabClip? Clip, int[] FrameIndices, IReadOnlyList<LabSegment> Segments)
{
    /// <summary>Stands in the text where the frames go.</summary>
    public const string Placeholder = "<video>";

    /// <summary>The whole text.</summary>
    public string Text => string.Concat(Segments.Select(segment => segment.Text));

    /// <summary>The frames, RGB: <c>[frames, 96, 96, 3]</c>; empty for text.</summary>
    public byte[] Frames() => Clip is null ? [] : Clip.Frames(FrameIndices);

    /// <summary>The text that asks one question of a test sample; the model goes on from here with a space and the answer.</summary>
    public static string Prompt(string question, bool withVideo = true) =>
        $"<|im_start|>user\n{(withVideo ? Placeholder + "\n" : "")}{question}<|im_end|>\n<|im_start|>assistant\n";

    /// <summary>Turns of question and answer; <paramref name="opening"/> stands before the first question.</summary>
    internal static List<LabSegment> Chat(string opening, IReadOnlyList<LabQuestion> turns)
    {
        var segments = new List<LabSegment>(2 * turns.Count);
        for (int i = 0; i < turns.Count; i++)
        {
            string user = (i == 0 ? "<|im_start|>user\n" + opening : "\n<|im_start|>user\n") + turns[i].Question;
            segments.Add(new(user + "<|im_end|>\n<|im_start|>assistant\n", false, ""));
            segments.Add(new($" {turns[i].Answer}<|im_end|>", true, turns[i].Kind));
        }
        return segments;
    }
}
