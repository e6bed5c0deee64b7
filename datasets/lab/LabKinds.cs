namespace Aim.Datasets;

/// <summary>What a kind of question needs to be shown.</summary>
public enum LabScene
{
    /// <summary>Things that appear one after the other; in a picture: things in their places.</summary>
    Things,

    /// <summary>A clip in which one thing appears only briefly.</summary>
    Glimpse,

    /// <summary>A clip in which things move.</summary>
    Moving,

    /// <summary>A plate with digits.</summary>
    Digits,

    /// <summary>A plate with letters.</summary>
    Letters,

    /// <summary>A picture of one thing.</summary>
    Single,
}

/// <summary>
/// What can be asked of clips and of single pictures. A kind is a fact (`first`, `at`, `count`, ...), alone or behind the form it
/// is asked in: `mc-` with letters, `code-` with a code book, `hop-` with a rule about what the object is. The wordings are in
/// <see cref="LabFacts"/>.
/// </summary>
public static class LabKinds
{
    /// <summary>The kinds of the default test set, in the rotation in which they are asked.</summary>
    public static IReadOnlyList<string> Test { get; } =
    [
        "first", "last", "there", "after", "order", "count", "at", "where", "motion",
        "mc-first", "mc-last", "mc-there", "code-first", "code-last", "hop-first", "hop-last",
    ];

    /// <summary>Every kind that can be asked of a clip.</summary>
    public static IReadOnlyList<string> Clip { get; } =
    [
        "first", "last", "after", "there", "order", "count", "at", "where", "describe", "motion", "brief", "glimpse",
        "digits", "letters", "digit", "letter",
        "mc-first", "mc-last", "mc-after", "mc-there", "mc-order", "mc-count", "mc-at", "mc-where", "mc-motion",
        "mc-brief", "mc-digit",
        "code-first", "code-last", "code-after", "code-at", "code-brief",
        "hop-first", "hop-last", "hop-after", "hop-at", "hop-brief",
    ];

    /// <summary>Every kind that can be asked of a single picture.</summary>
    public static IReadOnlyList<string> Picture { get; } =
    [
        "at", "where", "count", "there", "describe", "name", "rule", "digits", "letters", "digit", "letter",
        "mc-at", "mc-where", "mc-count", "mc-there", "mc-name", "mc-digit", "code-at", "code-name", "hop-at", "hop-name",
    ];

    /// <summary>The kinds whose answer is about a thing that few sampled frames may miss.</summary>
    public static bool IsBrief(string kind) => Split(kind).Fact is "brief" or "glimpse";

    /// <summary>The kinds whose answer depends on the order of the frames.</summary>
    public static bool DependsOnOrder(string kind) =>
        Split(kind).Fact is "first" or "last" or "after" or "order" or "motion" or "describe";

    /// <summary>The text-dense kinds.</summary>
    public static bool IsTextDense(string kind) => SceneOf(kind) is LabScene.Digits or LabScene.Letters;

    /// <summary>What the kind needs to be shown.</summary>
    public static LabScene SceneOf(string kind) => Split(kind).Fact switch
    {
        "brief" or "glimpse" => LabScene.Glimpse,
        "motion" => LabScene.Moving,
        "digits" or "digit" => LabScene.Digits,
        "letters" or "letter" => LabScene.Letters,
        "name" or "rule" => LabScene.Single,
        _ => LabScene.Things,
    };

    /// <summary>One question of the given kind about a clip or a picture that shows what the kind needs.</summary>
    /// <param name="clip">The clip, or a picture (a clip of one frame).</param>
    /// <param name="kind">One of <see cref="Clip"/>, or of <see cref="Picture"/> for a picture.</param>
    /// <param name="random">Draws what the kind leaves open.</param>
    /// <param name="turn">
    /// Counts the questions of this kind: answers and letters go round with it, so that they are balanced.
    /// </param>
    /// <exception cref="ArgumentException">The kind is not one of those, or the clip does not show what it needs.</exception>
    public static LabQuestion Ask(LabClip clip, string kind, LabRandom random, int turn) =>
        Ask(Fact(clip, kind, random, turn), kind, random, turn);

