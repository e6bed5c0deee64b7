namespace Aim.Datasets;

/// <summary>
/// Draws the episodes of the in-context tests: reserved labels, reserved wordings, objects that no document of several pictures shows
/// (<see cref="LabReserved"/>), pictures of the test split.
/// </summary>
public static class LabEpisodes
{
    /// <summary>The most demonstrations of an episode.</summary>
    public const int MostShots = 64;

    private const int FewestCounted = 2, MostCounted = 5, CaptionThings = 2;

    /// <summary>The first episodes of a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="count">How many.</param>
    /// <param name="shots">Demonstrations of each; fewer are a prefix of more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count, or not 0 to 64 shots.</exception>
    public static IReadOnlyList<LabEpisode> Of(LabTask task, int count, int shots)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(shots);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shots, MostShots);
        return [.. Enumerable.Range(0, count).Select(i => Draw(task, i, shots))];
    }

    private static LabEpisode Draw(LabTask task, int index, int shots)
    {
        var reserved = LabReserved.Current;
        // Templates and the query's class go round, so that every prefix is balanced.
        var template = reserved.Templates[index % reserved.Templates.Count];
        var random = new LabRandom((ulong)LabStream.Purpose.Episodes, (ulong)task, (ulong)index);
        int[] objects = [.. random.Distinct(reserved.TestObjects.Count, reserved.TestObjects.Count).Select(i => reserved.TestObjects[i])];
        string[] labels = [.. random.Distinct(reserved.Labels.Count, reserved.Labels.Count).Select(i => " " + reserved.Labels[i])];
        int classes = Classes(task), asked = index / reserved.Templates.Count % classes;
        Func<int, LabRandom, LabShot> shot = Shots(task, random, objects, labels, template);
        // Each shot has a generator of its own: the first n of an episode do not depend on how many follow.
        LabShot At(int place, int c) => shot(c, new LabRandom((ulong)LabStream.Purpose.Episodes, (ulong)task, (ulong)index, (ulong)place + 1));
        var order = new List<int>();
        while (order.Count < shots)
            order.AddRange(random.Distinct(classes, classes));
        return new LabEpisode(
            task, index, template, [.. order.Take(shots).Select((c, place) => At(place, c))], At(MostShots, asked), Options(task, labels));
    }

    /// <summary>How many different things an episode's demonstrations must tell.</summary>
    public static int Classes(LabTask task) => task switch
    {
        LabTask.Object4 => 4,
        LabTask.Caption => 1,
        _ => 2,
    };

    // Where labels name classes, any reserved label may be answered: chance is one in sixteen, and knowing which labels the demonstrations hold,
    // but not whose they are, is one in as many as there are classes.
    private static string[] Options(LabTask task, string[] labels) => task switch
    {
        LabTask.Pair => [" yes", " no"],
        LabTask.Caption => [],
        _ => [.. labels.Order(StringComparer.Ordinal)],
    };

    private static Func<int, LabRandom, LabShot> Shots(LabTask task, LabRandom random, int[] objects, string[] labels, LabTemplate template)
    {
        int[] cells = random.Distinct(LabWorld.Places.Count, LabWorld.Places.Count);
        int[] numbers = [.. random.Distinct(MostCounted - FewestCounted + 1, MostCounted - FewestCounted + 1).Select(i => i + FewestCounted)];
        bool sameIsYes = random.Chance(0.5);
        string instruction = template.Query[LabTemplate.Thing.Length..], closing = Closing(template);
        LabShot Labelled(LabClip picture, string words, int c) => new(picture, words, instruction, labels[c], closing, c);
        return task switch
        {
            LabTask.Object2 or LabTask.Object4 => (c, r) => Labelled(LabClip.PictureOf(r, LabSplit.Test, objects[c]), Name(objects[c]), c),
            LabTask.Position => (c, r) =>
                Labelled(LabClip.PictureOf(r, LabSplit.Test, [r.Pick(objects)], [cells[c]]), " " + LabWorld.Places[cells[c]], c),
            LabTask.Count => (c, r) => Labelled(
                LabClip.PictureOf(r, LabSplit.Test, Some(r, objects, numbers[c])), " " + LabWorld.Numbers[numbers[c]], c),
            LabTask.Pair => (c, r) =>
            {
                int[] two = Some(r, objects, 2);
                bool same = c == 0;
                return new LabShot(LabClip.PictureOf(r, LabSplit.Test, two[0]), Name(two[0]), Name(two[same ? 0 : 1]) + instruction,
                    same == sameIsYes ? " yes" : " no", closing, c);
            }
            ,
            LabTask.Caption => (_, r) =>
            {
                int[] shown = Some(r, objects, CaptionThings);
                int[] at = [.. r.Distinct(CaptionThings, LabWorld.Places.Count).Order()];
                return new LabShot(LabClip.PictureOf(r, LabSplit.Test, shown, at), string.Concat(shown.Select(Name)), instruction,
                    string.Concat(shown.Select(thing => labels[0] + Name(thing))), closing, 0);
            }
            ,
            LabTask.Shift => (c, r) =>
            {
                int[] some = Some(r, objects, 3);
                string asked = Name(some[c == 0 ? 0 : 2]);
                return new LabShot(LabClip.PictureOf(r, LabSplit.Test, some[..2]), string.Concat(some[..2].Select(Name)),
                    $" is the{asked} there?{instruction}", labels[c], closing, c);
            }
            ,
            _ => throw new ArgumentOutOfRangeException(nameof(task)),
        };
    }

    private static string Closing(LabTemplate template)
        => template.Demonstration[(template.Query.Length + 1 + LabTemplate.Label.Length)..];

    private static string Name(int thing) => " " + LabWorld.Objects[thing].Name;

    private static int[] Some(LabRandom random, int[] objects, int count) => [.. random.Distinct(count, objects.Length).Select(i => objects[i])];
}
