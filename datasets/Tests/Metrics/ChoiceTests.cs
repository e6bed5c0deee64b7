namespace Aim.Datasets.Tests.Metrics;

/// <summary>Yes/no and multiple choice: what all rules agree on, and inputs without a meaning.</summary>
public class ChoiceTests
{
    private static readonly string[] Options = ["washing dishes", "opening a door", "playing chess", "two dogs"];

    [FsCheck.NUnit.Property]
    public bool A_plain_letter_is_found_by_every_rule(byte drawn)
    {
        int option = drawn % 4;
        char letter = (char)('A' + option);
        string answer = letter.ToString();
        var byLetter = Options.Select((text, i) => ((char)('A' + i), text)).ToDictionary();
        return ChoiceExtractor.Extract(answer) == letter && ChoicePatterns.MvBench(answer) == letter
            && ChoicePatterns.PerceptionTest(answer) == letter && ChoiceByPlace.EgoSchema(answer, Options) == letter
            && ChoiceByPlace.NextQa(answer, Options) == letter && MmBench.NamedOption(answer, byLetter) == letter
            && ScienceQa.IsRight(option, answer);
    }

    [FsCheck.NUnit.Property]
    public bool What_is_extracted_is_an_option(FsCheck.NonNull<string> answer)
        => ChoiceExtractor.Extract(answer.Get, "ABC") is null or 'A' or 'B' or 'C'
            && ChoiceByPlace.EgoSchema(answer.Get, Options) is null or (>= 'A' and <= 'D')
            && ChoiceByPlace.NextQa(answer.Get, Options) is null or (>= 'A' and <= 'D');

    [Test]
    public void The_last_of_equal_forms_wins()
        => Assert.That(ChoiceExtractor.Extract("It may be (A), but I think (C) is better, not so sure"), Is.EqualTo('C'));

    [Test]
    public void Options_are_needed()
    {
        Assert.That(() => ChoiceByPlace.NextQa("A", []), Throws.ArgumentException.With.Message.Contains("0 options"));
        Assert.That(() => ScienceQa.IsRight(-1, "A"), Throws.ArgumentException);
    }

    [Test]
    public void A_question_of_MMBench_is_right_only_in_all_rotations()
    {
        MmBenchRow Row(long index, char answer, string prediction) => new(
            index, "count", "perception", answer, prediction, new Dictionary<char, string> { ['A'] = "one", ['B'] = "two" });
        Assert.That(MmBench.Circular([Row(1, 'A', "A"), Row(1_000_001, 'B', "(B)")]).Single().Right, Is.True);
        Assert.That(MmBench.Circular([Row(1, 'A', "A"), Row(1_000_001, 'B', "A")]).Single().Right, Is.False);
        Assert.That(
            () => MmBench.Circular([Row(1_000_001, 'B', "A")]), Throws.ArgumentException.With.Message.Contains("question 1"));
    }

    [Test]
    public void MME_scores_pictures_with_two_questions()
    {
        MmeItem Item(string answer, string prediction) => new("p1", "count", answer, prediction);
        var both = Mme.Categories([Item("Yes", "yes."), Item("No", "nothing")])["count"];
        Assert.That((both.Accuracy, both.AccuracyPlus, both.Score), Is.EqualTo((100.0, 100.0, 200.0)));
        Assert.That(() => Mme.Categories([Item("Yes", "yes")]), Throws.ArgumentException.With.Message.Contains("1 questions"));
        Assert.That(() => Mme.IsRight(Item("maybe", "yes")), Throws.ArgumentException.With.Message.Contains("maybe"));
    }

    [Test]
    public void POPE_needs_true_answers()
    {
        Assert.That(() => Pope.Official([("perhaps", "yes")]), Throws.ArgumentException.With.Message.Contains("perhaps"));
        Assert.That(() => Pope.Strict([]), Throws.ArgumentException);
    }

    /// <summary>The official rule takes whatever is not a no for a yes; the strict one does not guess.</summary>
    [Test]
    public void POPEs_two_rules_differ()
    {
        (string, string)[] items = [("yes", "I think so"), ("no", "There is no dog. Yes.")];
        Assert.That(Pope.Official(items).Accuracy, Is.EqualTo(1));
        Assert.That(Pope.Strict(items).Accuracy, Is.Zero);
    }

    [Test]
    public void MLVU_knows_its_types()
    {
        double score = VideoChoiceScores.Mlvu([("ego", true), ("ego", false), ("count", true)], VideoChoiceScores.MlvuDev);
        Assert.That(score, Is.EqualTo(150.0 / 7).Within(1e-12));
        Assert.That(
            () => VideoChoiceScores.Mlvu([("tutorialQA", true)], VideoChoiceScores.MlvuDev),
            Throws.ArgumentException.With.Message.Contains("tutorialQA"));
    }

    [Test]
    public void MVBench_leaves_out_empty_answers()
    {
        Assert.That(VideoChoiceScores.MvBench([("A", true), ("", false)]), Is.EqualTo(100));
        Assert.That(VideoChoiceScores.MvBench([("", false)]), Is.Zero);
    }
}
