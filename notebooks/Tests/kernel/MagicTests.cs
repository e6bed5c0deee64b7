namespace Aim.Notebooks.Tests.Kernel;

/// <summary>Cells in several languages, and references.</summary>
public class MagicTests : HostFixture
{
    [Test]
    public async Task Parts_run_in_their_order()
    {
        var outcome = await Ok("int m = 1;\n#!html\n<b>x</b>\n#!csharp\nm++;\n#!markdown\n*y*\n#!csharp\nm");
        Assert.That(outcome.Of("display").Select(e => e["data"]!.AsObject().Single().Key),
            Is.EqualTo((string[])["text/html", "text/markdown"]));
        Assert.That(outcome.Result(), Is.EqualTo("2"));
    }

    [Test]
    public async Task Lines_of_errors_are_the_cells() =>
        Assert.That(await Fails("#!html\n<b>x</b>\n#!csharp\nthrow new Exception(\"here\");"), Does.Contain(", line 4"));

    [Test]
    public async Task Values_are_shared_with_JavaScript()
    {
        await Ok("record Dot(double X, string Label); var dots = new[] { new Dot(1.5, \"</script>\") };");
        var outcome = await Ok(
            "#!javascript\n#!share dots\n#!share --from csharp dots.Length --as count\nconsole.log(dots, count)");
        string script = (string)outcome.Of("display").Single()["data"]!["application/javascript"]!;
        Assert.That(script, Does.Contain("const dots = [{\"X\":1.5,\"Label\":\"\\u003C/script\\u003E\"}];\nconst count = 1;\n"));
        Assert.That(script, Does.Contain("console.log(dots, count)").And.Not.Contain("#!"));
    }

    [Test]
    public async Task Bash_streams_and_fails_by_its_exit_code()
    {
        var outcome = await Host.RunAsync("#!bash\necho out; echo err >&2; exit 3");
        Assert.That((outcome.Out, outcome.Err, outcome.Error), Is.EqualTo(("out\n", "err\n", "bash ended with exit code 3")));
    }

    [Test]
    public async Task Time_is_told() => Assert.That((await Ok("#!time\nThread.Sleep(2);")).Out, Does.Match(@"^\d+\.\d+ m?s\n$"));

    [TestCase("#!fsharp\n1", "line 1: #!fsharp: there is no such magic; there are #!csharp")]
    [TestCase("\n#!time 5\n1", "line 2: #!time stands alone on its line, without '5'")]
    [TestCase("#!share x", "a #!javascript part must follow")]
    [TestCase("#!javascript\n#!share", "which value?")]
    [TestCase("#!javascript\n#!share nothingOfThis", "CS0103")]
    [TestCase("#!javascript\n#!share 1+1", "no name of a JavaScript constant; add --as name")]
    [TestCase("#r \"nowhere.dll\"", "line 1: #r \"nowhere.dll\": no such file: /")]
    [TestCase("// first\n#r \"nuget: \"", "line 2: #r \"nuget:\": give it as \"nuget: Name, 1.2.3\"")]
    public async Task Errors_say_where_and_what_would_be_right(string code, string text) =>
        Assert.That(await Fails(code), Does.Contain(text));

    [Test]
    public async Task A_file_that_is_no_assembly()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "no assembly ü.dll");
        File.WriteAllText(path, "no");
        Assert.That(await Fails($"#r \"{path}\"\n1"), Does.Contain("is no .NET assembly"));
    }

    [Test]
    public async Task An_assembly_by_its_path()
    {
        // One that the host does not have itself, from a folder with a space and a letter beyond ASCII.
        string folder = Directory.CreateDirectory(Path.Combine(TestContext.CurrentContext.WorkDirectory, "a folder ü")).FullName;
        string path = Path.Combine(folder, "Added.dll");
        var compilation = Microsoft.CodeAnalysis.CSharp.CSharpCompilation.Create(
            "Added",
            [Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree.ParseText(
                "namespace Added; public static class Thing { public static int Answer => 42; }")],
            [Microsoft.CodeAnalysis.MetadataReference.CreateFromFile(typeof(object).Assembly.Location)],
            new(Microsoft.CodeAnalysis.OutputKind.DynamicallyLinkedLibrary));
        using (var file = File.Create(path))
            Assert.That(compilation.Emit(file).Success, Is.True);
        Assert.That((await Ok($"#r \"{path}\"\nusing Added;\nThing.Answer")).Result(), Is.EqualTo("42"));
        Assert.That((await Ok("Thing.Answer + 1")).Result(), Is.EqualTo("43"));
        Assert.That(
            (await Host.AskAsync("complete", "Thing.An|"))["items"]!.AsArray()[0]![0]!.GetValue<string>(),
            Is.EqualTo("Answer"));
    }

    [Test]
    public async Task What_is_there_already_may_be_named() => await Ok("#r \"System.Xml\"\n#r \"Aim.Kernel\"\n1");
}
