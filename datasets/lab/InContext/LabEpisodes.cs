namespace Aim.Datasets;

/// <summary>
/// Draws the episodes of the in-context tests: reserved labels, reserved wordings, objects that no document of several pictures
/// shows (<see cref="LabReserved"/>), pictures of the test split.
/// </summary>
public static class LabEpisodes
{
    /// <summary>The most demonstrations of an episode.</summary>
    public const int MostShots = 64;

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
        int[] objects = [.. random.Distinct(reserved.TestObjects.Count, reserved.TestObjects.Count)
            .Select(i => reserved.TestObjects[i])];
        string[] labels = [.. random.Distinct(reserved.Labels.Count, reserved.Labels.Count)
            .Select(i => " " + reserved.Labels[i])];
        int classes = Classes(task), asked = index / reserved.Templates.Count % classes;
        var wording = new LabWording(template.Query[LabTemplate.Thing.Length..], Closing(template));
        var lesson = new LabLesson(task, classes, random, objects, labels, LabSplit.Test, wording);
        // Each shot has a generator of its own: the first n of an episode do not depend on how many follow.
        LabShot At(int place, int c) =>
            lesson.Shot(c, new LabRandom((ulong)LabStream.Purpose.Episodes, (ulong)task, (ulong)index, (ulong)place + 1));
        var order = new List<int>();
        while (order.Count < shots)
            order.AddRange(random.Distinct(classes, classes));
        return new LabEpisode(
            task, index, template, [.. order.Take(shots).Select((c, place) => At(place, c))],
            At(MostShots, asked), Options(task, labels));
    }

    /// <summary>How many different things an episode's demonstrations must tell.</summary>
    public static int Classes(LabTask task) => task switch
    {
        LabTask.Object4 => 4,
        LabTask.Caption => 1,
        _ => 2,
    };

    // Where labels name classes, any reserved label may be answered: chance is one in sixteen, and knowing which labels the
    // demonstrations hold, but not whose they are, is one in as many as there are classes.
    private static string[] Options(LabTask task, string[] labels) => task switch
    {
        LabTask.Pair => [" yes", " no"],
        LabTask.Caption => [],
        _ => [.. labels.Order(StringComparer.Ordinal)],
    };

    private static string Closing(LabTemplate template)
        => template.Demonstration[(template.Query.Length + 1 + LabTemplate.Label.Length)..];
}
