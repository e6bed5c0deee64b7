namespace Aim.Notebooks.Tests.Kernel;

/// <summary>An interrupt ends whatever a cell does, and keeps the state.</summary>
public class InterruptTests : HostFixture
{
    [TestCase("while (true) { }", TestName = "A_loop")]
    [TestCase("while (true) Console.Write(\".\");", TestName = "A_loop_that_prints")]
    [TestCase("while (true) { try { Thread.Sleep(1); } catch { } }", TestName = "A_loop_that_swallows_exceptions")]
    [TestCase("Thread.Sleep(-1);", TestName = "A_sleep")]
    [TestCase("await Task.Delay(-1);", TestName = "An_await")]
    [TestCase("while (true) await Task.Yield();", TestName = "Endless_awaits")]
    [TestCase("await Task.Delay(-1, Interrupted);", TestName = "What_listens")]
    [TestCase("new ManualResetEventSlim().Wait();", TestName = "A_lock")]
    [TestCase("IEnumerable<int> Endless() { while (true) { } yield break; }\nEndless()", TestName = "The_showing_of_a_value")]
    [TestCase("#!bash\necho bash; sleep 1000", TestName = "Bash")]
    public async Task Ends(string code)
    {
        await Ok("int state = 17;");
        string begin = code.StartsWith("#!", StringComparison.Ordinal) ? code : $"Console.WriteLine(\"begun\"); {code}";
        var outcome = await Host.RunAsync(begin, interrupt: true);
        Assert.That((outcome.Status, (string?)outcome.Reply["ename"]), Is.EqualTo(("error", "Interrupted")), outcome.Error);
        Assert.That((await Ok("state")).Result(), Is.EqualTo("17"));
        Assert.That((await Ok("Thread.Sleep(2); await Task.Delay(2); \"waits\"")).Result(), Is.EqualTo("waits"), "nothing pends");
    }

    [Test]
    public async Task What_an_interrupted_cell_awaited_does_not_go_on_with_it()
    {
        await Ok("int ticks = 0;");
        await Host.RunAsync("Console.WriteLine(1); while (true) { await Task.Delay(10); ticks++; }", interrupt: true);
        string? after = (await Ok("await Task.Delay(60); ticks")).Result();
        Assert.That((await Ok("await Task.Delay(60); ticks")).Result(), Is.EqualTo(after));
    }

    [Test]
    public async Task Memory_can_be_collected_while_a_later_cell_loops()
    {
        for (int i = 0; i < 2; i++)
            await Host.RunAsync("Console.WriteLine(1); while (true) { }", interrupt: true);
        await Ok("bool collected = false; new Thread(() => { GC.Collect(); collected = true; }).Start();\n"
            + "while (!Volatile.Read(ref collected)) { }");
    }

    [Test]
    public async Task Between_cells_it_does_nothing()
    {
        await Host.RunAsync("Console.WriteLine(1);", interrupt: true);
        Assert.That((await Ok("1")).Result(), Is.EqualTo("1"));
    }
}
