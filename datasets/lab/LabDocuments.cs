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
            LabClipTurns.Places =>
                OfPlaces(random, shares, LabClip.Video(random, split, minFrames, things: random.Between(2, 6))),
            LabClipTurns.List => OfList(random, shares, LabClip.Video(random, split, minFrames, things: random.Between(2, 4))),
            LabClipTurns.Motion => OfMotion(random, shares, LabClip.Moving(random, split, minFrames)),
            // Of four frames two could not tell a brief thing from another: there it is a story.
            LabClipTurns.Brief when frames >= LabData.MinFrames => OfBrief(random, shares, split, frames),
            LabClipTurns.Plate => OfPlate(random, shares, LabClip.Lettered(random, split, random.Chance(0.5), minFrames)),
            _ => OfOrder(random, shares, LabClip.Video(random, split, minFrames, things: random.Between(2, 6))),
        };
        return new LabDocument(
            LabSource.Clip, clip, clip.Sample(frames), LabDocument.Chat(LabDocument.Placeholder + "\n", turns));
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
                (clip, turns) = OfPlate(
                    random, shares, LabClip.LetteredPicture(random, split, random.Chance(0.5), random.Between(0, 4)));
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
    /// A lesson in words, then another round of it with one picture: `dog zorb cat mipu&lt;image&gt; mipu dog zorb`, in any
    /// wording. Answers are learnt from the second round on.
    /// </summary>
    public static LabDocument Rule(LabRandom random, LabSplit split)
    {
        var lesson = LabLesson.Draw(random, LabTexts.AllObjects, mostClasses: 6, split);
        // What two classes or one teach is not clear from one round.
        int rounds = lesson.Classes > 2 ? 2 : 3, shown = random.Below(lesson.Classes);
        LabClip? clip = null;
        var segments = new List<LabSegment>();
        for (int round = 0; round < rounds; round++)
            foreach (int c in random.Distinct(lesson.Classes, lesson.Classes))
            {
                bool isShown = round == rounds - 1 && c == shown;
                var shot = lesson.Shot(c, random);
                clip = isShown ? shot.Picture : clip;
                segments.AddRange(LabLesson.Segments(shot, isShown ? LabDocument.ImagePlaceholder : shot.Words, learn: round > 0,
                    isShown ? "picture-" + lesson.Kind : lesson.Kind));
            }
        return OfImage(clip!, segments);
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
            [.. clip.Things.Where(thing => thing.Direction.Length > 0).Select(thing => (thing.Name, thing.Direction))],
            Names(clip)));

    private static (LabClip, List<LabQuestion>) OfPlate(LabRandom random, LabShares shares, LabClip clip) =>
        (clip, LabTurns.OfPlate(random, shares, clip.Plate!.Words, clip.Plate.HasDigits));

    /// <summary>
    /// In training a sampled frame shows what appears briefly: nothing is learnt from an answer that cannot be seen.
    /// </summary>
    private static (LabClip, List<LabQuestion>) OfBrief(LabRandom random, LabShares shares, LabSplit split, int frames)
    {
        var clip = LabClip.Glimpse(random, split, shownBy: LabClip.Sampled(LabWorld.ClipFrames, frames));
        return (clip, LabTurns.OfBrief(random, shares, clip.Brief!.Name, Names(clip)));
    }

    private static string[] Names(LabClip clip) => [.. LabKinds.InOrder(clip).Select(thing => thing.Name)];
}
