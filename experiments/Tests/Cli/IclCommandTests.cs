using System.Text.Json;
using Aim.Datasets;
using Aim.Fusion;
using Aim.Models;

namespace Aim.Experiments.Tests.Cli;

/// <summary><c>aim icl</c> and <c>aim bank</c> on a tiny model: forms, projection, bank, and what a user gets wrong.</summary>
public class IclCommandTests
{
    private const int Side = 48;
    private static Workplace _work = null!;
    private static string _demos = "", _query = "", _projection = "";

    [OneTimeSetUp]
    public void Create()
    {
        _work = new Workplace(samples: 4);
        foreach (string name in (string[])["a", "b", "q"])
            File.WriteAllBytes(_work.In($"{name}.png"),
                PngFile.Encode(Side, Side, [.. Enumerable.Range(0, Side * Side * 3).Select(i => (byte)((i * name[0]) % 251))]));
        _demos = _work.Write("demos.jsonl", Line("a.png") + Line("b.png", reference: " kiko.\\n"));
        _query = _work.In("q.png");
        _projection = _work.In("w.safetensors");
        using var model = MultimodalModel.Load(_work.Model);
        var host = MultimodalFusionHost.Of(model);
        using var projection = new FusionProjection(host.Dim, new ProjectionOptions());
        ProjectionFile.Save(_projection, projection, host, new AggregationOptions(2, Norm: false));
    }

    [OneTimeTearDown]
    public void Remove() => _work.Dispose();

    private static string Line(string image, string reference = " gipu.\\n", string more = "") =>
        $$"""{"image": "{{image}}", "instruction": " which answer?", "reference": "{{reference}}"{{more}}}""" + "\n";

    private static string[] Icl(string demos, params string[] more) =>
        ["icl", "--model", _work.Model, "--demos", demos, "--image", _query, "--threads", "1", "--max-new-tokens", "3",
            .. more, " which answer?"];

    private static async Task<JsonElement> Json(params string[] more)
    {
        var (code, output, error) = await Workplace.Aim(Icl(_demos, [.. more, "--json"]));
        Assert.That(code, Is.Zero, error);
        return JsonDocument.Parse(output).RootElement;
    }

    [Test]
    public async Task A_query_is_answered_with_what_it_took()
    {
        var (code, output, error) = await Workplace.Aim(Icl(_demos, "--projection", _projection));
        Assert.That(code, Is.Zero, error);
        Assert.That(output, Does.EndWith("\n"));
        Assert.That(error, Does.Contain("prompt    2 demonstrations, fused: layer 2 of 4, text tokens: all, projected by 1056 "
            + "parameters\n")
            .And.Match(@"seconds   load [0-9]"));
        var json = await Json("--projection", _projection);
        Assert.That(json.GetProperty("answer").GetString()!.Trim(), Is.EqualTo(output.Trim()));
    }

    [Test]
    public async Task Tokens_are_those_of_the_form()
    {
        using var model = MultimodalModel.Load(_work.Model);
        int text = new[] { " which answer? gipu.\n", " which answer? kiko.\n" }.Sum(t => model.Tokenizer.Encode(t).Length);
        int query = model.Tokenizer.Encode(" which answer?").Length;
        var (fused, raw, plain) = (await Json("--projection", _projection), await Json("--form", "raw"),
            await Json("--form", "text"));
        int Tokens(JsonElement json, string name) => json.GetProperty("tokens").GetProperty(name).GetInt32();
        int picture = Tokens(fused, "visual");
        Assert.That(Tokens(fused, "demonstrations"), Is.EqualTo(text).And.EqualTo(Tokens(plain, "demonstrations")));
        Assert.That(Tokens(fused, "total"), Is.EqualTo(text + picture + query).And.EqualTo(Tokens(plain, "total")));
        Assert.That(Tokens(raw, "total"), Is.EqualTo(text + (3 * picture) + query));
        foreach (var json in (JsonElement[])[fused, raw, plain])
            Assert.That(Tokens(json, "asPictures"), Is.EqualTo(Tokens(raw, "total")));
    }

    [Test]
    public async Task A_bank_reads_each_demonstration_once_and_changes_nothing()
    {
        string bank = _work.In("bank");
        string[] options = ["--projection", _projection, "--option", " gipu", "--option", " kiko"];
        var without = await Json(options);
        var cold = await Json([.. options, "--bank", bank]);
        var warm = await Json([.. options, "--bank", bank]);
        Assert.That(cold.GetProperty("bank").GetProperty("misses").GetInt32(), Is.EqualTo(2));
        Assert.That(warm.GetProperty("bank").GetProperty("hits").GetInt32(), Is.EqualTo(2));
        string Scores(JsonElement json) => json.GetProperty("options").GetRawText();
        Assert.That(Scores(warm), Is.EqualTo(Scores(cold)).And.EqualTo(Scores(without)), "to the last digit");
        double[] scores = [.. warm.GetProperty("options").EnumerateArray().Select(o =>
            o.GetProperty("logProbability").GetDouble())];
        Assert.That(warm.GetProperty("answer").GetString(), Is.EqualTo(scores[0] >= scores[1] ? " gipu" : " kiko"));
    }

    [Test]
    public async Task Demonstrations_are_chosen()
    {
        var one = await Json("--layer", "0", "--shots", "1");
        Assert.That(one.GetProperty("shots").GetInt32(), Is.EqualTo(1));
        foreach (string how in (string[])["random", "similar", "balanced"])
            Assert.That((await Json("--layer", "0", "--select", how)).GetProperty("shots").GetInt32(), Is.EqualTo(2), how);
        string stopped = (await Json("--layer", "0", "--stop", " ")).GetProperty("answer").GetString()!;
        Assert.That(stopped, Does.Not.Contain(" "));
    }

