namespace Aim.Datasets;

/// <summary>A stretch of a document.</summary>
/// <param name="Text">The text, ChatML tokens and the placeholders of what is shown spelled out. Segments may be tokenised one by
/// one: no token crosses their borders.</param>
/// <param name="Learn">Whether the loss counts here.</param>
/// <param name="Kind">For learnt stretches: what they teach.</param>
public readonly record struct LabSegment(string Text, bool Learn, string Kind);

/// <summary>What a document shows.</summary>
public enum LabSource
{
    /// <summary>Nothing: text alone.</summary>
    Text,

    /// <summary>Single pictures (clips of one frame).</summary>
    Picture,

    /// <summary>A clip.</summary>
    Clip,
}

/// <summary>How a model takes what it is shown: as which placeholder.</summary>
public enum LabMedium
{
    /// <summary>
    /// <c>&lt;video&gt;</c>: frames, pooled by the models that pool frames. A single picture may be a video of one frame.
    /// </summary>
    Video,

    /// <summary><c>&lt;image&gt;</c>: a single picture, packed as the model packs pictures.</summary>
    Image,
}

/// <summary>A clip or picture that a document shows at one of its placeholders.</summary>
/// <param name="Clip">The clip.</param>
/// <param name="FrameIndices">The frames to draw.</param>
/// <param name="Medium">The placeholder.</param>
public sealed record LabShown(LabClip Clip, int[] FrameIndices, LabMedium Medium);

/// <summary>
/// One training document: text in segments, and what is shown where the text has a placeholder, in the same order.
/// Questions and answers are ChatML turns, with the loss on the answers and the `&lt;|im_end|&gt;` behind them.
/// </summary>
/// <param name="Source">Text, pictures or a clip.</param>
/// <param name="Shown">What the placeholders stand for, in their order; empty for text.</param>
/// <param name="Segments">The text.</param>
public sealed record LabDocument(LabSource Source, IReadOnlyList<LabShown> Shown, IReadOnlyList<LabSegment> Segments)
{
    /// <summary>Stands in the text where a clip's frames go.</summary>
    public const string Placeholder = "<video>";

    /// <summary>Stands in the text where a single picture goes.</summary>
    public const string ImagePlaceholder = "<image>";

    /// <summary>A document with at most one clip, shown as a video.</summary>
    /// <param name="source">Text, picture or clip.</param>
    /// <param name="clip">The clip; null for text.</param>
    /// <param name="frameIndices">The frames to draw; empty for text.</param>
    /// <param name="segments">The text.</param>
    public LabDocument(LabSource source, LabClip? clip, int[] frameIndices, IReadOnlyList<LabSegment> segments)
        : this(source, clip is null ? [] : [new LabShown(clip, frameIndices, LabMedium.Video)], segments)
    {
    }

    /// <summary>The first clip; null for text.</summary>
    public LabClip? Clip => Shown.Count == 0 ? null : Shown[0].Clip;

    /// <summary>The frames of everything that is shown, one after the other; empty for text.</summary>
    public int[] FrameIndices => [.. Shown.SelectMany(shown => shown.FrameIndices)];

    /// <summary>The whole text.</summary>
    public string Text => string.Concat(Segments.Select(segment => segment.Text));

    /// <summary>The frames of everything that is shown, RGB: <c>[frames, 96, 96, 3]</c>; empty for text.</summary>
    public byte[] Frames() => Shown.Count == 1
        ? Shown[0].Clip.Frames(Shown[0].FrameIndices)
        : [.. Shown.SelectMany(shown => shown.Clip.Frames(shown.FrameIndices))];

    /// <summary>The placeholder of a medium.</summary>
    public static string PlaceholderOf(LabMedium medium) => medium == LabMedium.Video ? Placeholder : ImagePlaceholder;

    /// <summary>
    /// The text that asks one question of a test sample; the model goes on from here with a space and the answer.
    /// </summary>
    public static string Prompt(string question, bool withVideo = true) => Prompt(question, withVideo ? LabMedium.Video : null);

    /// <summary>
    /// The same about a clip, a picture or (null) nothing; <paramref name="before"/> is told before it is shown.
    /// </summary>
    public static string Prompt(string question, LabMedium? medium, string before = "")
    {
        string shown = medium is { } m ? PlaceholderOf(m) + "\n" : "", told = before.Length > 0 ? before + "\n" : "";
        return $"<|im_start|>user\n{told}{shown}{question}<|im_end|>\n<|im_start|>assistant\n";
    }

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
