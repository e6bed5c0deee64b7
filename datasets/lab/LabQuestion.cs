namespace Aim.Datasets;

/// <summary>A question about a scene, in the words that the prompt holds.</summary>
/// <param name="Kind">What is asked, in which form: `first`, `mc-first`, `code-first`, ...</param>
/// <param name="Question">The user's text, without the video placeholder.</param>
/// <param name="Answer">One word. In a prompt it follows `assistant\n` with a leading space, so that the answer is the same token as
/// the word inside a sentence.</param>
/// <param name="Choices">The possible answers where the question names them (letters, codes, yes and no), else empty.</param>
public sealed record LabQuestion(string Kind, string Question, string Answer, IReadOnlyList<string> Choices);

/// <summary>The form a fact is asked in.</summary>
public enum LabForm
{
    /// <summary>The bare question: `what appears first?` -> `dog`.</summary>
    Direct,

    /// <summary>Multiple choice: `what appears first? A. cat B. dog C. bus D. key` -> `B`.</summary>
    Choice,

    /// <summary>A code book: `codes: cat zorb, dog blip, bus wug, key dax. code of what appears first?` -> `blip`.</summary>
    Code,
}

/// <summary>Something true of a scene that can be asked in several forms.</summary>
/// <param name="Kind">The kind's name in the direct form.</param>
/// <param name="Question">The bare question.</param>
/// <param name="Answer">The answer to the bare question: an object.</param>
/// <param name="Rivals">Other objects of the same scene: they make better wrong options than objects that are not there.</param>
/// <param name="Asked">The object that the question names, which is never an option; empty where it names none.</param>
internal sealed record LabFact(string Kind, string Question, string Answer, IReadOnlyList<string> Rivals, string Asked = "")
{
    private const int Options = 4;

    /// <summary>Asks for the fact.</summary>
    /// <param name="form">How.</param>
    /// <param name="random">Draws wrong options, codes and orders.</param>
    /// <param name="slot">Where the right option stands, 0 to 3; drawn when null.</param>
    public LabQuestion Ask(LabForm form, LabRandom random, int? slot = null)
    {
        if (form == LabForm.Direct)
            return new LabQuestion(Kind, Question, Answer, []);
        var (names, right) = DrawOptions(random, slot ?? random.Below(Options));
        if (form == LabForm.Choice)
        {
            var options = names.Select((name, i) => $" {LabWorld.Letters[i]}. {name}");
            return new LabQuestion("mc-" + Kind, Question + string.Concat(options), LabWorld.Letters[right], LabWorld.Letters);
        }
        string[] codes = [.. random.Distinct(Options, LabWorld.Codes.Count).Select(i => LabWorld.Codes[i])];
        return new LabQuestion("code-" + Kind, $"{Book(names, codes)} code of {Question}", codes[right], codes);
    }

    /// <summary>The code book as text: `codes: cat zorb, dog blip, bus wug, key dax.`</summary>
    public static string Book(IReadOnlyList<string> names, IReadOnlyList<string> codes) =>
        "codes: " + string.Join(", ", names.Zip(codes, (name, code) => $"{name} {code}")) + ".";

    private (string[] Names, int Right) DrawOptions(LabRandom random, int right)
    {
        var wrong = Rivals.ToList();
        random.Shuffle(wrong);
        while (wrong.Count < Options - 1)
        {
            string name = random.Pick(LabWorld.Objects).Name;
            if (name != Answer && name != Asked && !wrong.Contains(name))
                wrong.Add(name);
        }
        var names = wrong.Take(Options - 1).ToList();
        random.Shuffle(names);                          // a rival must not stand before a stranger by rule
        names.Insert(right, Answer);
        return ([.. names], right);
    }
}
