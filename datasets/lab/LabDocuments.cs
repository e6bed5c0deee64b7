namespace Aim.Datasets;

/// <summary>Training documents about one clip or one picture, with several turns.</summary>
internal static class LabDocuments
{
    /// <summary>A clip that <paramref name="frames"/> sampled frames tell unambiguously, with its turns.</summary>
    public static LabDocument Clip(LabRandom random, LabSplit split, LabShares shares, int frames)
    {
        int minFrames = Math.Min(frames, LabData.MinFrames);
        var (clip, turns) = (LabClipTurns)random.Weighted(shares.ClipTurns) switch
        {
            LabClipTurns.Places => OfPlaces(random, shares, LabClip.Video(random, split, minFrames, things: random.Between(2, 6))),
            LabClipTurns.List => OfList(random, shares, LabClip.Video(random, split, minFrames, things: random.Between(2, 4))),
            LabClipTurns.Motion => OfMotion(random, shares, LabClip.Moving(random, split, minFrames)),
            // Of four frames two could not tell a brief thing from another: there it is a story.
            LabClipTurns.Brief when frames >= LabData.MinFrames => OfBrief(random, shares, split, frames),
            LabClipTurns.Plate => OfPlate(random, shares, LabClip.Lettered(random, split, random.Chance(0.5), minFrames)),
            _ => OfOrder(random, shares, LabClip.Video(random, split, minFrames, things: random.Between(2, 6))),
        };
        return new LabDocument(LabSource.Clip, clip, clip.Sample(frames), LabDocument.Chat(LabDocument.Placeholder + "\n", turns));
    }

    /// <summary>A single picture: several things and their places, one thing alone, or a plate.</summary>
    public static LabDocument Picture(LabRandom random, LabSplit split, LabShares shares, LabMedium medium)
    {
        string shown = LabDocument.PlaceholderOf(medium), opening = shown + "\n";
        LabClip clip;
        List<LabQuestion> turns;
        switch ((LabPictureTurns)random.Weighted(shares.PictureTurns))
        {
            case LabPictureTurns.Single:
                clip = LabClip.Picture(random, split, 1);
                (opening, turns) = LabTurns.OfSingle(random, shares, clip.Things[0].Name, shown, shares.Rules);
                break;
            case LabPictureTurns.List:
                (clip, turns) = OfList(random, shares, LabClip.Picture(random, split, random.Between(2, 4)));
                break;
            case LabPictureTurns.Plate:
                (clip, turns) = OfPlate(random, shares, LabClip.LetteredPicture(random, split, random.Chance(0.5), random.Between(0, 4)));
                break;
            default:
                (clip, turns) = OfPlaces(random, shares, LabClip.Picture(random, split, random.Between(2, 6)));
                break;
        }
        return new LabDocument(LabSource.Picture, [new LabShown(clip, [0], medium)], LabDocument.Chat(opening, turns));
    }

    private static (LabClip, List<LabQuestion>) OfOrder(LabRandom random, LabShares shares, LabClip clip) =>
        (clip, LabTurns.OfOrder(random, shares, Names(clip)));

    private static (LabClip, List<LabQuestion>) OfPlaces(LabRandom random, LabShares shares, LabClip clip) =>
        (clip, LabTurns.OfPlaces(random, shares, [.. clip.Things.Select(thing => (thing.Name, thing.Place))]));

    private static (LabClip, List<LabQuestion>) OfList(LabRandom random, LabShares shares, LabClip clip) =>
        (clip, LabTurns.OfList(random, shares, Names(clip), firstAndLast: clip.Length > 1));

    private static (LabClip, List<LabQuestion>) OfMotion(LabRandom random, LabShares shares, LabClip clip) =>
        (clip, LabTurns.OfMotion(random, shares,
            [.. clip.Things.Where(thing => thing.Direction.Length > 0).Select(thing => (thing.Name, thing.Direction))], Names(clip)));

    private static (LabClip, List<LabQuestion>) OfPlate(LabRandom random, LabShares shares, LabClip clip) =>
        (clip, LabTurns.OfPlate(random, shares, clip.Plate!.Words, clip.Plate.HasDigits));

    /// <summary>In training a sampled frame shows what appears briefly: nothing is learnt from an answer that cannot be seen.</summary>
    private static (LabClip, List<LabQuestion>) OfBrief(LabRandom random, LabShares shares, LabSplit split, int frames)
    {
        var clip = LabClip.Glimpse(random, split, shownBy: LabClip.Sampled(LabWorld.ClipFrames, frames));
        return (clip, LabTurns.OfBrief(random, shares, clip.Brief!.Name, Names(clip)));
    }

    private static string[] Names(LabClip clip) => [.. LabKinds.InOrder(clip).Select(thing => thing.Name)];
}
