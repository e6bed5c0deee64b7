using System.Text.Json;
using Aim.Cost;

namespace Aim.Experiments.Tests.Cli;

public class CostCommandTests
{
    [Test]
    public async Task Table_1_prints_paper_computed_difference_honest_and_streamed()
    {
        var (code, text, _) = await Workplace.Aim("cost", "table1");
        Assert.That(code, Is.Zero);
        Assert.That(
            Line(text, "LLaVA-OneVision-7B"), Does.EndWith("99.63 99.6270 0.00 439.58 439.5782 0.00 99.6457 439.6728 327.3837"));
        Assert.That(Line(text, "AIM, 25%"), Does.EndWith("14.76 14.7566 0.00 55.03 55.0284 0.00 15.5360 57.7139 50.3836"));
        Assert.That(Line(text, "VTW"), Does.Contain("101.93 101.7329 -0.20"));
        Assert.That(Line(text, "PDrop"), Does.EndWith("24.22 - - 104.88 - - - - -"));
        Assert.That(text, Does.Contain("quirks: one-layer-early, no-newline").And.Contain("not reproducible, ms: the setting"));
        Assert.That(LastLine(text), Is.EqualTo("11 of 14 printed figures exact, 3 not reproducible (listed)"));
    }

    [Test]
    public async Task All_prints_every_table_and_counts_every_figure()
    {
        var (code, text, _) = await Workplace.Aim("cost", "all");
        Assert.That(code, Is.Zero);
        foreach (string table in new[] { "1", "2", "3", "4", "5", "7", "8", "C", "D", "E" })
            Assert.That(text, Does.Contain($"Table {table}, "));
        Assert.That(LastLine(text), Is.EqualTo("114 of 122 printed figures exact, 8 not reproducible (listed)"));
        Assert.That(Line(text, "video: token merging"), Does.EndWith("88.25 88.25196 0.00 2.88853"));
        Assert.That(text.Split('\n').Max(l => l.Length), Is.LessThanOrEqualTo(120));
    }

    [TestCase("TABLEc", "Table C", "11 of 12")]
    [TestCase("tabled", "Table D", "5 of 6")]
    [TestCase("table7", "Table 7", "8 of 8")]
    [TestCase("appendix", "Table E", "22 of 24")]
    public async Task A_table_is_named_in_any_case(string name, string title, string tally)
    {
        var (code, text, _) = await Workplace.Aim("cost", name);
        Assert.That(code, Is.Zero);
        Assert.That(text, Does.Contain(title));
        Assert.That(LastLine(text), Does.StartWith(tally + " printed figures exact"));
    }

    [Test]
    public async Task Steps_show_each_quirk_taken_off()
    {
        var (_, text, _) = await Workplace.Aim("cost", "table1", "--steps");
        Assert.That(text, Does.Match(@"without one-layer-early +15\.5277 TB +57\.6836 ms")
            .And.Match(@"without no-newline +15\.5354 TB +57\.7139 ms"));
    }

    [Test]
    public async Task A_quirk_is_left_out_by_its_name_and_nothing_is_compared_then()
    {
        var (code, text, _) = await Workplace.Aim("cost", "table1", "--without", "one-layer-early");
        Assert.That(code, Is.Zero);
        Assert.That(Line(text, "AIM, 25%"), Does.Contain("14.76 15.5277 - 55.03 57.6836 -"));
        Assert.That(LastLine(text), Does.StartWith("9 of 12 ").And.EndsWith("2 not compared (priced otherwise than the paper)"));

        var (wrong, _, error) = await Workplace.Aim("cost", "table1", "--without", "bias");
        Assert.That(wrong, Is.EqualTo(2));
        Assert.That(error, Does.StartWith("aim: quirk 'bias': unknown; known: ").And.Contain("skip-mlp-bias"));
    }

    [Test]
    public async Task Other_hardware_prices_the_times_anew()
    {
        var (code, text, _) = await Workplace.Aim("cost", "table2", "--hardware", "h100");
        Assert.That(code, Is.Zero);
        Assert.That(Line(text, "LLaVA-OneVision-7B"), Does.Contain("439.58 171.6336 -"));
        Assert.That((await Workplace.Aim("cost", "table2", "--hardware", "L4")).Output, Does.Contain("(data sheet, unchecked)"));

        var (wrong, _, error) = await Workplace.Aim("cost", "table2", "--hardware", "abacus");
        Assert.That(wrong, Is.EqualTo(2));
        Assert.That(error, Does.StartWith("aim: --hardware abacus: unknown; known: A100-40GB").And.Contain("this"));
    }

    [TestCase("this")]
    [TestCase("this machine")]
    public async Task This_machine_is_measured(string name)
    {
        var (code, text, _) = await Workplace.Aim("cost", "table2", "--hardware", name, "--threads", "1");
        Assert.That(code, Is.Zero);
        Assert.That(
            text, Does.Match("this machine: [1-9][0-9.]* [GT]FLOP/s, [1-9][0-9.]* GB/s; 2 bytes a weight, 4 an activation"));
    }

