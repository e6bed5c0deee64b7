using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class ToMeTests
{
    private const int Items = 2;

    private static readonly Arbitrary<(TokenCase Case, bool Class, bool Distill)> s_cases = (
        from c in TokenCase.Any.Generator
        from classToken in Gen.Elements(false, true)
        from distillToken in Gen.Elements(false, true)
        select (c, classToken, distillToken && classToken)).ToArbitrary();

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property MeansAreOfAllOriginalTokens() => Prop.ForAll(s_cases, s =>
    {
        var (c, classToken, distillToken) = s;
        using var scope = NewDisposeScope();
        var x = new TokenCase(Items * c.Tokens, c.Dim, 0, c.Seed, c.Degenerate).Features().view(Items, c.Tokens, c.Dim);
        int[] schedule = [c.Keep, 3];
        int[] counts = ToMe.Counts(c.Tokens, schedule, (classToken ? 1 : 0) + (distillToken ? 1 : 0));
        int[][] assign = [.. Enumerable.Range(0, Items).Select(_ => Enumerable.Range(0, c.Tokens).ToArray())];
        var (merged, sizes) = (x, (Tensor?)null);
        for (int i = 0; i < schedule.Length; i++)
        {
            var step = ToMeStep.Match(merged, schedule[i], classToken, distillToken);
            Assert.That(step.Kept, Is.EqualTo(counts[i + 1]));
            (merged, sizes) = step.Apply(merged, sizes);
            assign = [.. assign.Select((a, item) => Array.ConvertAll(a, slot => step.Assign(item)[slot]))];
        }

        float[] before = x.data<float>().ToArray(), after = merged.data<float>().ToArray(), size = sizes!.data<float>().ToArray();
        int kept = counts[^1];
        for (int item = 0; item < Items; item++)
        {
            IEnumerable<int> In(int slot) => Enumerable.Range(0, c.Tokens).Where(i => assign[item][i] == slot);
            for (int slot = 0; slot < kept; slot++)
            {
                int[] members = [.. In(slot)];
                Assert.That(size[item * kept + slot], Is.EqualTo(members.Length));
                for (int k = 0; k < c.Dim; k++)
                {
                    float mean = members.Average(i => before[(item * c.Tokens + i) * c.Dim + k]);
                    Assert.That(after[(item * kept + slot) * c.Dim + k], Is.EqualTo(mean).Within(1e-5));
                }
            }

            if (classToken)
                Assert.That(In(0), Is.EqualTo((int[])[0]), "the class token, alone");
            if (distillToken && c.Tokens > 1)
                Assert.That(In(1), Is.EqualTo((int[])[1]), "the distillation token, alone");
        }
    });

    [Test]
    public void TheMostSimilarPairsMergeAndTheRestComesInOrderOfSimilarity()
    {
        using var scope = NewDisposeScope();
        // Sources 0, 2, 4 with best cosines 0, 1, 0.6 to destinations 1 = (0, 1) and 3 = (1, 0).
        var metric = tensor(new float[] { -1, 0, 0, 1, 5, 0, 1, 0, 0.6f, -0.8f }, [1, 5, 2]);
        Assert.That(ToMeStep.Match(metric, 1).Assign(0).ToArray(), Is.EqualTo((int[])[1, 2, 3, 3, 0]));
        Assert.That(ToMeStep.Match(metric, 1, classToken: true).Assign(0).ToArray(), Is.EqualTo((int[])[0, 2, 3, 3, 1]));
        Assert.That(ToMeStep.Match(metric, 9).Kept, Is.EqualTo(3));
        Assert.That(ToMeStep.Match(metric, 0).Assign(0).ToArray(), Is.EqualTo((int[])[0, 1, 2, 3, 4]));
    }

    [Test]
    public void ASizeIsAsGoodAsThatManyEqualKeys()
    {
        using var scope = NewDisposeScope();
        Tensor Random(int tokens, int seed) => new TokenCase(2 * tokens, 4, 0, seed, false).Features().view(1, 2, tokens, 4);
        var (q, k, v) = (Random(5, 1), Random(3, 2), Random(3, 3));
        var repeated = tensor(new long[] { 0, 1, 1, 2, 2, 2 });
        float[] merged = ToMe.Attention(q, k, v, tensor(new float[] { 1, 2, 3 }, [1, 3])).data<float>().ToArray();
        float[] apart = ToMe.Attention(q, k.index_select(2, repeated), v.index_select(2, repeated), null).data<float>().ToArray();
        Assert.That(merged, Is.EqualTo(apart).Within(1e-5));
    }

    [TestCase(4, 8, 0.0, new[] { 8, 8, 8, 8 })]
    [TestCase(5, 8, -1.0, new[] { 16, 12, 8, 4, 0 })]
    [TestCase(5, 8, 1.0, new[] { 0, 4, 8, 12, 16 })]
    [TestCase(1, 8, 1.0, new[] { 0 })]
    public void SchedulesAreLinear(int blocks, int r, double inflection, int[] expected)
        => Assert.That(ToMe.Schedule(blocks, r, inflection), Is.EqualTo(expected));

    [Test]
    public void CountsStopAtHalfOfWhatMayMerge()
        => Assert.That(ToMe.Counts(10, [4, 4, 4, 4], 1), Is.EqualTo((int[])[10, 6, 4, 3, 2]));

    [Test]
    public void ADecisionIsAboutItsOwnTokens()
    {
        using var scope = NewDisposeScope();
        var step = ToMeStep.Match(ones(1, 4, 2), 1);
        Assert.That(() => step.Apply(ones(1, 5, 2)), Throws.ArgumentException.With.Message.Contains("[1, 4, ..], not [1, 5, 2]"));
    }
}
