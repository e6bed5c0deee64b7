using Aim.Kernel.Cells;

namespace Aim.Notebooks.Tests.Kernel;

/// <summary>Neither side passes the other: the interrupter waits for the host's code, or the cell does not enter it.</summary>
public class GuardTests
{
    [Test]
    public void The_interrupter_waits_until_the_cell_is_outside()
    {
        var guard = new CellGuard();
        guard.Begin();
        bool? during = null;
        guard.Run(() => during = Task.Run(() =>
        {
            guard.Request();
            return guard.WaitUntilOutside(TimeSpan.FromMilliseconds(20));
        }).Result);
        Assert.That((during, guard.WaitUntilOutside(TimeSpan.Zero)), Is.EqualTo((false, true)));
    }

    [Test]
    public void A_cell_that_is_to_stop_enters_no_more()
    {
        var guard = new CellGuard();
        guard.Begin();
        guard.Request();
        bool ran = false;
        Assert.Throws<OperationCanceledException>(() => guard.Run(() => ran = true));
        Task.Run(() => guard.Run(() => ran = true)).Wait();
        Assert.That((ran, guard.WaitUntilOutside(TimeSpan.Zero)), Is.EqualTo((true, true)), "other threads are not the cell's");
    }

    [Test]
    public void What_is_inside_may_go_on_inside()
    {
        var guard = new CellGuard();
        guard.Begin();
        int depth = 0;
        guard.Run(() =>
        {
            guard.Request();
            guard.Run(() => depth = 2);
        });
        Assert.That(depth, Is.EqualTo(2));
    }

    [TestCase("a😀b", 2, 3)]
    [TestCase("a😀b", 99, 4)]
    [TestCase("", 0, 0)]
    public void Code_points(string text, int codePoints, int index)
    {
        Assert.That(CellText.Index(text, codePoints), Is.EqualTo(index));
        Assert.That(CellText.CodePoints(text, index), Is.EqualTo(Math.Min(codePoints, text.EnumerateRunes().Count())));
    }
}
