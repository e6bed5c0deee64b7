namespace Aim.Models.Tests.Tokenizers;

/// <summary>Normalisation form C: cases of Unicode's NormalizationTest.txt that exercise each rule.</summary>
public sealed class UnicodeNfcTests
{
    [TestCase("plain é", "plain é")]
    [TestCase("e\u0301", "é")]
    [TestCase("\u212B", "\u00C5")] // singleton
    [TestCase("\u0958", "\u0915\u093C")] // composition exclusion
    [TestCase("\u0344", "\u0308\u0301")]
    [TestCase("a\u0323\u0302", "\u1EAD")] // composes twice
    [TestCase("a\u0302\u0323", "\u1EAD")] // after reordering
    [TestCase("\u1E0A\u0323", "\u1E0C\u0307")] // decomposed, reordered, composed otherwise
    [TestCase("a\u0315\u0300\u05AE\u0300b", "\u00E0\u05AE\u0300\u0315b")]
    [TestCase("\u1100\u1161\u11A8", "\uAC01")] // Hangul, three letters
    [TestCase("\uAC00\u11A8", "\uAC01")]
    [TestCase("\uAC01\u11A8", "\uAC01\u11A8")] // has its final consonant already
    [TestCase("\u1100\u0300\u1161", "\u1100\u0300\u1161")] // blocked
    [TestCase("\U0001D15E", "\U0001D157\U0001D165")] // beyond the BMP
    [TestCase("\U00011099\U000110BA", "\U0001109A")]
    public void Normalises(string text, string expected) => Assert.That(UnicodeNfc.Normalize(text), Is.EqualTo(expected));

    [FsCheck.NUnit.Property]
    public void Is_idempotent(string? text)
    {
        string once = UnicodeNfc.Normalize(text ?? "");
        Assert.That(UnicodeNfc.Normalize(once), Is.EqualTo(once));
    }
}
