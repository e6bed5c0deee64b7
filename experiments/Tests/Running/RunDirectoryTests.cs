using Aim.Experiments.Planning;
using Aim.Experiments.Running;

namespace Aim.Experiments.Tests.Running;

public class RunDirectoryTests
{
    private static readonly Definition _definition =
        DefinitionReader.Parse(
        "d", "schema: 2\nname: d\nversion: 1\nquestion: q\nmodel: m\ndata: {set: lab, split: test}\nframes: 8\nsamples: "
            + "2\nmargin: 2\ncells: [{method: none}]\n");
    private static readonly RunKeys _keys = new("m", "1", "Managed", "avx2", [new AssemblyHash("aim", "00")]);
    private static readonly DateTimeOffset _now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private string _output = null!;

    [SetUp]
    public void Create() => _output = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"runs-{Guid.NewGuid():N}");

    [TearDown]
    public void Remove() => Directory.Delete(_output, recursive: true);

    [Test]
    public void A_new_run_is_named_by_date_and_short_hash()
    {
        var run = RunDirectory.Open(_output, _definition, _keys, _now, fresh: false);
        Assert.That(Path.GetFileName(run.Path), Is.EqualTo($"2026-11-20-120000-{CanonicalForm.Hash(_definition)[..8]}"));
        Assert.That(run.Resumed, Is.False);
        Assert.That(File.ReadAllText(run.File(RunDirectory.DefinitionName)), Is.EqualTo(CanonicalForm.Write(_definition)));
    }

    [Test]
    public void The_newest_unfinished_run_of_the_same_definition_and_keys_is_continued()
    {
        var first = RunDirectory.Open(_output, _definition, _keys, _now, fresh: true);
        var second = RunDirectory.Open(_output, _definition, _keys, _now.AddMinutes(1), fresh: true);
        RunDirectory Next(RunKeys keys, Definition definition, bool fresh = false) =>
            RunDirectory.Open(_output, definition, keys, _now.AddMinutes(2), fresh);

        Assert.That(Next(_keys, _definition) is { Resumed: true } run && run.Path == second.Path, Is.True);
        File.WriteAllText(second.Report, "done");
        Assert.That(Next(_keys, _definition) is { Resumed: true } older && older.Path == first.Path, Is.True);
        Assert.That(Next(_keys with { ModelSha256 = "other" }, _definition).Resumed, Is.False);
        Assert.That(Next(_keys, _definition with { Seed = 9 }).Resumed, Is.False);
        Assert.That(Next(_keys, _definition, fresh: true).Resumed, Is.False);
    }

    [Test]
    public void Two_runs_of_one_second_get_two_directories()
    {
        var first = RunDirectory.Open(_output, _definition, _keys, _now, fresh: true);
        var second = RunDirectory.Open(_output, _definition, _keys, _now, fresh: true);
        Assert.That(second.Path, Is.EqualTo(first.Path + "-2"));
    }

    [Test]
    public void Answers_are_shared_between_runs_with_the_same_keys_only()
    {
        var first = RunDirectory.Open(_output, _definition, _keys, _now, fresh: true);
        using (var journal = Journal<SampleResult>.Open(first.Journal, out _))
            journal.Append([new SampleResult("k", "none", "s", "a", [1], 1)]);
        Assert.That(RunDirectory.Store(_output, _keys, "").Select(r => r.Path), Is.EqualTo(new[] { first.Path }));
        Assert.That(RunDirectory.Store(_output, _keys, first.Path), Is.Empty);
        Assert.That(RunDirectory.Store(_output, _keys with { InstructionSet = "avx512" }, ""), Is.Empty);
    }

    [Test]
    public void An_output_that_cannot_be_written_is_one_line()
    {
        Directory.CreateDirectory(_output);
        string file = Path.Combine(_output, "file");
        File.WriteAllText(file, "");
        var error = Assert.Throws<DefinitionException>(() =>
            RunDirectory.Open(Path.Combine(file, "runs"), _definition, _keys, _now, fresh: false))!;
        Assert.That(error.Message, Does.StartWith("--output ").And.Contain("cannot be written").And.Not.Contain("\n"));
    }
}
