namespace Aim.Datasets;

/// <summary>A query of a story.</summary>
/// <param name="Shots">Which pairs of the story stand before it, in this order.</param>
/// <param name="Picture">Its picture; null where the thing is named in words.</param>
/// <param name="Instruction">What stands behind the picture, or in its place.</param>
/// <param name="Answer">What is to be learnt, with a space in front.</param>
public sealed record LabStoryQuery(IReadOnlyList<int> Shots, LabClip? Picture, string Instruction, string Answer);

/// <summary>An interleaved document of the lab: pairs of picture and text, and queries on them.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="Shots">The pairs.</param>
/// <param name="Queries">What is asked.</param>
public sealed record LabStory(string Kind, IReadOnlyList<LabShot> Shots, IReadOnlyList<LabStoryQuery> Queries);

/// <summary>
/// The interleaved documents that a projection is trained on: objects that the in-context tests never show, labels and wordings
/// that they never use (<see cref="LabReserved"/>), pictures of the training split; all words of the lab, since a linear map
/// learns the directions that it sees. A story is a function of seed and index.
/// </summary>
public static class LabStories
{
    /// <summary>What stories tell, and how often.</summary>
    private static readonly (string Kind, double Share)[] s_kinds = [("labels", 0.6), ("names", 0.2), ("scenes", 0.2)];

    private const int FewestShots = 2, MostShots = 8, MostClasses = 4, QueriesOfAStory = 3;

    /// <summary>A story.</summary>
    /// <param name="seed">The training's seed.</param>
    /// <param name="index">Its number.</param>
    public static LabStory Of(ulong seed, int index)
    {
        var random = new LabRandom((ulong)LabStream.Purpose.Stories, seed, (ulong)index);
        var (instruction, closing) = LabWording.Draw(random);
        return s_kinds[random.Weighted([.. s_kinds.Select(k => k.Share)])].Kind switch
        {
            "labels" => Labels(random),
            "names" => Names(random, instruction, closing),
            _ => Scenes(random, instruction, closing),
        };
    }

    // A lesson of up to four classes; asked of another picture of one of them, or of what matters of it in words.
    private static LabStory Labels(LabRandom random)
    {
        int shots = random.Between(FewestShots, MostShots);
        var lesson = LabLesson.Draw(random, LabReserved.Current.StoryObjects, Math.Min(MostClasses, shots));
        var order = random.Distinct(lesson.Classes, lesson.Classes).ToList();
        while (order.Count < shots)
            order.Add(random.Below(lesson.Classes));
        LabShot[] pairs = [.. order.Select(c => lesson.Shot(c, random))];
        return new LabStory("labels", pairs, [.. Enumerable.Range(0, QueriesOfAStory).Select(_ =>
        {
            int c = random.Below(lesson.Classes);
            var query = lesson.Shot(c, random);
            bool inWords = random.Chance(0.4);
            return new LabStoryQuery(
                Prefix(random, pairs, c), inWords ? null : query.Picture,
                (inWords ? query.Words : "") + query.Instruction, query.Answer);
        })]);
    }

    // Pictures with their names.
    private static LabStory Names(LabRandom random, string instruction, string closing)
    {
        LabShot Shot(int thing) =>
            new(LabClip.PictureOf(random, LabSplit.Train, thing), Name(thing), instruction, Name(thing), closing, thing);
        LabShot[] pairs = [.. Objects(random, random.Between(FewestShots, MostShots)).Select(Shot)];
        return new LabStory("names", pairs, [.. Enumerable.Range(0, QueriesOfAStory).Select(_ =>
        {
            var query = Shot(Objects(random, 1)[0]);
            return new LabStoryQuery(
                [.. random.Distinct(pairs.Length, pairs.Length)], query.Picture, query.Instruction, query.Answer);
        })]);
    }

    // Pictures of several things: what they are, where, or how many.
    private static LabStory Scenes(LabRandom random, string instruction, string closing)
    {
        int told = random.Below(3);
        LabShot Shot()
        {
            int[] things = Objects(random, random.Between(told == 1 ? 1 : 2, told == 1 ? 1 : 4));
            int[] cells = [.. random.Distinct(things.Length, LabWorld.Places.Count).Order()];
            string answer = told switch
            {
                0 => string.Concat(things.Select(Name)),
                1 => $" {LabWorld.Places[cells[0]]}",
                _ => $" {LabWorld.Numbers[things.Length]}",
            };
            return new LabShot(
                LabClip.PictureOf(random, LabSplit.Train, things, cells),
                string.Concat(things.Select(Name)), instruction, answer, closing, 0);
        }

        LabShot[] pairs = [.. Enumerable.Range(0, random.Between(FewestShots, MostShots)).Select(_ => Shot())];
        return new LabStory("scenes", pairs, [.. Enumerable.Range(0, QueriesOfAStory).Select(_ =>
        {
            var query = Shot();
            return new LabStoryQuery(
                [.. random.Distinct(pairs.Length, pairs.Length)], query.Picture, query.Instruction, query.Answer);
        })]);
    }

    // Some of the pairs in some order, among them one of the class that is asked for.
    private static int[] Prefix(LabRandom random, LabShot[] pairs, int asked)
    {
        int[] order = random.Distinct(pairs.Length, pairs.Length);
        int first = Array.FindIndex(order, i => pairs[i].Class == asked),
            count = random.Between(Math.Max(first + 1, 1), pairs.Length);
        int[] some = order[..count];
        random.Shuffle(some);
        return some;
    }

    private static string Name(int thing) => " " + LabWorld.Objects[thing].Name;

    private static int[] Objects(LabRandom random, int count)
    {
        var allowed = LabReserved.Current.StoryObjects;
        return [.. random.Distinct(count, allowed.Count).Select(i => allowed[i])];
    }
}
