namespace Aim.Datasets;

/// <summary>
/// Stage 1: text that teaches what the questions need besides looking: copying from context, look-up, and every question in its final
/// wording, asked of a scene told in words where the frames will stand.
/// </summary>
internal static class LabTexts
{
    private const int RepeatTokens = 40;

    /// <summary>A random sequence of 5 to 13 words, over and over for 40 tokens; learnt from the second copy on.</summary>
    public static LabDocument Repeats(LabRandom random)
    {
        var words = LabTokenizer.SpacedWords;
        var sequence = random.Distinct(random.Between(5, 13), words.Count).Select(i => " " + words[i]).ToArray();
        string Words(int from, int to) => string.Concat(Enumerable.Range(from, to - from).Select(i => sequence[i % sequence.Length]));
        return Document(
        [
            new(Words(0, sequence.Length), false, ""),
            new(Words(sequence.Length, RepeatTokens), true, "repeat"),
        ]);
    }

    /// <summary>3 to 6 pairs of object and code, told three times in changing order; the codes are learnt from the second time on.</summary>
    public static LabDocument Pairs(LabRandom random)
    {
        int count = random.Between(3, 6);
        int[] objects = random.Distinct(count, LabWorld.Objects.Count), codes = random.Distinct(count, LabWorld.Codes.Count);
        var segments = new List<LabSegment>();
        for (int round = 0; round < 3; round++)
            foreach (int i in random.Distinct(count, count))
            {
                segments.Add(new(" " + LabWorld.Objects[objects[i]].Name, false, ""));
                segments.Add(new(" " + LabWorld.Codes[codes[i]], round > 0, round > 0 ? "pair" : ""));
            }
        return Document(segments);
    }

    /// <summary>A scene in words, then the questions that a clip or picture would be asked.</summary>
    public static LabDocument Story(LabRandom random, LabShares shares)
    {
        switch (random.Below(3))
        {
            case 0:
                string[] order = Names(random, random.Between(3, 5));
                return Document(LabDocument.Chat($"first {string.Join(", then ", order)}.\n", LabTurns.OfOrder(random, shares, order)));
            case 1:
                string[] names = Names(random, random.Between(2, 6));
                var things = names.Zip(random.Distinct(names.Length, LabWorld.Places.Count), (name, cell) => (name, LabWorld.Places[cell])).ToArray();
                string scene = string.Join(", ", things.Select(thing => $"{thing.name} {thing.Item2}"));
                return Document(LabDocument.Chat($"here: {scene}.\n", LabTurns.OfPlaces(random, shares, things)));
            default:
                string single = Names(random, 1)[0];
                var (opening, turns) = LabTurns.OfSingle(random, shares, single, $"this is the {single}.");
                return Document(LabDocument.Chat(opening, turns));
        }
    }

    private static string[] Names(LabRandom random, int count) =>
        [.. random.Distinct(count, LabWorld.Objects.Count).Select(i => LabWorld.Objects[i].Name)];

    private static LabDocument Document(IReadOnlyList<LabSegment> segments) => new(LabSource.Text, null, [], segments);
}
