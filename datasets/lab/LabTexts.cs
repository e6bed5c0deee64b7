namespace Aim.Datasets;

/// <summary>
/// Stage 1: text that teaches what the questions need besides looking: copying from context, look-up, and every question in its
/// final wording, asked of a scene told in words where the frames will stand.
/// </summary>
internal static class LabTexts
{
    private const int RepeatTokens = 40;
    private const int CategoryPairs = 8;
    private const int LessonShots = 8;

    /// <summary>Every object.</summary>
    internal static IReadOnlyList<int> AllObjects { get; } = [.. Enumerable.Range(0, LabWorld.Objects.Count)];

    /// <summary>A random sequence of 5 to 13 words, over and over for 40 tokens; learnt from the second copy on.</summary>
    public static LabDocument Repeats(LabRandom random)
    {
        var words = LabTokenizer.SpacedWords;
        var sequence = random.Distinct(random.Between(5, 13), words.Count).Select(i => " " + words[i]).ToArray();
        string Words(int from, int to) =>
            string.Concat(Enumerable.Range(from, to - from).Select(i => sequence[i % sequence.Length]));
        return Document(
        [
            new(Words(0, sequence.Length), false, ""),
            new(Words(sequence.Length, RepeatTokens), true, "repeat"),
        ]);
    }

    /// <summary>
    /// 3 to 6 pairs of object and code, told three times in changing order, in any wording; the codes are learnt from the second
    /// time on.
    /// </summary>
    public static LabDocument Pairs(LabRandom random)
    {
        int count = random.Between(3, 6);
        return Pairs(
            random, Names(random, count), [.. random.Distinct(count, LabWorld.Codes.Count).Select(i => LabWorld.Codes[i])],
            LabWording.Draw(random));
    }

    /// <summary>
    /// A lesson told in words, in at least three rounds of its classes and six shots; answers are learnt from the second round
    /// on. What the in-context models look up: things, places, numbers and their labels, whether two things are the same, an
    /// invented yes and no.
    /// </summary>
    public static LabDocument Lesson(LabRandom random)
    {
        var lesson = LabLesson.Draw(random, AllObjects, mostClasses: 6);
        int rounds = Math.Max(3, (LessonShots + lesson.Classes - 1) / lesson.Classes);
        var segments = new List<LabSegment>();
        for (int round = 0; round < rounds; round++)
            foreach (int c in random.Distinct(lesson.Classes, lesson.Classes))
            {
                var shot = lesson.Shot(c, random);
                segments.AddRange(LabLesson.Segments(shot, shot.Words, learn: round > 0, lesson.Kind));
            }
        return Document(segments);
    }

    /// <summary>
    /// Objects and what they are, the first half of two hops: the only fact about the world that must be known by heart.
    /// </summary>
    public static LabDocument Categories(LabRandom random)
    {
        var segments = new List<LabSegment>();
        foreach (int i in random.Distinct(CategoryPairs, LabWorld.Objects.Count))
        {
            segments.Add(new(" " + LabWorld.Objects[i].Name, false, ""));
            segments.Add(new(" " + LabWorld.Objects[i].Category, true, "category"));
        }
        return Document(segments);
    }

    /// <summary>The work after the look, with the answer named in the text.</summary>
    public static LabDocument Told(LabRandom random, LabShares shares) =>
        Document(LabDocument.Chat("", LabTurns.Told(random, shares)));

    /// <summary>A scene in words, then the questions that a clip would be asked, a picture would be, or either.</summary>
    public static LabDocument Story(LabRandom random, LabShares shares, bool clips = true, bool pictures = true)
    {
        bool ofClip = clips && (!pictures || random.Chance(0.65));
        var (opening, turns) = ofClip ? OfClip(random, shares) : OfPicture(random, shares);
        return Document(LabDocument.Chat(opening, turns));
    }

