using Aim.Cost;
using Aim.Models;
using Aim.Models.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class MethodsTests
{
    private static readonly HostTraits s_host = Hosts.Small();

    // All methods as they are by default, and with settings that do something to small clips in a decoder of 4 layers.
    private static readonly (string Name, (string, string)[] Settings)[] s_active =
    [
        .. Methods.Names.Select(name => (name, Array.Empty<(string, string)>())),
        .. Methods.All.Where(m => m.Settings.Any(s => s.Name == "keep"))
            .Select(m => (m.Name, new[] { ("keep", m.Settings[0].Example) })),
        ("aim", [("retention", "1/4"), ("schedule", "1,3")]),
        ("aim", [("retention", "1/9"), ("schedule", "0,5")]),
        ("aim", [("retention", "0.3")]),
        ("random", [("retention", "1/2"), ("schedule", "default")]),
        ("downsample", [("side", "2")]),
        ("fastv", [("keep", "1/3"), ("layer", "1")]),
        ("vtw", [("layer", "3"), ("positions", "reset")]),
        ("pdrop", [("keep", "[0.7, 0.2]"), ("layers", "[1, 3]")]),
        ("sparsevlm", [("keep", "1/3, 1/9"), ("layers", "0, 2")]),
        ("text-prune", [("retention", "1/2"), ("schedule", "0,3")]),
    ];

    [FsCheck.NUnit.Property(MaxTest = 400)]
    public Property CountsAreKnownBeforeTheRun()
    {
        var cases =
            from which in Gen.Elements(s_active)
            from frames in Gen.Choose(1, 4)
            from side in Gen.Choose(1, 5)
            from text in Gen.Choose(2, 9)
            select (which, frames, side, text);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            using var scope = NewDisposeScope();
            using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
            var method = Hosts.Make(c.which.Name, s_host, c.which.Settings);
            var shape = new PromptShape(c.frames, c.side * c.side, 1, c.text, 4);
            using var run = new MethodRun(decoder, method, shape);
            string what = $"{method.Name} {method.Settings.Canonical} {shape}";
            int[] counts = method.TokenCounts(shape);
            Assert.That(run.Prefill.TokensPerLayer[0], Is.EqualTo(counts), what);
            Assert.That(method.VisualPerLayer(shape), Is.EqualTo(method.Name == "text-prune" && method.Pruner([""]) is not null
                ? null : counts.Select(n => n - c.text)), what);
            Assert.That(
                run.Matmul, Is.EqualTo(CostModel.MatmulFlops(ExecutedFlopsTests.Shape(decoder.Config), counts, causal: true)),
                $"{what}: what decides is counted apart");
            var features = run.Features.flatten(0, 1);
            Assert.That(run.Merged.Origin.Inputs, Is.EqualTo(shape.Frames * shape.TokensPerFrame), what);
            Assert.That(TensorValues.Difference(run.Merged.Origin.Apply(features), run.Merged.Tokens), Is.LessThan(1e-5), what);
        });
    }

    [Test]
    public void RandomHasAimsCounts()
    {
        var host = Hosts.Small(12);
        int[] Counts(string name)
            => Hosts.Make(name, host, ("retention", "1/4"), ("schedule", "default"))
                .TokenCounts(new PromptShape(32, 36, 1, 24, 12));
        int all = 32 * 9 + 1;
        Assert.That(
            Counts("aim"), Is.EqualTo((int[])[.. Enumerable.Repeat(all + 24, 7), all * 2 / 3 + 24, all / 3 + 24, 24, 24, 24]));
        Assert.That(Counts("random"), Is.EqualTo(Counts("aim")));
    }

    [Test]
    public void RandomExecutesExactlyAimsFlops()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        (long Matmul, long Overhead, float[] Logits) Run(string name)
        {
            var method = Hosts.Make(name, s_host, ("retention", "1/3"), ("schedule", "1,4"));
            using var run = new MethodRun(decoder, method, new PromptShape(3, 16, 1, 4, 4), seed: 5);
            return (run.Matmul, run.Overhead, run.Prefill.Logits.Values());
        }

        var (aim, random) = (Run("aim"), Run("random"));
        Assert.That(random.Matmul, Is.EqualTo(aim.Matmul));
        Assert.That(aim.Overhead, Is.Positive, "importance is counted apart");
        Assert.That(random.Overhead, Is.Zero);
        Assert.That(random.Logits, Is.Not.EqualTo(aim.Logits));
    }

    [Test]
    public void PresetsReplaceTheRetention()
        => Assert.That(
            Hosts.Make("aim", s_host, ("preset", "video-37.5%")).TokenCounts(new PromptShape(32, 196, 1, 100, 28))[0],
            Is.EqualTo(32 * 74 + 101));

    [Test]
    public void UnknownNamesAreRefusedWithTheKnownOnes()
        => Assert.That(
            () => Methods.Get("tome2"),
            Throws.ArgumentException.With.Message.Contains("downsample").And.Message.Contains("'tome2'"));

    [TestCase("aim", "retention", "2", "(0, 1]")]
    [TestCase("aim", "preset", "video", "video-25%")]
    [TestCase("aim", "schedule", "(9, 6)", "two rising layers")]
    [TestCase("aim", "side", "3", "not known; it has retention, schedule, preset")]
    [TestCase("none", "side", "3", "it has none")]
    [TestCase("downsample", "side", "0", "a whole number of 1 or more is expected, for example 'side: 3'")]
    [TestCase("random", "seed", "x", "a whole number of 0 or more")]
    public void WrongSettingsAreNamed(string method, string key, string value, string says)
        => Assert.That(
            () => Hosts.Make(method, s_host, (key, value)),
            Throws.TypeOf<SettingException>().With.Message.Contains(says).And.Message.StartsWith($"{method}: setting '{key}'"));

    [Test]
    public void APresetAndARetentionExcludeEachOther()
        => Assert.That(
            () => Hosts.Make("aim", s_host, ("preset", "video-25%"), ("retention", "1/4")),
            Throws.TypeOf<SettingException>().With.Message.Contains("nothing beside preset"));

    [Test]
    public void SettingsWriteWhatTheyRead()
    {
        foreach (var (name, settings) in s_active)
        {
            var method = Methods.Get(name);
            var read = method.Settle(method.Read(settings.ToDictionary(s => s.Item1, s => s.Item2)), s_host);
            Assert.That(method.Read(read.Pairs.ToDictionary()), Is.EqualTo(read), name);
        }

        Assert.That(Hosts.Make("aim", Hosts.Small(12), ("retention", "0.25"), ("schedule", "default")).Settings.Canonical,
            Is.EqualTo("retention=1/4 schedule=6,9"));
    }

    [Test]
    public void EverySettingIsExplainedByAValueThatIsRight()
    {
        foreach (var method in Methods.All)
        {
            Assert.That(method.Summary, Is.Not.Empty, method.Name);
            Assert.That(method.Source, Is.Not.Empty, method.Name);
            foreach (var setting in method.Settings)
            {
                Assert.That(
                    () => method.Read(new Dictionary<string, string> { [setting.Name] = setting.Example }),
                    Throws.Nothing, method.Name);
            }
        }
    }
}
