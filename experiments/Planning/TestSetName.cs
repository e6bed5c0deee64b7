using System.Globalization;

namespace Aim.Experiments.Planning;

/// <summary>
/// Which questions a cell is asked, beside their number: where they come from, in which drawing style, at how many frames and of
/// which kinds. Cells are compared within such a set; two sets that differ in frames or style alone ask the same questions of the
/// same clips, and their cells can be paired too.
/// </summary>
/// <param name="Source"><c>video</c> or <c>picture</c>.</param>
/// <param name="Style">
/// <c>noto</c>, the drawings trained on, or <c>twemoji</c>, the same scenes in drawings never seen; empty for a file's questions.
/// </param>
/// <param name="Frames">Frames taken from each clip; 1 for pictures.</param>
/// <param name="Kinds">
/// The kinds of question that go round, joined by <c>+</c>; empty for those of the lab's test set, or all of a file.
/// </param>
public sealed record TestSetName(string Source, string Style, int Frames, string Kinds = "")
{
    public const string Video = "video";
    public const string Picture = "picture";
    public const string Noto = "noto";
    public const string Twemoji = "twemoji";

    public bool IsPicture => Source == Picture;

    /// <summary>The kinds one by one; empty for those of the lab's test set.</summary>
    public IReadOnlyList<string> KindList => Kinds.Length == 0 ? [] : Kinds.Split('+');

    /// <summary>What tells this set from another in words: <c>16 frames, twemoji</c>; empty for the same set.</summary>
    public string Beside(TestSetName other)
    {
        var parts = new List<string>();
        if (Source != other.Source)
            parts.Add(IsPicture ? "pictures" : "videos");
        if (Frames != other.Frames && !IsPicture)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Frames} frames"));
        if (Style != other.Style)
            parts.Add(Style);
        if (Kinds != other.Kinds)
            parts.Add(Kinds.Length == 0 ? "all kinds" : Kinds);
        return string.Join(", ", parts);
    }
}
