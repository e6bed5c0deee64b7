namespace Aim.Experiments.Tests.Cli;

/// <summary>What a user gets wrong is one line with cause and cure, exit code 2, and no stack trace.</summary>
public class ErrorTests
{
    private static Workplace _work = null!;

    [OneTimeSetUp]
    public void Create() => _work = new Workplace(samples: 4);

    [OneTimeTearDown]
    public void Remove() => _work.Dispose();

    private static async Task Fails(string[] arguments, params string[] parts)
    {
        var (code, _, error) = await Workplace.Aim(arguments);
        Assert.That(code, Is.EqualTo(2), error);
        Assert.That(error, Does.StartWith("aim: ").And.EndWith("\n"));
        Assert.That(error.TrimEnd('\n'), Does.Not.Contain("\n"), "one line");
        Assert.That(error, Does.Not.Contain("   at ").And.Not.Contain("Exception"));
        foreach (string part in parts)
            Assert.That(error, Does.Contain(part));
    }

    private static string[] Run(params string[] more) =>
        ["run", _work.Definition, "--output", _work.In("runs"), "--threads", "1", .. more];

    [Test]
    public Task Bad_definition() =>
        Fails(["run", _work.Write("bad.yaml", TinyModel.Definition("model").Replace("frames: 8", "frame: 8"))], "bad.yaml:",
            "frame");

    [Test]
    public Task Definition_that_is_not_yaml() => Fails(["plan", _work.Write("no.yaml", "schema: [1")], "no.yaml:", "not YAML");

    [Test]
    public Task Missing_definition() => Fails(["run", _work.In("none.yaml")], "no such definition", "tradeoff-video");

    [Test]
    public Task Unknown_method() =>
        Fails(Run("--set", "cells[1].method=fastw"), "unknown method 'fastw'", "known: none, aim, random, downsample");

    [TestCase("0")]
    [TestCase("1.5")]
    [TestCase("-1/4")]
    public Task Retention_outside_its_range(string retention) =>
        Fails(Run("--set", $"cells[1].retention={retention}"), $"'{retention}' is not in (0, 1]", "1/4, 0.25 or 25%");

    [Test]
    public Task Layers_in_the_wrong_order() =>
        Fails(Run("--set", "cells[1].schedule={l1: 3, l2: 3}"), "l1 = 3 is not below l2 = 3");

    [Test]
    public Task No_searched_schedule() =>
        Fails(Run("--set", "cells[1].schedule=[default, searched]"), "schedule.json: missing", "aim search-schedule");

    [Test]
    public Task Missing_checkpoint() =>
        Fails(Run("--set", "model=nowhere/at/all"), "no directory 'nowhere/at/all'", "aim lab train");

    [Test]
    public async Task Missing_weights()
    {
        string model = TinyModel.Create(_work.In("no-weights"));
        File.Delete(Path.Combine(model, "model.safetensors"));
        await Fails(Run("--set", $"model={model}"), "model.safetensors: missing");
    }

    [TestCase(0.5)]
    [TestCase(0.999)]
    [TestCase(0.00001)]
    public async Task Truncated_weights(double share)
    {
        string model = TinyModel.Create(_work.In($"truncated-{share}"));
        string weights = Path.Combine(model, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        File.WriteAllBytes(weights, bytes[..(int)(bytes.Length * share)]);
        await Fails(Run("--set", $"model={model}"), "model.safetensors");
    }

    [Test]
    public async Task Truncated_configuration()
    {
        string model = TinyModel.Create(_work.In("truncated-config"));
        string config = Path.Combine(model, "config.json");
        File.WriteAllText(config, File.ReadAllText(config)[..100]);
        await Fails(Run("--set", $"model={model}"), "config.json");
    }

    [Test]
    public Task Unwritable_output() =>
        Fails(["run", _work.Definition, "--output", Path.Combine(_work.Write("file", ""), "runs")], "--output",
            "cannot be written");

    [Test]
    public Task Limit_of_nothing() => Fails(Run("--limit", "0"), "--limit 0");

    [Test]
    public Task Threads_of_nothing() => Fails(["run", _work.Definition, "--threads", "0"], "--threads 0");

    [Test]
    public Task Unknown_verb() => Fails(["runn", "x"], "'runn' is no verb of aim", "aim --help");

    [Test]
    public Task Unknown_option() => Fails(["plan", _work.Definition, "--fast"], "--fast", "aim plan --help");

    [Test]
    public Task Missing_argument() => Fails(["run"], "aim run --help");

    [Test]
    public Task Report_of_no_run() =>
        Fails(["report", "nothing", "--output", _work.In("runs")], "nothing: not a run", "aim list");

    [Test]
    public Task Cost_of_nothing() => Fails(["cost", "gpt-9"], "cost gpt-9", "table1", "Qwen2-7B");

    [Test]
    public Task Schedule_search_without_samples() =>
        Fails(["search-schedule", "--model", _work.Model, "--samples", "1"], "--samples 1");

    [Test]
    public Task Stored_schedule_of_other_weights() => Fails(
        ["plan", _work.Write("searched.yaml",
            TinyModel.Definition(Other()).Replace("[none, default]", "[none, default, searched]"))],
            "schedule.json: chosen for other weights", "aim search-schedule");

    private static string Other()
    {
        string model = TinyModel.Create(_work.In("other"));
        new StoredSchedule
        {
            ModelSha256 = new string('0', 64),
            L1 = 1,
            L2 = 2,
            Retention = "1/4",
            Frames = 8,
            Samples = 1,
            Margin = 1,
            Unpruned = 1,
            Tried = [],
        }.Save(model);
        return model;
    }
}
