namespace Aim.Datasets;

/// <summary>How often each thing occurs in the training of lab-multi.</summary>
public sealed record LabMultiShares
{
    /// <summary>Batches of demonstrations: pictures with labels, the same few things again and again.</summary>
    public double Demonstrations { get; init; } = 0.55;

    /// <summary>
    /// Of the demonstrations: documents in which half of the pictures are told in words as well. Without them looking a label up
    /// by a picture does not form: with them there is always one side of the match that lab-single's lessons have taught.
    /// </summary>
    public double Told { get; init; } = 0.6;

    /// <summary>Batches of pictures with their names.</summary>
    public double Lists { get; init; } = 0.1;

    /// <summary>Batches of lab-single's data, so that nothing is forgotten.</summary>
    public double Singles { get; init; } = 0.35;

    /// <summary>The most pictures of a document.</summary>
    public int MostPictures { get; init; } = 17;

    /// <summary>Pictures in a batch of demonstrations or lists.</summary>
    public int PicturesInBatch { get; init; } = 24;

    /// <summary>Lab-single's shares.</summary>
    public LabSingleShares Single { get; init; } = new();
}

/// <summary>
/// The training data of lab-multi, the twin of lab-single that has seen several pictures in one sequence: demonstrations
/// (`&lt;image&gt;: LABEL`, <see cref="LabLesson"/> in any wording, fresh labels in every document) and lists of pictures with
/// names. Reserved labels, templates and held-out objects occur in none of these documents. Stages 0 and 1 are lab-single's.
/// </summary>
/// <param name="seed">The training seed.</param>
/// <param name="shares">What occurs how often; the defaults when null.</param>
public sealed class LabMultiStream(ulong seed, LabMultiShares? shares = null) : ILabStream
{
    private const int Singles = 0, Demonstrations = 1;
    private const int FewestPictures = 3, MostClasses = 4, MostListed = 6;

    private readonly LabSingleStream _single = new(seed, (shares ?? new LabMultiShares()).Single);

    /// <summary>What occurs how often.</summary>
    public LabMultiShares Shares { get; } = shares ?? new LabMultiShares();

    /// <inheritdoc/>
    public LabDense Dense(long step, int item, int patch = LabWorld.Patch) => _single.Dense(step, item, patch);

    /// <inheritdoc/>
    public LabDocument Text(long step, int item) => _single.Text(step, item);

    /// <inheritdoc/>
    public LabBatch Plan(long step) => Plan(step, out _);

    /// <inheritdoc/>
    public LabDocument Joint(long step, int item)
    {
        var plan = Plan(step, out int kind);
        var random = LabStream.Random(LabStream.Purpose.MultiJoint, seed, step, item);
        return kind switch
        {
            Singles => _single.Joint(step, item),
            Demonstrations => Demonstrate(random, plan.Frames),
            _ => List(random, plan.Frames),
        };
    }

    private LabBatch Plan(long step, out int kind)
    {
        var random = LabStream.Random(LabStream.Purpose.MultiPlan, seed, step, 0);
        kind = random.Weighted([Shares.Singles, Shares.Demonstrations, Shares.Lists]);
        if (kind == Singles)
            return _single.Plan(step);
        int most = kind == Demonstrations ? Shares.MostPictures : Math.Min(MostListed, Shares.MostPictures);
        int pictures = random.Between(FewestPictures, most);
        return new LabBatch(LabSource.Picture, pictures, Math.Max(1, Shares.PicturesInBatch / pictures), LabMedium.Image);
    }

    /// <summary>Each class comes once before any comes again; an answer is learnt from its class's second time on.</summary>
    private LabDocument Demonstrate(LabRandom random, int pictures)
    {
        bool tells = random.Chance(Shares.Told);
        var lesson = LabLesson.Draw(random, LabReserved.Current.StoryObjects, Math.Min(MostClasses, pictures - 1));
        int classes = lesson.Classes;
        var again = Enumerable.Range(0, pictures - classes).Select(_ => random.Below(classes));
        int[] order = [.. random.Distinct(classes, classes), .. again];
        return Document([.. order.Select((c, place) =>
            new Turn(lesson.Shot(c, random), place >= classes, tells && random.Chance(0.5), lesson.Kind))]);
    }

    private static LabDocument List(LabRandom random, int pictures) => Document(
        [.. Objects(random, pictures).Select(thing => new Turn(Named(random, thing), true, false, "name"))]);

    private static LabShot Named(LabRandom random, int thing)
    {
        string name = " " + LabWorld.Objects[thing].Name;
        return new LabShot(LabClip.PictureOf(random, LabSplit.Train, thing), name, "", name, "", thing);
    }

    private static LabDocument Document(IReadOnlyList<Turn> turns) => new(LabSource.Picture,
        [.. turns.Select(t => new LabShown(t.Shot.Picture, [0], LabMedium.Image))],
        [.. turns.SelectMany(t => t.Segments)]);

    /// <summary>A picture of a document: whether its answer is learnt, and whether words tell what matters of it.</summary>
    private readonly record struct Turn(LabShot Shot, bool Learn, bool Told, string Kind)
    {
        public IEnumerable<LabSegment> Segments => LabLesson.Segments(
            Shot, LabDocument.ImagePlaceholder + (Told ? Shot.Words : ""), Learn, $"{(Told ? "told" : "shown")}-{Kind}");
    }

    private static int[] Objects(LabRandom random, int count)
    {
        var allowed = LabReserved.Current.StoryObjects;
        return [.. random.Distinct(count, allowed.Count).Select(i => allowed[i])];
    }
}
