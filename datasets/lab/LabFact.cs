namespace Aim.Datasets;

/// <summary>Something true of a scene that can be asked in several forms.</summary>
/// <param name="Kind">The kind's name in the direct form.</param>
/// <param name="Question">The bare question.</param>
/// <param name="Answer">The answer to the bare question.</param>
internal sealed record LabFact(string Kind, string Question, string Answer)
{
    private const int Options = 4;
    private static readonly string[] Objects = [.. LabWorld.Objects.Select(thing => thing.Name)];

    /// <summary>What the answer is one of; empty where it is a list, which is asked directly only.</summary>
    public IReadOnlyList<string> Pool { get; init; } = Objects;

    /// <summary>Other answers that the scene suggests: they make better wrong options than strangers.</summary>
    public IReadOnlyList<string> Rivals { get; init; } = [];

    /// <summary>Words that are never an option: those that the question names.</summary>
    public IReadOnlyList<string> Asked { get; init; } = [];

    /// <summary>Whether the bare question says too little: it is asked with letters only.</summary>
    public bool NeedsOptions { get; init; }

    /// <summary>Whether the answer is an object: only then are there code books and two hops.</summary>
    public bool IsObject => ReferenceEquals(Pool, Objects);

    /// <summary>Whether the fact can be asked in this form.</summary>
    public bool Allows(LabForm form) => form switch
    {
        LabForm.Direct => !NeedsOptions,
        LabForm.Choice => Pool.Count > 1,
        _ => IsObject && !NeedsOptions,
    };

    /// <summary>Asks for the fact.</summary>
    /// <param name="form">How.</param>
    /// <param name="random">Draws wrong options, codes and orders.</param>
    /// <param name="slot">Where the right option stands, from 0; drawn when null.</param>
    public LabQuestion Ask(LabForm form, LabRandom random, int? slot = null) => form switch
    {
        LabForm.Direct => new LabQuestion(Kind, Question, Answer, Pool.Count == 2 ? Pool : []),
        LabForm.Choice => Choice("mc-" + Kind, Question, random, slot),
        LabForm.Code => Book("code-" + Kind, "code of " + Question, random, slot),
        _ => Rule("hop-" + Kind, "rule of " + Question, random, slot),
    };

    /// <summary>The same work with words as after the look, but the look is spared: the text names the answer.</summary>
    public LabQuestion AskTold(LabForm form, LabRandom random) => form switch
    {
        LabForm.Choice => Choice("told-mc", $"it is {(IsObject ? "the " : "")}{Answer}.", random, null),
        LabForm.Code => Book("told-code", $"code of the {Answer}?", random, null),
        _ => Rule("told-hop", $"rule of the {Answer}?", random, null),
    };

    private LabQuestion Choice(string kind, string question, LabRandom random, int? slot)
    {
        var (names, right) = DrawOptions(random, slot);
        string[] letters = [.. LabWorld.Letters.Take(names.Length)];
        return new LabQuestion(
            kind, question + string.Concat(names.Select((name, i) => $" {letters[i]}. {name}")), letters[right], letters);
    }

    private LabQuestion Book(string kind, string question, LabRandom random, int? slot)
    {
        var (names, codes, right) = DrawBook(random, slot);
        return new LabQuestion(kind, $"codes: {Pairs(names, codes)}. {question}", codes[right], codes);
    }

    private LabQuestion Rule(string kind, string question, LabRandom random, int? slot)
    {
        string category = LabWorld.CategoryOf(Answer);
        var others = LabWorld.Categories.Where(c => c != category).ToList();
        // Drawn evenly, whatever else is there: a category must not tell by being rare.
        random.Shuffle(others);
        int right = (slot ?? random.Below(Options)) % Options;
        string[] names = [.. others.Take(right), category, .. others.Skip(right).Take(Options - 1 - right)],
            codes = Codes(random);
        return new LabQuestion(kind, $"rules: {Pairs(names, codes)}. {question}", codes[right], codes);
    }

    /// <summary>
    /// Asked with a code book that is told before the thing is shown: `codes: key wug, dog blip, bus tov, cat dax.`
    /// </summary>
    public LabQuestion AskRule(LabRandom random, int? slot)
    {
        var (names, codes, right) = DrawBook(random, slot);
        return new LabQuestion("rule", "what is the code?", codes[right], codes) { Before = $"codes: {Pairs(names, codes)}." };
    }

    private (string[] Names, string[] Codes, int Right) DrawBook(LabRandom random, int? slot)
    {
        var (names, right) = DrawOptions(random, slot);
        return (names, Codes(random), right);
    }

    private static string[] Codes(LabRandom random) =>
        [.. random.Distinct(Options, LabWorld.Codes.Count).Select(i => LabWorld.Codes[i])];

    private static string Pairs(IReadOnlyList<string> names, IReadOnlyList<string> codes) =>
        string.Join(", ", names.Zip(codes, (name, code) => $"{name} {code}"));

    private (string[] Names, int Right) DrawOptions(LabRandom random, int? slot)
    {
        int options = Math.Min(Options, Pool.Count), right = (slot ?? random.Below(options)) % options;
        var wrong = Rivals.Where(name => name != Answer && !Asked.Contains(name)).Distinct().ToList();
        random.Shuffle(wrong);
        while (wrong.Count < options - 1)
        {
            string name = random.Pick(Pool);
            if (name != Answer && !Asked.Contains(name) && !wrong.Contains(name))
                wrong.Add(name);
        }
        var names = wrong.Take(options - 1).ToList();
        random.Shuffle(names);                          // a rival must not stand before a stranger by rule
        names.Insert(right, Answer);
        return ([.. names], right);
    }
}
