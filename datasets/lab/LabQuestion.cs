namespace Aim.Datasets;

/// <summary>A question about a scene, in the words that the prompt holds.</summary>
/// <param name="Kind">What is asked, in which form: `first`, `mc-first`, `code-first`, `hop-first`, ...</param>
/// <param name="Question">The user's text, without the placeholder of what is shown.</param>
/// <param name="Answer">One word, but for lists (`describe`, `digits`). In a prompt it follows `assistant\n` with a leading
/// space, so that the answer is the same token as the word inside a sentence.</param>
/// <param name="Choices">The possible answers where the question names them (letters, codes, yes and no), else empty.</param>
public sealed record LabQuestion(string Kind, string Question, string Answer, IReadOnlyList<string> Choices)
{
    /// <summary>A rule that is told before the picture is shown; empty but for the kind `rule`.</summary>
    public string Before { get; init; } = "";
}

/// <summary>The form a fact is asked in.</summary>
public enum LabForm
{
    /// <summary>The bare question: `what appears first?` -> `dog`.</summary>
    Direct,

    /// <summary>Multiple choice: `what appears first? A. cat B. dog C. bus D. key` -> `B`.</summary>
    Choice,

    /// <summary>A code book: `codes: cat zorb, dog blip, bus wug, key dax. code of what appears first?` -> `blip`.</summary>
    Code,

    /// <summary>
    /// Two hops, by what the object is: `rules: food zorb, animal blip, vehicle wug, thing dax. rule of what appears first?` ->
    /// `blip`.
    /// </summary>
    Hop,
}
