using Aim.Models;
using Aim.Models.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

/// <summary>Every option of AIM against a plain computation of its own.</summary>
public class AimOptionsTests
{
    private static readonly Gen<(int Frames, int Tokens, int Dim, int Seed, int[] Steps)> s_merges =
        from frames in Gen.Choose(1, 3)
        from tokens in Gen.Choose(1, 23)
        from dim in Gen.Choose(1, 6)
        from seed in Gen.Choose(1, 1_000_000)
        from steps in Gen.ArrayOf(Gen.Choose(0, 12))
        select (frames, tokens, dim, seed, steps.Take(4).ToArray());

    [FsCheck.NUnit.Property(MaxTest = 60)]
    public Property MergingEqualsThePlainComputation() => Prop.ForAll(
        s_merges.ToArbitrary(), Gen.Elements(false, true).Two().ToArbitrary(), (c, o) =>
        {
            using var scope = NewDisposeScope();
            float[] values = Values(c.Frames * c.Tokens * c.Dim, c.Seed);
            var plan = RetentionPlan.FromSteps(c.Tokens, c.Steps);
            var merged = new AimMerger(_ => plan, new AimOptions { SizeWeighted = o.Item1, PositionOrder = o.Item2 })
                .Merge(tensor(values, [c.Frames, c.Tokens, c.Dim]), null);
            float[] got = merged.Tokens.Values();
            for (int f = 0; f < c.Frames; f++)
            {
                var frame = Enumerable.Range(0, c.Tokens)
                    .Select(t => Plain.Token.Original(t, values.AsSpan((f * c.Tokens + t) * c.Dim, c.Dim))).ToList();
                foreach (int r in plan.Steps)
                    frame = Plain.Merge(frame, r, sizeWeighted: o.Item1, positionOrder: o.Item2);
                var (assign, weight) = merged.Composite(f, c.Tokens);
                for (int i = 0; i < frame.Count; i++)
                {
                    float[] row = got[((f * frame.Count + i) * c.Dim)..((f * frame.Count + i + 1) * c.Dim)];
                    Assert.That(row, Is.EqualTo(frame[i].Value).Within(2e-5), $"frame {f}, token {i}");
                    int[] members = [.. Enumerable.Range(0, c.Tokens).Where(t => assign[t] == i)];
                    Assert.That(members, Is.EqualTo(frame[i].Weights.Keys), $"frame {f}, members of {i}");
                    Assert.That(members.Select(m => weight[m]), Is.EqualTo(frame[i].Weights.Values).Within(1e-6));
                    Assert.That(merged.Sizes(f, c.Tokens)[i], Is.EqualTo(members.Length));
                }
            }
        });

    [FsCheck.NUnit.Property(MaxTest = 60)]
    public Property PositionOrderKeepsTheOrderOfSlotsAndHalvingsHaveItAnyway() => Prop.ForAll(s_merges.ToArbitrary(), c =>
    {
        using var scope = NewDisposeScope();
        var tokens = tensor(Values(c.Frames * c.Tokens * c.Dim, c.Seed), [c.Frames, c.Tokens, c.Dim]);
        var plan = RetentionPlan.FromSteps(c.Tokens, c.Steps);
        var ordered = new AimMerger(_ => plan, new AimOptions { PositionOrder = true }).Merge(tokens, null);
        for (int f = 0; f < c.Frames; f++)
        {
            // A token stands at the slot of its destination, or at its own where it stayed a source.
            int[] at = [.. Enumerable.Range(0, c.Tokens)];
            foreach (var step in ordered.Steps)
            {
                int[] assign = step.Assign(f);
                int[] stands = [.. Enumerable.Range(0, step.Kept).Select(o => Enumerable.Range(0, assign.Length)
                    .Where(i => assign[i] == o).OrderByDescending(i => i % 2).ThenBy(i => i).First())];
                Assert.That(stands, Is.Ordered);
                at = [.. stands.Select(i => at[i])];
                Assert.That(at, Is.Ordered);
            }
        }

        var halvings = RetentionPlan.FromSteps(8, [4, 2, 1]);
        var eight = tensor(Values(8 * c.Dim, c.Seed), [1, 8, c.Dim]);
        Assert.That(
            new AimMerger(_ => halvings, new AimOptions { PositionOrder = true }).Merge(eight, null).Tokens.Values(),
            Is.EqualTo(new AimMerger(_ => halvings).Merge(eight, null).Tokens.Values()));
    });

