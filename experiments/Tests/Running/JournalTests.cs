using Aim.Experiments.Planning;
using Aim.Experiments.Running;

namespace Aim.Experiments.Tests.Running;

public class JournalTests
{
    private string _path = null!;

    [SetUp]
    public void Open() => _path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.jsonl");

    [TearDown]
    public void Remove() => File.Delete(_path);

    private static SampleResult Result(string key) =>
        new(key, "aim 1/4", $"sample-{key}", "red \"bus\"\n", [30, 20], 123_456_789_012);

    private static void AssertSame(IEnumerable<SampleResult> found, params string[] keys)
    {
        var expected = keys.Select(Result);
        Assert.That(found.Select(r => (r.Key, r.Cell, r.Sample, r.Answer, string.Join(',', r.Tokens), r.Flops)),
            Is.EqualTo(expected.Select(r => (r.Key, r.Cell, r.Sample, r.Answer, string.Join(',', r.Tokens), r.Flops))));
    }

    [Test]
    public void What_was_appended_is_replayed_in_order()
    {
        using (var journal = Journal<SampleResult>.Open(_path, out var empty))
        {
            Assert.That(empty, Is.Empty);
            journal.Append([Result("a"), Result("b")]);
        }
        using (var journal = Journal<SampleResult>.Open(_path, out var replayed))
        {
            AssertSame(replayed, "a", "b");
            journal.Append([Result("c")]);
        }
        AssertSame(Journal<SampleResult>.Read(_path), "a", "b", "c");
    }

    [Test]
    public void A_cut_at_any_byte_costs_only_the_line_it_cuts()
    {
        using (var journal = Journal<SampleResult>.Open(_path, out _))
            journal.Append([Result("a"), Result("b")]);
        byte[] whole = File.ReadAllBytes(_path);
        int first = Array.IndexOf(whole, (byte)'\n') + 1;
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_path, whole[..length]);
            using (var journal = Journal<SampleResult>.Open(_path, out var replayed))
            {
                AssertSame(replayed, length < first ? [] : ["a"]);
                journal.Append([Result("c")]);
            }
            AssertSame(Journal<SampleResult>.Read(_path), length < first ? ["c"] : ["a", "c"]);
        }
    }

    [Test]
    public void A_last_line_that_never_reached_the_disk_is_dropped()
    {
        using (var journal = Journal<SampleResult>.Open(_path, out _))
            journal.Append([Result("a")]);
        File.AppendAllText(_path, "\0\0\0\0\n");
        using (Journal<SampleResult>.Open(_path, out var replayed))
            AssertSame(replayed, "a");
    }

    [Test]
    public void A_damaged_line_in_the_middle_is_named()
    {
        using (var journal = Journal<SampleResult>.Open(_path, out _))
            journal.Append([Result("a"), Result("b")]);
        File.WriteAllText(_path, File.ReadAllText(_path).Replace("\"key\":\"a\"", "\"kay\":\"a\"", StringComparison.Ordinal));
        Assert.That(Assert.Throws<DefinitionException>(() => Journal<SampleResult>.Open(_path, out _).Dispose())!.Message,
            Does.StartWith($"{_path}:1: not a journal line;"));
    }

    [Test]
    public void A_second_writer_is_refused()
    {
        using var journal = Journal<SampleResult>.Open(_path, out _);
        Assert.That(Assert.Throws<DefinitionException>(() => Journal<SampleResult>.Open(_path, out _).Dispose())!.Message,
            Does.Contain("in use by another process"));
    }

    [Test]
    public void Appended_lines_are_flushed_within_a_second_without_being_asked()
    {
        using var journal = Journal<SampleResult>.Open(_path, out _);
        journal.Append([Result("a")]);
        Assert.That(() => journal.IsFlushed, Is.True.After(1000, 20));
        AssertSame(Journal<SampleResult>.Read(_path), "a");
    }
}
