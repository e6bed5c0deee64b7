namespace Aim.Datasets;

/// <summary>
/// A picture's caption and what people wrote, as <see cref="PtbTokenizer"/> leaves them: lower-case tokens, a space between two,
/// no punctuation.
/// </summary>
/// <param name="Caption">The model's caption.</param>
/// <param name="References">The people's captions.</param>
public sealed record CaptionedPicture(string Caption, IReadOnlyList<string> References)
{
    /// <exception cref="ArgumentException">There is no picture, or one has no reference.</exception>
    internal static void Check(IReadOnlyList<CaptionedPicture> pictures)
    {
        if (pictures.Count == 0)
            throw new ArgumentException("no pictures: a caption score needs at least one");
        for (int i = 0; i < pictures.Count; i++)
            if (pictures[i].References.Count == 0)
                throw new ArgumentException($"picture {i} has no references; a caption is scored against one or more");
    }
}

/// <summary>A caption score: over the set, and for each picture in the set's order.</summary>
/// <param name="Set">The set's score; for BLEU it is not the mean of the pictures'.</param>
/// <param name="Pictures">Each picture's.</param>
public sealed record CaptionScore(double Set, IReadOnlyList<double> Pictures);
