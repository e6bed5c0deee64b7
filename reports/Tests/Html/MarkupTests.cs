using Aim.Reports.Html;

namespace Aim.Reports.Tests.Html;

public class MarkupTests
{
    [Test]
    public void Holes_are_escaped_and_literals_are_not() =>
        Assert.That(Markup.Of($"<b title=\"{"\"x\""}\">{"<a & 'b'>"}</b>").Text,
            Is.EqualTo("<b title=\"&quot;x&quot;\">&lt;a &amp; &#39;b&#39;&gt;</b>"));

    [Test]
    public void Markup_goes_in_unchanged_and_null_is_nothing() =>
        Assert.That(Markup.Of($"<p>{Markup.Of($"<i>{(string?)null}</i>")}{12}</p>").Text, Is.EqualTo("<p><i></i>12</p>"));

    [FsCheck.NUnit.Property]
    public bool No_text_opens_a_tag_or_leaves_an_attribute(string? text)
    {
        var escaped = Markup.Of($"{text}").Text;
        return !escaped.Contains('<') && !escaped.Contains('>') && !escaped.Contains('"') && !escaped.Contains('\'')
            && System.Net.WebUtility.HtmlDecode(escaped) == (text ?? "");
    }
}
