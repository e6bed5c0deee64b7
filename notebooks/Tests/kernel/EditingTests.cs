namespace Aim.Notebooks.Tests.Kernel;

/// <summary>Completion, quick info, and whether a text is complete.</summary>
public class EditingTests : HostFixture
{
    private async Task<string[]> Completions(string code) =>
        [.. (await Host.AskAsync("complete", code))["items"]!.AsArray().Select(i => (string)i![0]!)];

    [Test]
    public async Task Members_and_what_earlier_cells_declared()
    {
        await Ok("int someCount = 1; class Gauge { public int Level; }");
        Assert.That(await Completions("Console.WriteL|"), Is.EqualTo((string[])["WriteLine"]));
        Assert.That(await Completions("someC|"), Does.Contain("someCount"));
        Assert.That(await Completions("new Gauge().Le|"), Is.EqualTo((string[])["Level"]));
        Assert.That(await Completions("disp|"), Does.Contain("display"));
    }

    [Test]
    public async Task Positions_are_in_code_points()
    {
        var reply = await Host.AskAsync("complete", "var s = \"😀é\"; Math.Roun|");
        Assert.That(((int)reply["start"]!, (int)reply["end"]!), Is.EqualTo((19, 23)));
        Assert.That((string)reply["items"]![0]![0]!, Is.EqualTo("Round"));
    }

    [Test]
    public async Task Magics() => Assert.That(await Completions("1\n#!ja|"), Is.EqualTo((string[])["#!javascript"]));

    [Test]
    public async Task In_a_part_of_C_sharp_behind_another() =>
        Assert.That(await Completions("#!html\n<b>\n#!csharp\nMath.Sqr|"), Is.EqualTo((string[])["Sqrt"]));

    [Test]
    public async Task Html_has_none() => Assert.That(await Completions("#!html\nConsole.|"), Is.Empty);

    [TestCase("Math.Sq|rt(2)")]
    [TestCase("Math.Sqrt|(2)")]
    [TestCase("Math.Sqrt(|2)")]
    [TestCase("Math.Sqrt(2|")]
    public async Task Quick_info_has_signature_and_documentation(string code)
    {
        string text = (string)(await Host.AskAsync("inspect", code))["text"]!;
        Assert.That(text, Does.StartWith("double Math.Sqrt(double d)").And.Contain("square root"));
    }

    [Test]
    public async Task Quick_info_of_nothing() => Assert.That((await Host.AskAsync("inspect", "  |  "))["text"], Is.Null);

    [TestCase("1 + 1", "complete")]
    [TestCase("var x = 1;", "complete")]
    [TestCase("for (int i = 0; i < 3; i++) {", "incomplete")]
    [TestCase("if (true)", "incomplete")]
    [TestCase("Foo(1,", "incomplete")]
    [TestCase("/* begun", "incomplete")]
    [TestCase("var x = @\"begun", "incomplete")]
    [TestCase("var x = \"\"\"\nbegun", "incomplete")]
    [TestCase("var x = )", "invalid")]
    [TestCase("}", "invalid")]
    [TestCase("#!html\n<b", "complete")]
    [TestCase("#!nothing", "invalid")]
    public async Task Completeness(string code, string status) =>
        Assert.That((string?)(await Host.AskAsync("is_complete", code))["status"], Is.EqualTo(status));

    [Test]
    public async Task The_next_line_of_a_block_is_indented() =>
        Assert.That((string?)(await Host.AskAsync("is_complete", "{\n  if (true) {"))["indent"], Is.EqualTo("      "));
}
