using System.Diagnostics;

namespace Aim.Notebooks.Tests.Kernel;

/// <summary>Cells of C#: state, awaits, values, errors.</summary>
public class CellTests : HostFixture
{
    [Test]
    public async Task State_goes_from_cell_to_cell()
    {
        await Ok("using System.Numerics; int a = 40; int Two() => 2; record Point(int X, int Y);");
        await Ok("a++;");
        Assert.That((await Ok("a + Two() - new Point(1, 0).X")).Result(), Is.EqualTo("42"));
        Assert.That((await Ok("new Complex(1, 2).Real")).Result(), Is.EqualTo("1"));
        await Ok("var a = \"new\";");
        Assert.That((await Ok("a")).Result(), Is.EqualTo("new"));
    }

    [Test]
    public async Task Await_goes_on_on_the_same_thread()
    {
        var outcome = await Ok("""
            int before = Environment.CurrentManagedThreadId;
            await Task.Delay(5);
            await Task.Yield();
            before == Environment.CurrentManagedThreadId
            """);
        Assert.That(outcome.Result(), Is.EqualTo("true"));
        Assert.That((await Ok("before == Environment.CurrentManagedThreadId")).Result(), Is.EqualTo("true"));
        Assert.That((await Ok("await Task.FromResult(7)")).Result(), Is.EqualTo("7"));
        Assert.That((await Ok("await Task.CompletedTask")).Result(), Is.Null);
    }

    [TestCase("_ = 1 + 1;")]
    [TestCase("var hidden = 3;")]
    [TestCase("Console.Write(\"\")")]
    [TestCase("")]
    [TestCase("// nothing")]
    public async Task Statements_have_no_result(string code) => Assert.That((await Ok(code)).Result(), Is.Null);

    [Test]
    public async Task Null_is_shown() => Assert.That((await Ok("(string)null")).Result(), Is.EqualTo("null"));

    [Test]
    public async Task Prints_are_streamed_in_order()
    {
        var outcome = await Ok(
            """Console.Write("a"); Console.Write('b'); Console.WriteLine(1.5); Console.Error.Write("é"); Console.Write("z");""");
        Assert.That(outcome.Of("stream").Select(e => (string?)e["text"]), Is.EqualTo((string[])["ab1.5\n", "é", "z"]));
        Assert.That((outcome.Out, outcome.Err), Is.EqualTo(("ab1.5\nz", "é")));
    }

    [Test]
    public async Task Reading_the_console_is_a_clear_error() =>
        Assert.That(await Fails("Console.ReadLine()"), Does.Contain("A cell cannot read from the console"));

    [Test]
    public async Task Compile_errors_name_the_line_and_mark_the_place()
    {
        string error = await Fails("int fine = 1;\nint wrong = missing;");
        Assert.That(error, Does.Match(@"^cell \d+, line 2: error CS0103: .*missing"));
        Assert.That(error, Does.EndWith("    int wrong = missing;\n                ^^^^^^^"));
        Assert.That(await Fails("fine"), Does.Contain("CS0103"), "nothing of a cell that does not compile is declared");
    }

    [Test]
    public async Task Exceptions_name_the_cells_lines_and_no_frame_of_the_host()
    {
        await Ok("int Thrower(int n)\n{\n    return n > 2 ? throw new InvalidOperationException(\"too big\") : n;\n}");
        string error = await Fails("\nEnumerable.Range(0, 5).Select(i => Thrower(i)).ToList();");
        string[] lines = error.Split('\n');
        Assert.That(lines[0], Is.EqualTo("InvalidOperationException: too big"));
        Assert.That(lines[1], Does.Match(@"^   at Thrower, cell \d+, line 3$"));
        Assert.That(lines[2], Does.Match(@"^   at lambda, cell \d+, line 2$"));
        Assert.That(lines[^1], Does.Match(@"^   at cell \d+, line 2$"));
        Assert.That(error, Does.Not.Contain("Aim.Kernel").And.Not.Contain("Initialize").And.Not.Contain("MoveNext"));
    }

    [Test]
    public async Task What_the_runtime_checks_is_of_a_cell_even_where_its_line_is_unknown()
    {
        string error = await Fails("int[] none = [];\n_ = none[3];");
        Assert.That(error, Does.Match(@"^IndexOutOfRangeException: .*\n   at cell( \d+)?(, line 2)?$"));
    }

    [Test]
    public async Task Exceptions_behind_an_await_and_their_causes()
    {
        string error = await Fails("""
            async Task Deep() { await Task.Yield(); throw new ArgumentException("inner"); }
            try { await Deep(); }
            catch (Exception e) { throw new Exception("outer", e); }
            """);
        Assert.That(error, Does.Match(
            @"^Exception: outer\n   at cell \d+, line 3\ncaused by ArgumentException: inner\n"
                + @"   at Deep, cell \d+, line 1\n   at cell \d+, line 2$"));
    }

    [Test]
    public async Task What_was_declared_before_an_exception_is_there()
    {
        await Fails("int kept = 5; throw new Exception();");
        Assert.That((await Ok("kept")).Result(), Is.EqualTo("5"));
    }

    [Test]
    public async Task What_a_cell_left_behind_is_told_of_and_fails_no_later_cell()
    {
        await Ok("var gate = new TaskCompletionSource();\n"
            + "async void Left() { await gate.Task; throw new Exception(\"left behind\"); } Left();");
        Assert.That((await Ok("gate.SetResult(); await Task.Delay(100);")).Err, Does.Contain("left behind"));
        Assert.That((await Ok("1")).Result(), Is.EqualTo("1"));
    }

    [Test]
    public async Task Output_is_cut_at_5_MB_with_a_notice()
    {
        var outcome = await Ok(
            "for (int i = 0; i < 100; i++) Console.WriteLine(new string('x', 100_000)); HTML(\"<b>late</b>\")");
        Assert.That(outcome.Out.Length, Is.InRange(4_900_000, 5_000_000));
        Assert.That(outcome.Err, Does.Contain("output cut: a cell may show 5 MB"));
        Assert.That(outcome.Of("result"), Is.Empty);
        Assert.That((await Ok("\"again\"")).Result(), Is.EqualTo("again"));
    }

    [Test]
    public async Task Hundreds_of_cells_cost_the_next_one_little_memory()
    {
        await Ok("1 + 1");
        long Size() => Process.GetCurrentProcess().PrivateMemorySize64;
        GC.Collect();
        long before = Size();
        for (int i = 0; i < 300; i++)
            Assert.That((await Ok("1 + 1")).Result(), Is.EqualTo("2"));
        GC.Collect();
        Assert.That(Size() - before, Is.LessThan(90L << 20), "300 MB a thousand cells");
    }
}
