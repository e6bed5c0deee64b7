namespace Aim.Datasets;

/// <summary>
/// How pairs of a thing and its label are worded in a document: what stands between them, and what closes a pair. Training draws
/// wordings freely, so that looking a label up does not hang on one of them: the in-context tests ask in wordings that training
/// never uses.
/// </summary>
/// <param name="Instruction">Behind the thing: nothing, a colon, or some words.</param>
/// <param name="Closing">Behind the label: nothing, or punctuation.</param>
internal readonly record struct LabWording(string Instruction, string Closing)
{
    private const double Bare = 0.2, Colon = 0.15;

    private static readonly string[] s_signs = ["", ":", "?"];
    private static readonly string[] s_closings = ["", ".", ",", "\n", ".\n", ",\n"];

    /// <summary>Draws a wording that is not reserved.</summary>
    public static LabWording Draw(LabRandom random)
    {
        double kind = random.Unit();
        if (kind < Bare)
            return new("", "");
        if (kind < Bare + Colon)
            return new(":", "");
        while (true)
        {
            int words = 1 + random.Weighted([0.5, 0.3, 0.2]);
            string instruction = string.Concat(
                Enumerable.Range(0, words).Select(_ => " " + random.Pick(LabTokenizer.FunctionWords)));
            var wording = new LabWording(instruction + random.Pick(s_signs), random.Pick(s_closings));
            if (LabReserved.Current.FindIn(LabDocument.ImagePlaceholder + wording.Instruction) is null)
                return wording;
        }
    }

    /// <summary>A pair: the thing, its label, what closes it.</summary>
    public IEnumerable<LabSegment> Pair(string thing, string label, bool learn, string kind)
    {
        yield return new(thing + Instruction, false, "");
        yield return new(" " + label, learn, learn ? kind : "");
        if (Closing.Length > 0)
            yield return new(Closing, false, "");
    }
}
