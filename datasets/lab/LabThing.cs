namespace Aim.Datasets;

/// <summary>One thing of a scene: what it is, where, how it is drawn, when it is visible, and whether it moves.</summary>
/// <param name="Object">Index into <see cref="LabWorld.Objects"/>.</param>
/// <param name="Cell">Index into <see cref="LabWorld.Places"/>; of a moving thing, where it starts.</param>
/// <param name="X">Centre, in pixels from the left (where it starts).</param>
/// <param name="Y">Centre, in pixels from the top (where it starts).</param>
/// <param name="Size">Index of the sprite's size (22, 25, 28 pixels).</param>
/// <param name="Turn">0, 1, 2 for -15, 0, 15 degrees.</param>
/// <param name="Mirrored">Whether left and right are exchanged.</param>
/// <param name="Start">The first frame that shows it.</param>
/// <param name="Length">How many frames show it.</param>
/// <param name="Dx">Pixels that it moves to the right between its first and its last frame.</param>
/// <param name="Dy">Pixels that it moves down between its first and its last frame.</param>
public sealed record LabThing(int Object, int Cell, int X, int Y, int Size, int Turn, bool Mirrored, int Start, int Length,
    int Dx = 0, int Dy = 0)
{
    /// <summary>The most frames that show a thing which appears only briefly.</summary>
    public const int BriefFrames = 2;

    /// <summary>The object's one-word name.</summary>
    public string Name => LabWorld.Objects[Object].Name;

    /// <summary>The place's one-word name.</summary>
    public string Place => LabWorld.Places[Cell];

    /// <summary>Which way it moves: one of <see cref="LabWorld.Directions"/>, or empty.</summary>
    public string Direction => (Math.Sign(Dx), Math.Sign(Dy)) switch
    {
        (-1, _) => "left",
        (1, _) => "right",
        (_, -1) => "up",
        (_, 1) => "down",
        _ => "",
    };

    /// <summary>Whether frame <paramref name="frame"/> shows it.</summary>
    public bool VisibleAt(int frame) => frame >= Start && frame < Start + Length;

    /// <summary>Its centre in a frame that shows it, before the frame's jitter.</summary>
    public (int X, int Y) CentreAt(int frame) => Length < 2
        ? (X, Y)
        : (X + Dx * (frame - Start) / (Length - 1), Y + Dy * (frame - Start) / (Length - 1));

    /// <summary>Everything that is drawn, in one number.</summary>
    internal ulong Hash() => LabRandom.Hash(
        (ulong)Object, (ulong)Cell, (ulong)X, (ulong)Y, (ulong)Size, (ulong)Turn, Mirrored ? 1UL : 0UL,
        (ulong)Start, (ulong)Length, (ulong)Dx, (ulong)Dy);
}