    private static (string Opening, List<LabQuestion> Turns) OfClip(LabRandom random, LabShares shares)
    {
        switch ((LabClipTurns)random.Weighted(shares.ClipTurns))
        {
            case LabClipTurns.Places:
                return OfPlaces(random, shares);
            case LabClipTurns.List:
                string[] listed = Names(random, random.Between(2, 4));
                return ($"first {string.Join(", then ", listed)}.\n",
                    LabTurns.OfList(random, shares, listed, firstAndLast: true));
            case LabClipTurns.Motion:
                string[] things = Names(random, random.Between(2, 4));
                var movers = things.Take(random.Between(1, 2)).Select(name => (name, random.Pick(LabWorld.Directions))).ToList();
                return ($"moves: {string.Join(", ", movers.Select(mover => $"{mover.name} {mover.Item2}"))}."
                        + $"{Also(things.Skip(movers.Count))}\n",
                    LabTurns.OfMotion(random, shares, movers, things));
            case LabClipTurns.Brief:
                string[] all = Names(random, random.Between(2, 4));
                string scene = string.Join(", then ", all.Select((name, i) => i == all.Length / 2 ? "briefly " + name : name));
                return ($"first {scene}.\n", LabTurns.OfBrief(random, shares, all[all.Length / 2], all));
            case LabClipTurns.Plate:
                return OfPlate(random, shares);
            default:
                string[] order = Names(random, random.Between(2, 6));
                return ($"first {string.Join(", then ", order)}.\n", LabTurns.OfOrder(random, shares, order));
        }
    }

    private static (string Opening, List<LabQuestion> Turns) OfPicture(LabRandom random, LabShares shares)
    {
        switch ((LabPictureTurns)random.Weighted(shares.PictureTurns))
        {
            case LabPictureTurns.Single:
                string single = Names(random, 1)[0];
                return LabTurns.OfSingle(random, shares, single, $"this is the {single}.", shares.Rules);
            case LabPictureTurns.List:
                string[] listed = Names(random, random.Between(2, 4));
                return ($"{Here(InPlaces(random, listed, sorted: true))}\n",
                    LabTurns.OfList(random, shares, listed, firstAndLast: false));
            case LabPictureTurns.Plate:
                return OfPlate(random, shares);
            default:
                return OfPlaces(random, shares);
        }
    }

    private static (string, List<LabQuestion>) OfPlaces(LabRandom random, LabShares shares)
    {
        var things = InPlaces(random, Names(random, random.Between(2, 6)), sorted: false);
        return ($"{Here(things)}\n", LabTurns.OfPlaces(random, shares, things));
    }

    private static (string, List<LabQuestion>) OfPlate(LabRandom random, LabShares shares)
    {
        bool digits = random.Chance(0.5);
        var words = LabPlate.Draw(random, digits, 0, 0, 1).Words;
        return ($"{(digits ? "digits" : "letters")}: {string.Join(' ', words)}.\n",
            LabTurns.OfPlate(random, shares, words, digits));
    }

    private static List<(string Name, string Place)> InPlaces(LabRandom random, IReadOnlyList<string> names, bool sorted)
    {
        int[] cells = random.Distinct(names.Count, LabWorld.Places.Count);
        if (sorted)
            Array.Sort(cells);
        return [.. names.Zip(cells, (name, cell) => (name, LabWorld.Places[cell]))];
    }

    private static string Here(IEnumerable<(string Name, string Place)> things) =>
        $"here: {string.Join(", ", things.Select(thing => $"{thing.Name} {thing.Place}"))}.";

    private static string Also(IEnumerable<string> names) => string.Concat(names.Select(name => $" the {name} is here."));

    private static string[] Names(LabRandom random, int count) =>
        [.. random.Distinct(count, LabWorld.Objects.Count).Select(i => LabWorld.Objects[i].Name)];

    private static LabDocument Pairs(LabRandom random, string[] names, string[] labels, LabWording wording)
    {
        var segments = new List<LabSegment>();
        for (int round = 0; round < 3; round++)
            foreach (int i in random.Distinct(names.Length, names.Length))
                segments.AddRange(wording.Pair(" " + names[i], labels[i], learn: round > 0, "pair"));
        return Document(segments);
    }

    private static LabDocument Document(IReadOnlyList<LabSegment> segments) => new(LabSource.Text, [], segments);
}
