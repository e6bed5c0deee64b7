using System.Text.Json;

namespace Aim.Experiments.Tests.Cli;

/// <summary><c>aim parity DIR</c>: lines, JSON, exit codes.</summary>
public class ParityCommandTests
{
    private static readonly string Fixtures = Path.Combine(AppContext.BaseDirectory, "Fixtures");
    private static readonly string Cases = Path.Combine(Fixtures, "parity");

    private string _folder = "";

    [SetUp]
    public void Create() => _folder = Directory.CreateTempSubdirectory("aim-parity-command-").FullName;

    [TearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Cases_are_lines_and_the_summary_is_apart()
    {
        var (code, output, error) = await Workplace.Aim("parity", Cases);
        Assert.That(code, Is.Zero);
        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.That(
            lines.Select(l => l.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[..2]),
            Is.EqualTo((string[][])[["pass", "importance/n12-h1"], ["pass", "merge/odd-7"], ["pass", "merge/two-tokens"]]));
        Assert.That(lines[2], Does.Contain("final 0e+0 (0e+0)"));
        Assert.That(error, Does.StartWith("importance: 1 cases, 1 pass, 0 fail, 0 not-supported, 0 informative\nmerge: 2 "));
        Assert.That(error, Does.Match("\nin all: 3 cases, 3 pass, .* s\n$"));
    }

    [Test]
    public async Task Json_is_alone_on_the_standard_output()
    {
        var (code, output, error) = await Workplace.Aim("parity", Fixtures, "--json");
        Assert.That(code, Is.Zero);
        using var json = JsonDocument.Parse(output);
        Assert.That(json.RootElement.EnumerateObject().Select(p => p.Name), Is.EqualTo((string[])["cases", "summary"]));
        var cases = json.RootElement.GetProperty("cases").EnumerateArray().ToArray();
        var merge = cases.Single(c => c.GetProperty("name").GetString() == "odd-7");
        Assert.That(merge.GetProperty("kind").GetString(), Is.EqualTo("merge"));
        Assert.That(merge.GetProperty("status").GetString(), Is.EqualTo("pass"));
        var fields = merge.GetProperty("differences")[0].EnumerateObject().Select(p => p.Name);
        Assert.That(fields, Is.EqualTo((string[])["tensor", "abs", "rel"]));
        var summary = json.RootElement.GetProperty("summary");
        foreach (string status in (string[])["pass", "fail", "not-supported", "informative"])
        {
            int count = cases.Count(c => c.GetProperty("status").GetString() == status);
            Assert.That(summary.GetProperty(status).GetInt32(), Is.EqualTo(count), status);
        }

        Assert.That(summary.GetProperty("not-supported").GetInt32(), Is.Zero, "this build lacks nothing that these ask for");
        Assert.That(error, Does.Contain("pass          merge/odd-7").And.Contain("in all: "));
    }

    [Test]
    public async Task A_case_that_fails_is_exit_code_1()
    {
        File.WriteAllText(Path.Combine(_folder, "case.json"), """{"kind":"merge","name":"broken"}""");
        var (code, output, error) = await Workplace.Aim("parity", _folder);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.StartWith("fail          merge/broken  # ").And.Contain(Path.Combine(_folder, "case.json")));
        Assert.That(error, Does.Contain("1 fail"));
        Assert.That((await Workplace.Aim("parity", _folder, "--json")).Code, Is.EqualTo(1));
    }

    [Test]
    public async Task What_is_not_supported_is_no_failure()
    {
        File.WriteAllText(Path.Combine(_folder, "case.json"), """{"kind":"method","name":"x","args":{"method":"none-yet"}}""");
        var (code, output, _) = await Workplace.Aim("parity", _folder);
        Assert.That((code, output), Is.EqualTo((0, "not-supported method/x  # no method named none-yet\n")));
    }

    [TestCase("--kind", "merge", 2)]
    [TestCase("--filter", "odd", 1)]
    [TestCase("--filter", "importance/", 1)]
    public async Task Cases_can_be_chosen(string option, string value, int count)
    {
        var (code, output, _) = await Workplace.Aim("parity", Cases, option, value);
        Assert.That((code, output.Count(c => c == '\n')), Is.EqualTo((0, count)));
    }

    [Test]
    public Task An_empty_directory_is_an_error() => Fails("no fixture case in it", "parity", _folder);

    [Test]
    public Task An_empty_directory_is_an_error_with_json_too() => Fails("no fixture case in it", "parity", _folder, "--json");

    [Test]
    public Task A_missing_directory_is_an_error() => Fails("no such directory", "parity", Path.Combine(_folder, "none"));

    [Test]
    public Task A_choice_of_nothing_is_an_error() =>
        Fails("no case that --kind and --filter leave", "parity", Cases, "--kind", "ops");

    private static async Task Fails(string reason, params string[] arguments)
    {
        var (code, output, error) = await Workplace.Aim(arguments);
        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(error, Does.StartWith("aim: parity ").And.Contain(reason).And.Match("^[^\n]+\n$"));
    }

    [Test]
    public async Task Order_and_numbers_do_not_depend_on_threads()
    {
        string one = (await Workplace.Aim("parity", Cases, "--threads", "1")).Output;
        Assert.That((await Workplace.Aim("parity", Cases, "--threads", "3")).Output, Is.EqualTo(one));
    }
}
