using Aim.Models;
using Aim.Models.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class MethodsTests
{
    [FsCheck.NUnit.Property(MaxTest = 80)]
    public Property CountsAreKnownBeforeTheRun()
    {
        var cases =
            from name in Gen.Elements("none", "aim", "random", "downsample")
            from retention in Gen.Elements("1", "1/2", "1/4", "1/9", "0.3")
            from frames in Gen.Choose(1, 3)
            from side in Gen.Choose(1, 4)
            from text in Gen.Choose(2, 9)
            from l1 in Gen.Choose(-1, 4)
            from width in Gen.Choose(1, 5)
            select (name, retention, frames, side, text, l1, width);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            using var scope = NewDisposeScope();
            using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
            var method = Methods.Create(c.name, new ReductionSettings
            {
                Retention = Retention.Parse(c.retention),
                Schedule = c.l1 < 0 ? null : new PruneSchedule(c.l1, c.l1 + c.width, 4),
                Seed = 11,
                Side = 2,
            });
            int tokensPerFrame = c.side * c.side, dim = decoder.Config.HiddenSize;
            var features = tensor(decoder.Values(c.frames * tokensPerFrame * dim, 1), [c.frames, tokensPerFrame, dim]);
            var merged = method.Merger("clip").Merge(features).reshape(-1, dim);
            int visual = (int)merged.shape[0] + 1, n = visual + c.text;
            var embeds = cat([decoder.Embeddings(1)[0], merged, decoder.Embeddings(c.text)[0]], 0).unsqueeze(0);
            using var prefill = decoder.Model.Prefill(embeds, [PromptLayout.Span(1, 1 + visual, n)], method.Pruner(["clip"]));
            Assert.That(
                prefill.TokensPerLayer[0], Is.EqualTo(method.TokenCounts(c.frames, tokensPerFrame, c.text, 4)),
                $"{c.name} {c.retention} {c.frames} x {tokensPerFrame} + {c.text}, ({c.l1}, {c.l1 + c.width})");
        });
    }

    [Test]
    public void RandomHasAimsCounts()
    {
        var settings = new ReductionSettings { Retention = Retention.Parse("1/4"), Schedule = PruneSchedule.Default(12) };
        int[] aim = Methods.Create("aim", settings).TokenCounts(32, 36, 24, 12);
        Assert.That(Methods.Create("random", settings).TokenCounts(32, 36, 24, 12), Is.EqualTo(aim));
        int all = 32 * 9 + 1;
        Assert.That(aim, Is.EqualTo((int[])[.. Enumerable.Repeat(all + 24, 7), all * 2 / 3 + 24, all / 3 + 24, 24, 24, 24]));
    }

    [Test]
    public void RandomExecutesExactlyAimsFlops()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        var settings = new ReductionSettings { Retention = Retention.Parse("1/3"), Schedule = new PruneSchedule(1, 4, 4), Seed = 1 };
        int dim = decoder.Config.HiddenSize;
        var features = tensor(decoder.Values(3 * 16 * dim, 1), [3, 16, dim]);
        (long Matmul, long Overhead, float[] Logits) Run(string name)
        {
            var method = Methods.Create(name, settings);
            var merged = method.Merger("clip").Merge(features).reshape(-1, dim);
            var embeds = cat([decoder.Model.Embed(tensor((long[])[1])), merged, decoder.Model.Embed(tensor((long[])[2, 3, 4]))], 0).unsqueeze(0);
            using var counted = FlopCounter.MeasureThread();
            using var prefill = decoder.Model.Prefill(embeds, [PromptLayout.Span(1, 1 + (int)merged.shape[0], 4 + (int)merged.shape[0])], method.Pruner(["clip"]));
            return (counted.Matmul, counted.Overhead, prefill.Logits.Values());
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
            Methods.Create("aim", new ReductionSettings { Preset = "video-37.5%" }).TokenCounts(32, 196, 100, 28)[0], Is.EqualTo(32 * 74 + 101));

    [Test]
    public void UnknownNamesAreRefusedWithTheKnownOnes()
    {
        Assert.That(() => Methods.Create("tome2", new()), Throws.ArgumentException.With.Message.Contains("downsample").And.Message.Contains("'tome2'"));
        Assert.That(() => Methods.Create("aim", new ReductionSettings { Preset = "video" }), Throws.ArgumentException.With.Message.Contains("video-25%"));
    }

    [Test]
    public void EveryNameIsMade()
        => Assert.That(Methods.Names.Select(name => Methods.Create(name, new ReductionSettings { Side = 3 }).Name), Is.EqualTo(Methods.Names));
}
