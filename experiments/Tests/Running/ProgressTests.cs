using Aim.Experiments.Running;

namespace Aim.Experiments.Tests.Running;

public class ProgressTests
{
    [Test]
    public void Time_left_counts_only_work_done_by_this_process() =>
        Assert.That(Progress.Left(TimeSpan.FromSeconds(10), done: 20, left: 60), Is.EqualTo(TimeSpan.FromSeconds(30)));

    [TestCase(5, "5 s")]
    [TestCase(65, "1 min 05 s")]
    [TestCase(3720, "1 h 02 min")]
    public void Durations_are_readable(int seconds, string text) =>
        Assert.That(Progress.Duration(TimeSpan.FromSeconds(seconds)), Is.EqualTo(text));

    [Test]
    public void Without_a_terminal_lines_are_plain()
    {
        var output = new StringWriter();
        var progress = new Progress(output, total: 200, done: 50, rewrite: false);
        progress.Advance(50, "aim 1/4");
        Assert.That(output.ToString(), Does.StartWith(" 50.0 %  aim 1/4").And.EndWith("left\n").And.Not.Contain("\r"));
    }
}
