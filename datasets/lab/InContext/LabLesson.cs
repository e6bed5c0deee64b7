namespace Aim.Datasets;

/// <summary>
/// What demonstrations teach, and the shots that teach it: the same rules for the tests (<see cref="LabEpisodes"/>, reserved
/// labels and objects) and for what is trained on (<see cref="Draw"/>), so that a model can have learnt the task, never its
/// labels.
/// </summary>
internal sealed class LabLesson
{
    private const int FewestCounted = 2, MostCounted = 5, CaptionThings = 2;

    private static readonly (LabTask Task, double Share)[] s_training =
    [
        (LabTask.Object4, 0.45), (LabTask.Position, 0.13), (LabTask.Count, 0.1), (LabTask.Pair, 0.14), (LabTask.Caption, 0.06),
        (LabTask.Shift, 0.12),
    ];

    private readonly int[] _objects, _cells, _numbers;
    private readonly string[] _labels;
    private readonly LabSplit _split;
    private readonly bool _sameIsYes;

    /// <param name="task">What is taught.</param>
    /// <param name="classes">How many different things the shots must tell.</param>
    /// <param name="random">Draws what the lesson's classes are.</param>
    /// <param name="objects">The things that its pictures may show, in a random order.</param>
    /// <param name="labels">As many labels as classes or more, each with a space in front.</param>
    /// <param name="split">Which scenes it shows.</param>
    /// <param name="wording">How a shot is worded.</param>
    public LabLesson(
        LabTask task, int classes, LabRandom random, int[] objects, string[] labels, LabSplit split, LabWording wording)
    {
        (Task, Classes, Wording, _objects, _labels, _split) = (task, classes, wording, objects, labels, split);
        _cells = random.Distinct(LabWorld.Places.Count, LabWorld.Places.Count);
        _numbers = [.. random.Distinct(MostCounted - FewestCounted + 1, MostCounted - FewestCounted + 1)
            .Select(i => i + FewestCounted)];
        _sameIsYes = random.Chance(0.5);
    }

    /// <summary>What is taught.</summary>
    public LabTask Task { get; }

    /// <summary>How many different things its shots must tell.</summary>
    public int Classes { get; }

    /// <summary>How a shot is worded.</summary>
    public LabWording Wording { get; }

    /// <summary>The kind that training counts it as.</summary>
    public string Kind => Task switch
    {
        LabTask.Object2 or LabTask.Object4 => "pair",
        LabTask.Position => "position",
        LabTask.Count => "number",
        LabTask.Pair => "same",
        LabTask.Caption => "caption",
        _ => "shift",
    };

    /// <summary>A lesson of training: labels and wordings of training, objects of those given.</summary>
    /// <param name="random">Draws it.</param>
    /// <param name="things">Classes of the objects that it may show.</param>
    /// <param name="mostClasses">The most classes.</param>
    /// <param name="split">Which scenes it shows.</param>
    public static LabLesson Draw(LabRandom random, IReadOnlyList<int> things, int mostClasses, LabSplit split = LabSplit.Train)
    {
        var task = s_training[random.Weighted([.. s_training.Select(t => t.Share)])].Task;
        int classes = task switch
        {
            LabTask.Object4 => random.Between(2, mostClasses),
            LabTask.Position or LabTask.Count => random.Between(2, Math.Min(MostCounted - FewestCounted + 1, mostClasses)),
            LabTask.Caption => 1,
            _ => 2,
        };
        int[] objects = [.. random.Distinct(things.Count, things.Count).Select(i => things[i])];
        string[] labels = [.. LabLabels.Draw(random, classes).Select(label => " " + label)];
        return new LabLesson(task, classes, random, objects, labels, split, LabWording.Draw(random));
    }

    /// <summary>A shot of a class.</summary>
    public LabShot Shot(int c, LabRandom random)
    {
        switch (Task)
        {
            case LabTask.Object2 or LabTask.Object4:
                return Labelled(LabClip.PictureOf(random, _split, _objects[c]), Name(_objects[c]), c);
            case LabTask.Position:
                return Labelled(LabClip.PictureOf(random, _split, [random.Pick(_objects)], [_cells[c]]),
                    " " + LabWorld.Places[_cells[c]], c);
            case LabTask.Count:
                return Labelled(LabClip.PictureOf(random, _split, Some(random, _numbers[c])),
                    " " + LabWorld.Numbers[_numbers[c]], c);
            case LabTask.Pair:
                int[] two = Some(random, 2);
                bool same = c == 0;
                return Of(LabClip.PictureOf(random, _split, two[0]), Name(two[0]), Name(two[same ? 0 : 1]),
                    same == _sameIsYes ? " yes" : " no", c);
            case LabTask.Caption:
                int[] shown = Some(random, CaptionThings);
                int[] at = [.. random.Distinct(CaptionThings, LabWorld.Places.Count).Order()];
                return Of(LabClip.PictureOf(random, _split, shown, at), string.Concat(shown.Select(Name)), "",
                    string.Concat(shown.Select(thing => _labels[0] + Name(thing))), 0);
            case LabTask.Shift:
                int[] some = Some(random, 3);
                return Of(LabClip.PictureOf(random, _split, some[..2]), string.Concat(some[..2].Select(Name)),
                    $" is the{Name(some[c == 0 ? 0 : 2])} there?", _labels[c], c);
            default:
                throw new ArgumentOutOfRangeException(nameof(c), $"no shots of {Task}");
        }
    }

    /// <summary>
    /// The segments of a shot: its picture (or what matters of it, told in words), instruction, answer and closing.
    /// </summary>
    /// <param name="shot">The shot.</param>
    /// <param name="shown">What stands for the picture.</param>
    /// <param name="learn">Whether the answer is learnt, and with it where it ends.</param>
    /// <param name="kind">The kind that it counts as.</param>
    public static IEnumerable<LabSegment> Segments(LabShot shot, string shown, bool learn, string kind)
    {
        yield return new(shown + shot.Instruction, false, "");
        yield return new(shot.Answer, learn, learn ? kind : "");
        if (shot.Closing.Length > 0)
            yield return new(shot.Closing, learn, learn ? "closing" : "");
    }

    private LabShot Labelled(LabClip picture, string words, int c) => Of(picture, words, "", _labels[c], c);

    private LabShot Of(LabClip picture, string words, string asked, string answer, int c) =>
        new(picture, words, asked + Wording.Instruction, answer, Wording.Closing, c);

    private static string Name(int thing) => " " + LabWorld.Objects[thing].Name;

    private int[] Some(LabRandom random, int count) => [.. random.Distinct(count, _objects.Length).Select(i => _objects[i])];
}