    [Test]
    public async Task Json_holds_what_the_text_shows()
    {
        var (code, text, _) = await Workplace.Aim("cost", "all", "--json");
        Assert.That(code, Is.Zero);
        using var json = JsonDocument.Parse(text);
        var root = json.RootElement;
        Assert.That(root.GetProperty("tables").GetArrayLength(), Is.EqualTo(10));
        Assert.That(root.GetProperty("summary").GetProperty("exact").GetInt32(), Is.EqualTo(114));
        var row = root.GetProperty("tables")[0].GetProperty("rows")[6];
        Assert.That(row.GetProperty("flops").GetProperty("printed").GetString(), Is.EqualTo("14.76"));
        Assert.That(row.GetProperty("flops").GetProperty("status").GetString(), Is.EqualTo("exact"));
        Assert.That(row.GetProperty("flops").GetProperty("computed").GetDouble(), Is.EqualTo(14.7566).Within(5e-5));
        Assert.That(row.GetProperty("honest").GetProperty("milliseconds").GetDouble(), Is.EqualTo(57.7139).Within(5e-5));
        Assert.That(row.GetProperty("gigabytes").GetDouble(), Is.EqualTo(13.1269).Within(5e-5));
        Assert.That(row.GetProperty("tokensPerLayer")[14].GetInt32(), Is.EqualTo(1472));
        Assert.That(row.GetProperty("quirks")[0].GetString(), Is.EqualTo("one-layer-early"));
    }

    [Test]
    public async Task Any_preset_and_shape_is_priced_by_both_conventions()
    {
        var (code, text, _) = await Workplace.Aim("cost", "qwen2-7b", "--visual", "1568", "--schedule", "14,22", "--operations");
        Assert.That(code, Is.Zero);
        Assert.That(Line(text, "unpruned, as"), Does.EndWith("22.8995 83.9386 76.0236 13.6799"));
        Assert.That(Line(text, "(14, 22), as"), Does.EndWith("14.7566 55.0284 50.3836 13.1269"));
        Assert.That(Line(text, "(14, 22), honest"), Does.Contain("15.5282 57.6836"));
        Assert.That(text, Does.Contain("lm_head"));
    }

    [Test]
    public async Task A_model_is_priced_by_its_file_or_its_directory()
    {
        using var work = new Workplace();
        var (code, directory, _) = await Workplace.Aim("cost", work.Model, "--json");
        var (_, file, _) = await Workplace.Aim("cost", Path.Combine(work.Model, "config.json"), "--json");
        Assert.That(code, Is.Zero);
        Assert.That(file, Is.EqualTo(directory));
        using var json = JsonDocument.Parse(directory);
        var model = json.RootElement.GetProperty("model");
        var shape = Shapes.Of(work.Model);
        int Size(string name) => model.GetProperty(name).GetInt32();
        Assert.That((Size("hidden"), Size("layers"), Size("headDim")), Is.EqualTo((shape.Hidden, shape.Layers, shape.HeadDim)));
        var options = new CostOptions { SkipMlpResidual = true, HeadFlopsPerMac = 2 };
        var honest = CostModel.Prefill(shape, TokenSchedule.Flat(shape.Layers, 6372), Hardware.A100_40GB, options);
        Assert.That(json.RootElement.GetProperty("costs")[1].GetProperty("flops").GetDouble(), Is.EqualTo(honest.Flops));
    }

    [Test]
    public async Task A_config_that_cannot_be_priced_is_one_line()
    {
        using var work = new Workplace();
        string file = work.Write("broken.json", """{"model_type": "llama", "hidden_size": 64}""");
        var (code, _, error) = await Workplace.Aim("cost", file);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.StartWith($"aim: {file}: intermediate_size is missing").And.EndsWith("\n"));
        Assert.That(error.Count(c => c == '\n'), Is.EqualTo(1));

        Directory.CreateDirectory(work.In("empty"));
        Assert.That((await Workplace.Aim("cost", work.In("empty"))).Error, Does.Contain("config.json: no such file"));
    }

    [TestCase("--visual", "-1")]
    [TestCase("--visual", "2000000000")]
    [TestCase("--text", "0")]
    public async Task A_wrong_number_of_tokens_is_one_line(string option, string value)
    {
        var (code, _, error) = await Workplace.Aim("cost", "qwen2-7b", option, value);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.StartWith($"aim: {option} {value}: give a number of tokens from "));
    }

    [TestCase("22,14")]
    [TestCase("14")]
    [TestCase("a,b")]
    public async Task A_wrong_schedule_is_one_line(string schedule)
    {
        var (code, _, error) = await Workplace.Aim("cost", "qwen2-7b", "--schedule", schedule);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Is.EqualTo(
            $"aim: --schedule {schedule}: not a schedule; write l1,l2 with l1 below l2, for example 14,22\n"));
    }

    // the line that starts so, its columns joined by single spaces
    private static string Line(string text, string start) =>
        string.Join(' ', text.Split('\n').First(l => l.StartsWith(start)).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];
}
