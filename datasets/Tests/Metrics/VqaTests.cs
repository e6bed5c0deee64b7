namespace Aim.Datasets.Tests.Metrics;

/// <summary>Accuracies of open answers, and what makes answers comparable.</summary>
public class VqaTests
{
    private static readonly string[] Answers = ["red", "Red.", "a red", "two", "2", "dark-red", "none", "", "dont know", "1,000"];

    private static string Answer(byte drawn) => Answers[drawn % Answers.Length];

    [FsCheck.NUnit.Property]
    public bool Accuracies_are_shares(FsCheck.NonEmptyArray<byte> drawn, byte predicted)
    {
        string[] answers = [.. drawn.Get.Select(Answer)];
        return VqaAccuracy.Official(answers, Answer(predicted)) is >= 0 and <= 1
            && VqaAccuracy.EvalAi(answers, Answer(predicted)) is >= 0 and <= 1;
    }

    [FsCheck.NUnit.Property]
    public bool The_order_of_answers_does_not_matter(FsCheck.NonEmptyArray<byte> drawn, byte predicted)
    {
        string[] answers = [.. drawn.Get.Select(Answer)];
        string[] turned = [.. answers.Reverse()];
        string said = Answer(predicted);
        return Math.Abs(VqaAccuracy.Official(answers, said) - VqaAccuracy.Official(turned, said)) < 1e-12
            && Math.Abs(VqaAccuracy.EvalAi(answers, said) - VqaAccuracy.EvalAi(turned, said)) < 1e-12;
    }

    [FsCheck.NUnit.Property]
    public bool Normal_forms_are_single_spaced_and_stay(FsCheck.NonNull<string> text)
    {
        string words = VqaNormalizer.Words(text.Get);
        return !words.Contains("  ", StringComparison.Ordinal) && words == PythonText.Strip(words)
            && VqaNormalizer.Words(VqaNormalizer.Words(words)) == VqaNormalizer.Words(words);
    }

    [Test]
    public void Three_of_ten_who_agree_make_an_answer_nearly_right()
    {
        string[] answers = [.. Enumerable.Repeat("red", 3), .. Enumerable.Repeat("blue", 7)];
        Assert.That(VqaAccuracy.Official(answers, "red"), Is.EqualTo(0.9).Within(1e-12));
        Assert.That(VqaAccuracy.Official(answers, "Blue."), Is.EqualTo(1).Within(1e-12));
    }

    /// <summary>The official code normalises only where people differ.</summary>
    [Test]
    public void Where_all_agree_the_prediction_must_be_that_string()
    {
        string[] answers = [.. Enumerable.Repeat("red", 10)];
        Assert.That(VqaAccuracy.Official(answers, "Red"), Is.Zero);
        Assert.That(VqaAccuracy.Official(answers, " red\n"), Is.EqualTo(1));
        Assert.That(VqaAccuracy.EvalAi(answers, "Red"), Is.EqualTo(1));
    }

    [Test]
    public void Only_32_periods_are_removed()
        => Assert.That(VqaNormalizer.Punctuation(new string('.', 40)), Is.EqualTo("........"));

    [Test]
    public void A_question_needs_answers()
    {
        Assert.That(() => VqaAccuracy.Official([], "red"), Throws.ArgumentException.With.Message.Contains("no answers"));
        Assert.That(() => VqaAccuracy.EvalAi([], "red"), Throws.ArgumentException);
    }

    [TestCase(2.675, 2.67)]
    [TestCase(0.125, 0.12)]
    [TestCase(0.375, 0.38)]
    [TestCase(53.125, 53.12)]
    [TestCase(1.005, 1.0)]
    [TestCase(-2.675, -2.67)]
    [TestCase(100.0, 100.0)]
    [TestCase(0.0, 0.0)]
    [TestCase(1e300, 1e300)]
    public void Rounds_as_Python_does(double value, double rounded)
        => Assert.That(PythonRounding.ToHundredths(value), Is.EqualTo(rounded));

    [Test]
    public void What_is_not_finite_cannot_be_rounded()
        => Assert.That(() => PythonRounding.ToHundredths(double.NaN), Throws.ArgumentException);

    [TestCase("İ ΟΔΟΣ ΣΑΣ Σ", "i̇ οδος σας σ")]
    [TestCase("ÉCOLE", "école")]
    public void Lower_case_is_Pythons(string text, string lower) => Assert.That(PythonText.Lower(text), Is.EqualTo(lower));

    [Test]
    public void White_space_is_Pythons()
        => Assert.That(PythonText.Split(" a\u001Cb\u00A0c\u2003 "), Is.EqualTo(new[] { "a", "b", "c" }));
}