    private static async Task Fails(string[] arguments, params string[] parts)
    {
        var (code, output, error) = await Workplace.Aim(arguments);
        Assert.That(code, Is.EqualTo(2), error);
        Assert.That(output, Is.Empty);
        Assert.That(error.TrimEnd('\n'), Does.StartWith("aim: ").And.Not.Contain("\n").And.Not.Contain("Exception"));
        foreach (string part in parts)
            Assert.That(error, Does.Contain(part));
    }

    private static Task Refused(string second, params string[] parts)
    {
        string file = _work.Write($"bad-{Guid.NewGuid():N}.jsonl", Line("a.png") + second);
        return Fails(Icl(file, "--layer", "2"), [$"{file}:2: ", .. parts]);
    }

    [Test]
    public Task Missing_picture_of_a_demonstration() => Refused(Line("none.png"), "there is no picture", "none.png");

    [Test]
    public Task Broken_picture_of_a_demonstration()
    {
        _work.Write("text.png", "text");
        return Refused(Line("text.png"), "image: ", "text.png");
    }

    [Test]
    public Task Empty_text_of_a_demonstration() => Refused(Line("a.png", reference: " "), "reference is empty");

    [Test]
    public Task Demonstration_for_another_backbone() =>
        Refused(Line("a.png", more: $$""", "backbone": "{{new string('0', 64)}}" """),
            "backbone: ", new string('0', 64), "load the other model");

    [Test]
    public async Task Demonstration_for_this_backbone()
    {
        string file = _work.Write("for-this.jsonl",
            Line("a.png", more: $", \"backbone\": \"{MultimodalModel.HashOf(_work.Model)}\""));
        var (code, _, error) = await Workplace.Aim(Icl(file, "--layer", "2"));
        Assert.That(code, Is.Zero, error);
    }

    [Test]
    public Task No_demonstrations_at_all() =>
        Fails(Icl(_work.Write("empty.jsonl", "\n"), "--layer", "2"), "empty.jsonl:1: there is no demonstration");

    [Test]
    public Task Missing_file_of_demonstrations() =>
        Fails(Icl(_work.In("none.jsonl"), "--layer", "2"), "none.jsonl: no such file");

    [Test]
    public Task Missing_projection() => Fails(Icl(_demos, "--projection", _work.In("none.safetensors")), "--projection",
        "no such file");

    [Test]
    public async Task Projection_of_another_model()
    {
        string other = TinyModel.Create(_work.In("other"), seed: 8);
        await Fails(["icl", "--model", other, "--demos", _demos, "--image", _query, "--projection", _projection, ":"],
            "it was trained for the model with sha256");
    }

    [TestCase("--layer", "5", "layer 5 was asked for")]
    [TestCase("--form", "spoken", "fused, raw or text")]
    [TestCase("--select", "best", "first, random, similar or balanced")]
    [TestCase("--shots", "3", "has 2")]
    public Task Options_out_of_range(string option, string value, string part) =>
        Fails(Icl(_demos, option == "--layer" ? [option, value] : ["--layer", "2", option, value]), part);

    [Test]
    public Task Neither_projection_nor_layer() => Fails(Icl(_demos), "--projection", "--layer N");

    [Test]
    public async Task A_bank_is_counted_verified_and_cleaned_up()
    {
        string bank = _work.In("kept");
        await Json("--layer", "2", "--bank", bank);
        var (code, text, error) = await Workplace.Aim("bank", "stat", bank);
        Assert.That(code, Is.Zero, error);
        Assert.That(text, Does.StartWith("2 entries, "));
        Assert.That(await Workplace.Aim("bank", "verify", bank), Is.EqualTo((0, "2 entries, 0 faults\n", "")));

        string segment = Directory.GetFiles(Path.Combine(bank, "segments")).Single();
        byte[] bytes = File.ReadAllBytes(segment);
        bytes[^1] ^= 1;
        File.WriteAllBytes(segment, bytes);
        (code, text, _) = await Workplace.Aim("bank", "verify", bank);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(text, Does.Contain(segment).And.Contain("does not match its hash").And.EndWith("1 faults\n"));
        File.WriteAllBytes(segment, bytes[..^1]);
        (code, text, _) = await Workplace.Aim("bank", "verify", bank);
        Assert.That((code, text.Contains("the file was cut", StringComparison.Ordinal)), Is.EqualTo((1, true)));

        (code, text, _) = await Workplace.Aim("bank", "gc", bank);
        Assert.That(code, Is.Zero);
        Assert.That(text, Does.Match(@"before: 1 entries.*\nafter:  1 entries"));
        Assert.That((await Workplace.Aim("bank", "verify", bank)).Code, Is.Zero);
        Assert.That((await Workplace.Aim("bank", "gc", bank, "--size", "1")).Output, Does.Contain("after:  0 entries"));
    }

    [Test]
    public async Task A_directory_that_is_no_bank_is_refused_and_left_alone()
    {
        foreach (string verb in (string[])["stat", "verify", "gc"])
            await Fails(["bank", verb, _work.In("nothing")], "no demonstration bank");
        Assert.That(Directory.Exists(_work.In("nothing")), Is.False);
        await Fails(["bank", "gc", _work.Model], "no demonstration bank");
    }

    [TestCase("0")]
    [TestCase("much")]
    [TestCase("-5MB")]
    public async Task Sizes_that_are_none(string size)
    {
        string bank = _work.In("sized");
        Directory.CreateDirectory(Path.Combine(bank, "segments"));
        await Fails(["bank", "gc", bank, "--size", size], "--size");
    }
}