    /// <summary>The fact behind a kind.</summary>
    internal static LabFact Fact(LabClip clip, string kind, LabRandom random, int turn)
    {
        bool isPicture = clip.Length == 1;
        if (!(isPicture ? Picture : Clip).Contains(kind))
            throw new ArgumentException($"no kind '{kind}'; the kinds of {(isPicture ? "pictures" : "clips")} are "
                + $"{string.Join(", ", isPicture ? Picture : Clip)}");
        var (form, fact) = Split(kind);
        // With letters the answer's truth turns at half the speed of its letter, so that the two are independent.
        bool yes = (form == LabForm.Direct ? turn : turn / 2) % 2 == 0;
        string[] names = [.. InOrder(clip).Select(thing => thing.Name)];
        var any = clip.Things.Count > 0 ? random.Pick(clip.Things) : null;
        return fact switch
        {
            "first" => LabFacts.End(names, last: false),
            "last" => LabFacts.End(names, last: true),
            "after" => LabFacts.After(names, random.Below(names.Length - 1)),
            "there" when form == LabForm.Choice => LabFacts.Which(names, random),
            "there" => LabFacts.There(names, yes, random),
            "order" => LabFacts.Order(names, yes, random),
            "count" => LabFacts.Count(names.Length),
            "at" => LabFacts.At(any!.Name, any.Place, names),
            "where" => LabFacts.Where(any!.Name, any.Place, [.. clip.Things.Select(thing => thing.Place)]),
            "describe" => LabFacts.Describe(names),
            "name" or "rule" => LabFacts.Name(names[0]),
            "motion" => Moved(clip, random),
            "brief" => LabFacts.Brief(BriefOf(clip), names),
            "glimpse" => LabFacts.Glimpse(BriefOf(clip), names, yes, random),
            _ => clip.Plate is { } plate && plate.HasDigits == fact is "digits" or "digit"
                ? fact is "digits" or "letters" ? LabFacts.Read(plate.Words, plate.HasDigits)
                    : LabFacts.Glyph(plate.Words, random.Below(plate.Words.Count), plate.HasDigits)
                : throw new ArgumentException($"'{kind}' needs a plate of {SceneOf(kind)}"),
        };
    }

    /// <summary>Asks a fact in the form that the kind names.</summary>
    internal static LabQuestion Ask(LabFact fact, string kind, LabRandom random, int turn)
    {
        return kind == "rule" ? fact.AskRule(random, turn) : fact.Ask(Split(kind).Form, random, turn);
    }

    /// <summary>A clip's things in order of appearance, a picture's row by row.</summary>
    internal static IEnumerable<LabThing> InOrder(LabClip clip) =>
        clip.Length == 1 ? clip.Things.OrderBy(thing => thing.Cell) : clip.Things;

    /// <summary>A kind's form and fact.</summary>
    internal static (LabForm Form, string Fact) Split(string kind) => kind.Split('-') switch
    {
        ["mc", var fact] => (LabForm.Choice, fact),
        ["code", var fact] => (LabForm.Code, fact),
        ["hop", var fact] => (LabForm.Hop, fact),
        _ => (LabForm.Direct, kind),
    };

    private static LabFact Moved(LabClip clip, LabRandom random)
    {
        LabThing[] movers = [.. clip.Things.Where(thing => thing.Direction.Length > 0)];
        if (movers.Length == 0)
            throw new ArgumentException("'motion' needs a clip in which something moves");
        var mover = random.Pick(movers);
        return LabFacts.Motion(mover.Name, mover.Direction);
    }

    private static string BriefOf(LabClip clip) =>
        clip.Brief?.Name ?? throw new ArgumentException("a clip in which something appears briefly is needed");
}
