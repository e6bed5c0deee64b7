namespace Aim.Datasets.Tests;

/// <summary>The Treebank's tokenization beyond what is recorded: its own notes' examples, and places where units meet.</summary>
public class PtbTests
{
    [TestCase("They'll save and invest more.", "they 'll save and invest more .")]
    [TestCase("hi, my name can't hello,", "hi , my name ca n't hello ,")]
    [TestCase("I'd've done it; wouldn't you?", "i 'd 've done it ; would n't you ?")]
    [TestCase("D'ye want more'n that?", "d' ye want more 'n that ?")]
    [TestCase("Good muffins cost $3.88 in New York.", "good muffins cost $ 3.88 in new york .")]
    [TestCase("He paid US$5 and 5,000 more.", "he paid us$ 5 and 5,000 more .")]
    [TestCase("rock'n'roll (it)'s", "rock'n'roll -lrb- it -rrb- 's")]
    [TestCase("the U.S.'s flag", "the u.s. 's flag")]
    [TestCase("J. Smith, no. 7, said no.", "j. smith , no. 7 , said no .")]
    [TestCase("in the sun.", "in the sun .")]
    [TestCase("-5 degrees, x-5, .5 cup", "-5 degrees , x-5 , .5 cup")]
    [TestCase("see (www.example.com/a), or mail me@example.com.", "see -lrb- www.example.com/a -rrb- , or mail me@example.com .")]
    [TestCase("say \"'tis ('ere)\"", "say `` 't is -lrb- ` ere -rrb- ''")]
    [TestCase("<a href=\"x\">link</a> &lt;b&gt;", "<a href=\"x\"> link </a> < b >")]
    [TestCase("AT&amp;T 3⅓ ⅞", "at&t 3 1/3 7/8")]
    [TestCase("wait....what?!", "wait ... what ?!")]
    [TestCase("“So—” he said", "`` so -- '' he said")]
    [TestCase("👍🏽 ok ☕ 5°", "ok 5 °")]
    [TestCase("\uD83D lone \uDE00", "lone")]
    public void Units_are_cut_where_the_Treebank_cuts_them(string caption, string tokens)
        => Assert.That(PtbTokenizer.Tokenize(caption), Is.EqualTo(tokens));

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public bool Nothing_but_strays_is_lost(FsCheck.NonNull<string> text)
    {
        // Letters and digits come out in their order, whatever stands between them.
        static string Letters(string s) => string.Concat(PythonText.Lower(s).Where(c => char.IsAsciiLetterOrDigit(c)));
        string ascii = string.Concat(text.Get.Where(c => c is >= ' ' and < '\u007F' && !"<&[](){}".Contains(c)));
        return Letters(PtbTokenizer.Tokenize(ascii)) == Letters(ascii);
    }
}
