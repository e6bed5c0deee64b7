namespace Aim.Reports.Records;

/// <summary>Samples as the model saw them, what each setting answered, and which patches each of its tokens came from.</summary>
public sealed record GalleryRecord : ExhibitRecord
{
    /// <summary>Decoder layers of the model.</summary>
    public required int Layers { get; init; }

    /// <summary>The settings that answered, in the order of the report's columns; the unreduced model first.</summary>
    public required IReadOnlyList<GallerySettingRecord> Settings { get; init; }

    /// <summary>How the samples were chosen, fixed before the answers were seen.</summary>
    public required string Choice { get; init; }

    public required IReadOnlyList<GallerySampleRecord> Samples { get; init; }
}

/// <summary>A setting of the gallery.</summary>
/// <param name="Id">Id of its cell.</param>
/// <param name="Name">Its name for readers: "AIM 25% + pruning (8, 12)".</param>
public sealed record GallerySettingRecord(string Id, string Name);

/// <summary>One question.</summary>
public sealed record GallerySampleRecord
{
    /// <summary>Its id in the data.</summary>
    public required string Id { get; init; }

    public required string Kind { get; init; }

    public required string Question { get; init; }

    /// <summary>The right answer; several right ones joined by " / ".</summary>
    public required string Expected { get; init; }

    /// <summary>The frames (or the views of a picture) in the order in which the model reads them.</summary>
    public required IReadOnlyList<GalleryFrameRecord> Frames { get; init; }

    /// <summary>One for each setting that answered it.</summary>
    public required IReadOnlyList<GalleryAnswerRecord> Answers { get; init; }
}

/// <summary>A frame.</summary>
/// <param name="Name">For readers: "frame 5", "0:02", "whole picture".</param>
/// <param name="Png">The picture as a PNG file, at the size that the tower sees; at most 512 pixels a side.</param>
/// <param name="Description">What a person sees in it, for readers who cannot; null: its name alone.</param>
public sealed record GalleryFrameRecord(string Name, byte[] Png, string? Description = null);

/// <summary>What a setting answered, and what its tokens came from.</summary>
public sealed record GalleryAnswerRecord
{
    /// <summary>Id of the setting.</summary>
    public required string Setting { get; init; }

    public required string Answer { get; init; }

    public required bool Correct { get; init; }

    /// <summary>Visual tokens that enter each decoder layer, <c>[layers]</c>.</summary>
    public required IReadOnlyList<int> VisualTokens { get; init; }

    /// <summary>One for each frame; empty where the setting has no provenance (another grid of frames, text only).</summary>
    public IReadOnlyList<ProvenanceRecord> Provenance { get; init; } = [];
}

/// <summary>
/// Which token each patch of a frame went into, and how long that token lived. Both lists are in raster order, <c>[rows *
/// columns]</c>.
/// </summary>
public sealed record ProvenanceRecord
{
    /// <summary>Rows of the grid of visual tokens before merging.</summary>
    public required int Rows { get; init; }

    public required int Columns { get; init; }

    /// <summary>
    /// The merged token that holds the patch, counted from 0 over the whole sample (a method that merges across frames gives
    /// patches of several frames the same one); -1: the patch was dropped before the LLM.
    /// </summary>
    public required IReadOnlyList<int> Groups { get; init; }

    /// <summary>
    /// The last decoder layer, from 0, that the patch's token enters (layers - 1: it is never pruned); -1: none.
    /// </summary>
    public required IReadOnlyList<int> LastLayers { get; init; }
}
