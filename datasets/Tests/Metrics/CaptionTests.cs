namespace Aim.Datasets.Tests.Metrics;

/// <summary>Caption scores: facts that hold for any captions, and inputs without a meaning.</summary>
public class CaptionTests
{
    private static readonly string[] Words = ["a", "dog", "cat", "on", "grass", "runs", "red", "ball"];

    private static string Caption(byte[] drawn) => string.Join(' ', drawn.Select(d => Words[d % Words.Length]));

    private static CaptionedPicture[] Pictures((byte[] Caption, byte[] First, byte[] Second)[] drawn)
        => [new("a dog runs", ["a dog on grass"]), .. drawn.Select(d
            => new CaptionedPicture(Caption(d.Caption), [Caption(d.First), Caption(d.Second)]))];

    private static IEnumerable<(double Most, CaptionScore Score)> Scores(CaptionedPicture[] pictures)
        => [.. Bleu.Of(pictures).Select(s => (1.0, s)), (1, RougeL.Of(pictures)), (10, CiderD.Of(pictures))];

    [FsCheck.NUnit.Property]
    public bool Scores_stay_in_range((byte[], byte[], byte[])[] drawn)
        => Scores(Pictures(drawn)).All(s => s.Score.Pictures.Append(s.Score.Set).All(v => v >= 0 && v <= s.Most + 1e-9));

    [FsCheck.NUnit.Property]
    public bool Neither_the_order_of_pictures_nor_of_references_matters((byte[], byte[], byte[])[] drawn)
    {
        var pictures = Pictures(drawn);
        CaptionedPicture[] turned = [.. pictures.Reverse().Select(p => p with { References = [.. p.References.Reverse()] })];
        return Scores(pictures).Zip(Scores(turned), (a, b) => Math.Abs(a.Score.Set - b.Score.Set) < 1e-9
            && a.Score.Pictures.Zip(b.Score.Pictures.Reverse(), (x, y) => Math.Abs(x - y) < 1e-9).All(x => x)).All(x => x);
    }

    [FsCheck.NUnit.Property]
    public bool Without_a_word_in_common_nothing_is_scored(FsCheck.NonEmptyArray<byte> drawn)
    {
        CaptionedPicture[] pictures = [new(Caption(drawn.Get), ["something else here"]), new("nothing", ["else"])];
        return Scores(pictures).All(s => s.Score.Pictures.All(v => v < 1e-3));
    }

    [Test]
    public void The_only_reference_word_by_word_is_perfect()
    {
        CaptionedPicture[] pictures =
            [new("a red dog runs fast", ["a red dog runs fast"]), new("two cats sleep on grass", ["two cats sleep on grass"])];
        foreach (var (most, score) in Scores(pictures))
            Assert.That(score.Pictures.Append(score.Set), Is.All.EqualTo(most).Within(1e-8));
    }

    /// <summary>Repeating what a reference says gains nothing: counts are clipped and the length differs.</summary>
    [Test]
    public void CIDEr_D_does_not_reward_repetition()
    {
        CaptionedPicture other = new("two cats", ["two cats sleep"]);
        double once = CiderD.Of([new("a red dog", ["a red dog runs"]), other]).Pictures[0];
        double thrice = CiderD.Of([new("a red dog a red dog a red dog", ["a red dog runs"]), other]).Pictures[0];
        Assert.That(thrice, Is.LessThan(once));
    }

    [Test]
    public void One_picture_alone_has_no_rare_words()
        => Assert.That(CiderD.Of([new("a dog", ["a dog"])]).Set, Is.Zero);

    [Test]
    public void Pictures_and_references_are_needed()
    {
        Assert.That(() => Bleu.Of([]), Throws.ArgumentException.With.Message.Contains("no pictures"));
        CaptionedPicture[] second = [new("a", ["b"]), new("a", [])];
        Assert.That(() => RougeL.Of(second), Throws.ArgumentException.With.Message.Contains("picture 1"));
        Assert.That(() => CiderD.Of([new("a", [])]), Throws.ArgumentException);
    }

    [FsCheck.NUnit.Property]
    public bool Captions_keep_their_lines(FsCheck.NonNull<string>[] captions)
    {
        string[] lines = [.. captions.Select(c => c.Get.Replace('\u0085', ' '))];
        var tokens = PtbTokenizer.Tokenize(lines);
        return tokens.Count == Math.Max(1, lines.Length) && tokens.All(t => !t.Contains('\n') && t == PythonText.Lower(t));
    }

    [TestCase("A man's dog isn't here.", "a man 's dog is n't here .")]
    [TestCase("\"Wow!\", etc.", "`` wow ! '' , etc. .")]
    [TestCase("", "")]
    [TestCase("😀", "")]
    public void A_caption_by_itself(string caption, string tokens)
        => Assert.That(PtbTokenizer.Tokenize(caption), Is.EqualTo(tokens));

    /// <summary>In a file of captions the next one says whether an abbreviation ends a sentence.</summary>
    [Test]
    public void The_next_caption_matters_as_it_does_upstream()
    {
        Assert.That(PtbTokenizer.Tokenize(["cars etc.", "a dog"])[0], Is.EqualTo("cars etc."));
        Assert.That(PtbTokenizer.Tokenize(["cars etc.", "A dog"])[0], Is.EqualTo("cars etc. ."));
    }

    [Test]
    public void Brackets_stay_where_punctuation_goes()
        => Assert.That(PtbTokenizer.WithoutPunctuation("a -lrb- b -rrb- , c -- !!! ."), Is.EqualTo("a -lrb- b -rrb- c !!!"));

    [Test]
    public void A_caption_is_no_book()
        => Assert.That(
            () => PtbTokenizer.Tokenize(["a", new string('a', PtbTokenizer.MaxCharacters + 1)]),
            Throws.ArgumentException.With.Message.Contains("caption 1"));
}
