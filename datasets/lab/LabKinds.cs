namespace Aim.Datasets;

/// <summary>
/// What can be asked. Clips: what appears first, last, after something, and whether something is there. Pictures: what is where, how
/// many, what single thing. Facts whose answer is an object are also asked with letters and with a code book, so that text work
/// follows the look. All templates of the lab's questions are in this file and in <see cref="LabFact"/>.
/// </summary>
public static class LabKinds
{
    /// <summary>The kinds of the test set, in the rotation in which they are asked.</summary>
    public static IReadOnlyList<string> Test { get; } =
        ["first", "last", "there", "after", "mc-first", "mc-last", "code-first", "code-last"];

    /// <summary>Every kind that can be asked of a clip.</summary>
    public static IReadOnlyList<string> Clip { get; } = [.. Test, "mc-after", "code-after"];

    /// <summary>The kinds whose answer depends on the order of the frames.</summary>
    public static bool DependsOnOrder(string kind) => kind != "there";

    /// <summary>What appears first (<paramref name="last"/>: last) in a list of names in order of appearance.</summary>
    internal static LabFact End(IReadOnlyList<string> order, bool last) => last
        ? Fact("last", "what appears last?", order[^1], order)
        : Fact("first", "what appears first?", order[0], order);

    /// <summary>What appears next after the <paramref name="index"/>-th.</summary>
    internal static LabFact After(IReadOnlyList<string> order, int index) =>
        Fact("after", $"what comes after the {order[index]}?", order[index + 1],
            [.. order.Where(name => name != order[index])]) with
        { Asked = order[index] };

    /// <summary>What single thing this is.</summary>
    internal static LabFact Name(string name) => Fact("name", "what is this?", name, [name]);

    /// <summary>What is at a place.</summary>
    internal static LabFact At(string name, string place, IReadOnlyList<string> all) => Fact("at", $"what is at {place}?", name, all);

    /// <summary>At which place something is; direct only.</summary>
    internal static LabQuestion Where(string name, string place) => new("where", $"where is the {name}?", place, []);

    /// <summary>How many things there are; direct only.</summary>
    internal static LabQuestion Count(int count) => new("count", "how many things?", LabWorld.Numbers[count], []);

    /// <summary>Whether something is there; the name is one of the scene's, or of none of them.</summary>
    internal static LabQuestion There(IReadOnlyList<string> all, bool yes, LabRandom random)
    {
        string name = random.Pick(all);
        while (!yes && all.Contains(name))
            name = random.Pick(LabWorld.Objects).Name;
        return new LabQuestion("there", $"is the {name} there?", yes ? "yes" : "no", ["yes", "no"]);
    }

    /// <summary>One question of the given kind about a clip.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="kind">One of <see cref="Clip"/>.</param>
    /// <param name="random">Draws what the kind leaves open.</param>
    /// <param name="turn">Counts the questions of this kind: answers and letters go round with it, so that they are balanced.</param>
    /// <exception cref="ArgumentException">The kind is not one of <see cref="Clip"/>.</exception>
    public static LabQuestion Ask(LabClip clip, string kind, LabRandom random, int turn)
    {
        string[] order = [.. clip.Things.Select(thing => thing.Name)];
        if (kind == "there")
            return There(order, turn % 2 == 0, random);
        var (form, fact) = kind.Split('-') switch
        {
            ["mc", var rest] => (LabForm.Choice, rest),
            ["code", var rest] => (LabForm.Code, rest),
            _ => (LabForm.Direct, kind),
        };
        var asked = fact switch
        {
            "first" => End(order, last: false),
            "last" => End(order, last: true),
            "after" => After(order, random.Below(order.Length - 1)),
            _ => throw new ArgumentException($"no kind '{kind}'; the kinds of clips are {string.Join(", ", Clip)}"),
        };
        return asked.Ask(form, random, turn % LabWorld.Letters.Count);
    }

    private static LabFact Fact(string kind, string question, string answer, IReadOnlyList<string> all) =>
        new(kind, question, answer, [.. all.Where(name => name != answer)]);
}
