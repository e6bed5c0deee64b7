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

    /// <summary>A rule in ChatML, then a picture of one thing, then its code.</summary>
    public static LabDocument ChatRule(LabRandom random, LabSplit split, LabShares shares)
    {
        var clip = LabClip.Picture(random, split, 1);
        var (opening, turns) = LabTurns.OfSingle(random, shares, clip.Things[0].Name, LabDocument.ImagePlaceholder, rules: 1);
        return OfImage(clip, LabDocument.Chat(opening, turns));
    }

    /// <summary>
    /// Pairs in words, then the same in another order with a picture in place of one name: `dog zorb cat mipu&lt;image&gt; mipu dog zorb`, in any wording.
    /// The labels are learnt from the second time on.
    /// </summary>
    public static LabDocument Rule(LabRandom random, LabSplit split)
    {
        int count = random.Between(2, 6), shown = random.Below(count);
        int[] objects = random.Distinct(count, LabWorld.Objects.Count);
        string[] labels = LabLabels.Draw(random, count);
        var wording = LabWording.Draw(random);
        var segments = new List<LabSegment>();
        for (int round = 0; round < 2; round++)
            foreach (int i in random.Distinct(count, count))
            {
                bool isShown = round == 1 && i == shown;
                string thing = isShown ? LabDocument.ImagePlaceholder : " " + LabWorld.Objects[objects[i]].Name;
                segments.AddRange(wording.Pair(thing, labels[i], learn: round == 1, isShown ? "picture-pair" : "pair"));
            }
        return OfImage(LabClip.PictureOf(random, split, objects[shown]), segments);
    }

    /// <summary>A picture of one thing and its name, asked for or bare.</summary>
    public static LabDocument Naming(LabRandom random, LabSplit split, LabShares shares)
    {
        var clip = LabClip.Picture(random, split, 1);
        if (random.Chance(0.5))
            return OfImage(clip, [new(LabDocument.ImagePlaceholder, false, ""), new(" " + clip.Things[0].Name, true, "name")]);
        var (opening, turns) = LabTurns.OfSingle(random, shares, clip.Things[0].Name, LabDocument.ImagePlaceholder, rules: 0);
        return OfImage(clip, LabDocument.Chat(opening, turns));
    }

    private static LabDocument OfImage(LabClip clip, IReadOnlyList<LabSegment> segments) =>
        new(LabSource.Picture, [new LabShown(clip, [0], LabMedium.Image)], segments);

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