    [FsCheck.NUnit.Property(MaxTest = 60)]
    public Property RankingEqualsThePlainComputation()
    {
        var cases =
            from seed in Gen.Choose(1, 1_000_000)
            from tau in Gen.Elements(0.1, 0.5, 2.0)
            from steps in Gen.Choose(0, 7)
            from damping in Gen.Elements(0.0, 0.15, 1.0)
            from heads in Gen.Elements(Enum.GetValues<HeadAggregation>())
            from sizes in Gen.Elements(false, true)
            from keep in Gen.Choose(1, 8)
            select (seed, tau, steps, damping, heads, sizes, keep);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            using var scope = NewDisposeScope();
            using var decoder = new RandomDecoder(RandomDecoder.Qwen2(2), (ulong)c.seed);
            var layout = PromptLayout.Span(2, 11, 14);
            if (c.sizes)
                layout = layout with { Sizes = [1, 1, 4, 1, 2, 9, 1, 1, 3, 2, 1, 1, 1, 1] };
            var options = new AimOptions { Tau = c.tau, Steps = c.steps, Damping = c.damping, Heads = c.heads };
            var watched = new Watched(new PageRankPruner(new PruneSchedule(0, 2, 2), options), c.keep);
            using var prefill = decoder.Model.Prefill(decoder.Embeddings(14), [layout], watched);
            double[] scores = Plain.Importance(watched.Query!, watched.Key!, layout.Sizes, options);
            double kept = watched.Chosen!.Min(i => scores[2 + i]);
            double dropped = Enumerable.Range(0, 9).Except(watched.Chosen!).Max(i => scores[2 + i]);
            Assert.That(watched.Chosen, Has.Length.EqualTo(c.keep));
            Assert.That(kept, Is.GreaterThanOrEqualTo(dropped - 1e-6 - 1e-5 * dropped));
        });
    }

    [Test]
    public void RenumberedSurvivorsCountFromZero()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        var shape = new PromptShape(2, 16, 1, 5, 4);
        using var kept = new MethodRun(decoder, Make(("schedule", "0,3")), shape);
        using var anew = new MethodRun(decoder, Make(("schedule", "0,3"), ("renumbered", "true")), shape);
        Assert.That(kept.Prefill.Cache.NextPositionOf(3), Is.EqualTo((int[])[kept.Layout.Length]));
        Assert.That(anew.Prefill.Cache.NextPositionOf(3), Is.EqualTo((int[])[anew.Prefill.Cache.Count(3, 0)]));
        Assert.That(anew.Prefill.Alive[0], Is.EqualTo(kept.Prefill.Alive[0]), "the first ranking has seen nothing renumbered");
        Assert.That(anew.Prefill.Logits.Values(), Is.Not.EqualTo(kept.Prefill.Logits.Values()));
    }

    [Test]
    public void ProportionalAttentionCountsWhatWasMerged()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        var method = Make(("retention", "1/4"), ("proportional-attention", "true"));
        using var run = new MethodRun(decoder, method, new PromptShape(2, 16, 1, 5, 4));
        int[] members = [.. Enumerable.Range(0, 8).Select(i => run.Merged.Origin.From(i).Count)];
        var layout = method.Arrange(run.Layout, members);
        Assert.That(members.Sum(), Is.EqualTo(32));
        Assert.That(layout.Sizes, Is.EqualTo((int[])[1, .. members, 1, 1, 1, 1, 1]));
        using var plain = decoder.Model.Prefill(run.Embeds, [run.Layout]);
        using var proportional = decoder.Model.Prefill(run.Embeds, [layout]);
        Assert.That(proportional.Logits.Values(), Is.Not.EqualTo(plain.Logits.Values()));
        var paper = Make(("retention", "1/4"));
        Assert.That(paper.Arrange(run.Layout, members), Is.SameAs(run.Layout));
    }

    [Test]
    public void TheDefaultsAreThePapers()
    {
        Assert.That(AimOptions.Paper.Pairs, Is.Empty);
        Assert.That(new AimOptions(), Is.EqualTo(AimOptions.Paper));
        Assert.That(Make(("tau", "0.10"), ("heads", "rms")).Settings.Canonical, Is.EqualTo("retention=1 schedule=none"));
    }

    [Test]
    public void OptionsWriteWhatTheyRead()
    {
        (string, string)[] all =
        [
            ("size-weighted", "true"), ("position-order", "true"), ("proportional-attention", "true"),
            ("original-positions", "true"), ("tau", "0.25"), ("steps", "0"), ("damping", "0.15"), ("heads", "max"),
            ("renumbered", "true"),
        ];
        var settings = (AimMethod.Options)Make(all).Settings;
        Assert.That(settings.Variant.Pairs.Select(p => (p.Key, p.Value)), Is.EqualTo(all));
        Assert.That(
            new AimOptions
            {
                SizeWeighted = true,
                PositionOrder = true,
                ProportionalAttention = true,
                OriginalPositions = true,
                Tau = 0.25,
                Steps = 0,
                Damping = 0.15,
                Heads = HeadAggregation.Max,
                Renumbered = true,
            },
            Is.EqualTo(settings.Variant));
    }

    [TestCase("tau", "0", "from 0.001 to 1000")]
    [TestCase("steps", "-1", "from 0 to 1000")]
    [TestCase("damping", "1.5", "from 0 to 1")]
    [TestCase("heads", "median", "rms, mean, max")]
    [TestCase("renumbered", "yes", "true, false")]
    public void WrongOptionsAreNamed(string key, string value, string says)
        => Assert.That(
            () => Make((key, value)),
            Throws.TypeOf<SettingException>().With.Message.Contains(says).And.Message.Contains($"'{key}'"));

    [Test]
    public void ImpossibleValuesAreRefused()
    {
        Assert.That(() => new AimOptions { Tau = double.NaN }, Throws.ArgumentException.With.Message.Contains("above 0"));
        Assert.That(() => new AimOptions { Damping = double.NaN }, Throws.ArgumentException.With.Message.Contains("0 to 1"));
        Assert.That(() => new AimOptions { Steps = 1001 }, Throws.ArgumentException.With.Message.Contains("1000"));
    }

    private static ReductionMethod Make(params (string, string)[] settings) => Hosts.Make("aim", Hosts.Small(), settings);

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(2 * random.NextDouble() - 1))];
    }

    /// <summary>Lets a pruner choose once, with a count of the test's, and keeps what it chose from.</summary>
    private sealed class Watched(ITokenPruner inner, int keep) : ITokenPruner
    {
        public Tensor? Query { get; private set; }

        public Tensor? Key { get; private set; }

        public int[]? Chosen { get; private set; }

        public int Kept(int layer, int visual, int text) => layer == 0 ? keep : 0;

        public int[][] Select(LayerContext context, int[] keep)
        {
            (Query, Key) = (context.Query.clone().DetachFromDisposeScope(), context.Key.clone().DetachFromDisposeScope());
            int[][] chosen = inner.Select(context, keep);
            Chosen = chosen[0];
            return chosen;
        }
    }
}
