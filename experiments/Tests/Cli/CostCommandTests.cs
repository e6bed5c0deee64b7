namespace Aim.Experiments.Tests.Cli;

public class CostCommandTests
{
    [Test]
    public async Task Table_1_prints_the_papers_figures_beside_its_own()
    {
        var (code, text, _) = await Workplace.Aim("cost", "table1");
        Assert.That(code, Is.Zero);
        string Line(string start) =>
            string.Join(' ', text.Split('\n').Single(l => l.StartsWith(start)).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.That(Line("LLaVA-OneVision-7B"), Does.EndWith("99.63 99.63 439.58 439.58"));
        Assert.That(Line("AIM, 25%"), Does.EndWith("14.76 14.76 55.03 55.03 15.53 57.68"));
    }

    [TestCase("table2")]
    [TestCase("table3")]
    [TestCase("table4")]
    [TestCase("table5")]
    [TestCase("table8")]
    [TestCase("appendix")]
    public async Task Every_table_prints(string table) => Assert.That((await Workplace.Aim("cost", table)).Code, Is.Zero);

    [Test]
    public async Task Any_preset_and_shape_is_priced_by_both_conventions()
    {
        var (code, text, _) = await Workplace.Aim("cost", "qwen2-7b", "--visual", "1568", "--schedule", "14,22", "--operations");
        Assert.That(code, Is.Zero);
        Assert.That(text, Does.Contain("22.8995 TFLOPs").And.Contain("14.7566 TFLOPs, 55.0284 ms").And.Contain("15.5277 TFLOPs, 57.6836 ms")
            .And.Contain("lm_head"));
    }

    [TestCase("22,14")]
    [TestCase("14")]
    [TestCase("a,b")]
    public async Task A_wrong_schedule_is_one_line(string schedule)
    {
        var (code, _, error) = await Workplace.Aim("cost", "qwen2-7b", "--schedule", schedule);
        Assert.That((code, error), Is.EqualTo((2, $"aim: --schedule {schedule}: not a schedule; write l1,l2 with l1 below l2, for example 14,22\n")));
    }
}
