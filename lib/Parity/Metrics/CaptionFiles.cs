using System.Text.Json;
using Aim.Datasets;

namespace Aim.Parity;

/// <summary>ptb_tokenizer.json and captions.json.</summary>
internal static class CaptionFiles
{
    /// <summary>Lines of one file, as the tokenizer cuts them, and without punctuation.</summary>
    public static void Tokens(Comparison c, JsonElement root)
    {
        var cases = root.NeedItems("cases");
        var tokens = PtbTokenizer.Tokenize([.. cases.Select(i => i.NeedText("line"))]);
        for (int i = 0; i < cases.Length; i++)
        {
            c.Text($"tokens of line {i}", tokens[i], cases[i].NeedText("tokens"));
            c.Text($"filtered tokens of line {i}", PtbTokenizer.WithoutPunctuation(tokens[i]), cases[i].NeedText("filtered"));
        }
    }

    /// <summary>The captions' tokens, and BLEU, ROUGE-L and CIDEr-D of the set and of its first pictures alone.</summary>
    public static void Scores(Comparison c, JsonElement root)
    {
        var images = root.NeedItems("images");
        string[] All(string field) => [.. images.SelectMany(i => i.NeedTexts(field))];
        string[] Each(string field) => [.. images.Select(i => i.NeedText(field))];
        Tokenised(c, All("references"), All("tokenised_references"));
        Tokenised(c, Each("hypothesis"), Each("tokenised_hypothesis"));

        CaptionedPicture[] pictures = [.. images.Select(i => new CaptionedPicture(
            i.NeedText("tokenised_hypothesis"), i.NeedTexts("tokenised_references")))];
        Compare(c, "", pictures, root.Need("corpus"), [.. images.Select(i => i.Need("scores"))]);
        foreach (var (field, count) in new[] { ("first_three_images_only", 3), ("first_image_only", 1) })
        {
            if (root.TryField(field, out var subset))
                Compare(c, $"{field} ", pictures[..count], subset.Need("corpus"), subset.NeedItems("per_image"));
        }
    }

    private static void Tokenised(Comparison c, string[] captions, string[] expected)
    {
        if (captions.Length != expected.Length)
            throw new BadFixtureException($"{captions.Length} captions have {expected.Length} tokenised forms");
        var tokens = PtbTokenizer.Tokenize(captions);
        for (int i = 0; i < captions.Length; i++)
            c.Text($"'{captions[i]}' tokenised", PtbTokenizer.WithoutPunctuation(tokens[i]), expected[i]);
    }

    private static void Compare(Comparison c, string set, CaptionedPicture[] pictures, JsonElement corpus, JsonElement[] each)
    {
        var scores = Bleu.Of(pictures).Select((score, n) => ($"BLEU_{n + 1}", score))
            .Append(("ROUGE_L", RougeL.Of(pictures))).Append(("CIDEr_D", CiderD.Of(pictures)));
        foreach (var (name, score) in scores)
        {
            c.Number(corpus, name, score.Set, $"{set}{name}");
            double[] expected = [.. each.Select(i => i.NeedNumber(name))];
            c.Close($"{set}{name} by picture", [.. score.Pictures], expected, MetricsFields.Usual);
        }
    }
}
