namespace Aim.Datasets;

/// <summary>Every fact that is asked, with its template: one fixed wording a kind, of few tokens.</summary>
internal static class LabFacts
{
    private static readonly string[] YesNo = ["yes", "no"], Counts = [.. LabWorld.Numbers.Skip(2).Take(5)];

    /// <summary>What appears first (<paramref name="last"/>: last) in a list of names in order of appearance.</summary>
    public static LabFact End(IReadOnlyList<string> order, bool last) => last
        ? new("last", "what appears last?", order[^1]) { Rivals = order }
        : new("first", "what appears first?", order[0]) { Rivals = order };

    /// <summary>What appears next after the <paramref name="index"/>-th.</summary>
    public static LabFact After(IReadOnlyList<string> order, int index) =>
        new("after", $"what comes after the {order[index]}?", order[index + 1]) { Rivals = order, Asked = [order[index]] };

    /// <summary>Whether the <paramref name="a"/>-th comes before the <paramref name="b"/>-th.</summary>
    public static LabFact Order(IReadOnlyList<string> order, int a, int b) =>
        new("order", $"does the {order[a]} come before the {order[b]}?", a < b ? "yes" : "no") { Pool = YesNo };

    /// <summary>Two things of the order, asked about so that the answer is <paramref name="yes"/>.</summary>
    public static LabFact Order(IReadOnlyList<string> order, bool yes, LabRandom random)
    {
        int[] pair = random.Distinct(2, order.Count);
        return Order(order, yes ? pair.Min() : pair.Max(), yes ? pair.Max() : pair.Min());
    }

    /// <summary>The names in their order: of appearance in clips, row by row in pictures.</summary>
    public static LabFact Describe(IReadOnlyList<string> names) =>
        new("describe", "list the things.", string.Join(", ", names)) { Pool = [] };

    /// <summary>What appears for a frame or two only.</summary>
    public static LabFact Brief(string brief, IReadOnlyList<string> all) =>
        new("brief", "what appears briefly?", brief) { Rivals = all };

    /// <summary>Which way something moves.</summary>
    public static LabFact Motion(string name, string direction) =>
        new("motion", $"which way does the {name} move?", direction) { Pool = LabWorld.Directions };

    /// <summary>What single thing this is.</summary>
    public static LabFact Name(string name) => new("name", "what is this?", name);

    /// <summary>What is at a place.</summary>
    public static LabFact At(string name, string place, IReadOnlyList<string> all) =>
        new("at", $"what is at {place}?", name) { Rivals = all };

    /// <summary>At which place something is.</summary>
    public static LabFact Where(string name, string place, IReadOnlyList<string> places) =>
        new("where", $"where is the {name}?", place) { Pool = LabWorld.Places, Rivals = places };

    /// <summary>How many things there are, 2 to 6.</summary>
    public static LabFact Count(int count) => new("count", "how many things?", LabWorld.Numbers[count]) { Pool = Counts };

    /// <summary>Whether something is there; the name is one of the scene's, or of none of them.</summary>
    public static LabFact There(IReadOnlyList<string> all, bool yes, LabRandom random) =>
        There("there", yes ? random.Pick(all) : Stranger(all, random), yes);

    /// <summary>Whether the thing that appears only briefly is there, or a thing that never appears.</summary>
    public static LabFact Glimpse(string brief, IReadOnlyList<string> all, bool yes, LabRandom random) =>
        There("glimpse", yes ? brief : Stranger(all, random), yes);

    /// <summary>Which of four things is there: with letters only.</summary>
    public static LabFact Which(IReadOnlyList<string> all, LabRandom random) =>
        new("there", "which is there?", random.Pick(all)) { Asked = all, NeedsOptions = true };

    /// <summary>All that a plate says.</summary>
    public static LabFact Read(IReadOnlyList<string> words, bool digits) => digits
        ? new("digits", "read the digits.", string.Join(' ', words)) { Pool = [] }
        : new("letters", "read the letters.", string.Join(' ', words)) { Pool = [] };

    /// <summary>
    /// The <paramref name="index"/>-th digit or letter of a plate. Options that are letters would confuse: letters are asked
    /// directly.
    /// </summary>
    public static LabFact Glyph(IReadOnlyList<string> words, int index, bool digits) => digits
        ? new("digit", $"what is the {LabWorld.Ordinals[index]} digit?", words[index]) { Pool = LabWorld.Numbers, Rivals = words }
        : new("letter", $"what is the {LabWorld.Ordinals[index]} letter?", words[index]) { Pool = [] };

    private static LabFact There(string kind, string name, bool yes) =>
        new(kind, $"is the {name} there?", yes ? "yes" : "no") { Pool = YesNo };

    private static string Stranger(IReadOnlyList<string> all, LabRandom random)
    {
        string name;
        do
            name = random.Pick(LabWorld.Objects).Name;
        while (all.Contains(name));
        return name;
    }
}
