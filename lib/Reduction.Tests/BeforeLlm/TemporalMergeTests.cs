using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class TemporalMergeTests
{
    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property TokensAreTheMeansThatTheTraceSays()
    {
        var cases =
            from frames in Gen.Choose(1, 9)
            from tokens in Gen.Choose(1, 8)
            from denominator in Gen.Choose(1, 80)
            from numerator in Gen.Choose(1, denominator)
            from seed in Gen.Choose(0, 1000)
            select (frames, tokens, numerator, denominator, seed);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            using var scope = NewDisposeScope();
            const int dim = 3;
            var features = new TokenCase(c.frames * c.tokens, dim, 0, c.seed, c.seed % 3 == 0);
            var retention = new Retention(c.numerator, c.denominator);
            var result = TemporalMerge.Merge(features.Features().view(c.frames, c.tokens, dim), retention);
            int kept = Math.Max(c.tokens, retention.Ceiling(c.frames * c.tokens));
            Assert.That(TemporalMerge.Count(c.frames, c.tokens, retention), Is.EqualTo(kept));
            Assert.That(result.Tokens.shape, Is.EqualTo((long[])[kept, dim]));
            Assert.That(result.PerFrame.Sum(), Is.EqualTo(kept));
            var total = new float[kept];
            float[] mean = new float[kept * dim], values = features.Values();
            for (int i = 0; i < result.Assign.Length; i++)
            {
                total[result.Assign[i]] += result.Weight[i];
                for (int k = 0; k < dim; k++)
                    mean[result.Assign[i] * dim + k] += result.Weight[i] * values[i * dim + k];
            }

            Assert.That(total, Is.All.EqualTo(1).Within(1e-5));
            Assert.That(result.Tokens.data<float>().ToArray(), Is.EqualTo(mean).Within(1e-5));
        });
    }

    [Test]
    public void SourcesGoToTheMostSimilarTokenOfTheNextFrame()
    {
        using var scope = NewDisposeScope();
        // Three frames of two: 0 and 1 merge crosswise, 2 waits; then it is the destination.
        var video = tensor(new float[] { 1, 0, 0, 1, 0, 3, 3, 0, -1, 0, 0, -1 }, [3, 2, 2]);
        var half = TemporalMerge.Merge(video, new Retention(2, 3));
        Assert.That(half.Tokens.data<float>().ToArray(), Is.EqualTo((float[])[0, 2, 2, 0, -1, 0, 0, -1]));
        Assert.That(half.Assign, Is.EqualTo((int[])[1, 0, 0, 1, 2, 3]));
        Assert.That(half.PerFrame, Is.EqualTo((int[])[2, 2]));
        var third = TemporalMerge.Merge(video, new Retention(1, 3));
        // (0, 2) is at a right angle to (-1, 0) and goes there; (2, 0) is at one to (0, -1).
        Assert.That(third.Tokens.data<float>().ToArray(), Is.EqualTo((float[])[-0.5f, 1, 1, -0.5f]));
        Assert.That(third.Weight, Is.EqualTo((float[])[0.25f, 0.25f, 0.25f, 0.25f, 0.5f, 0.5f]));
    }

    [Test]
    public void APartialRoundMergesTheMostSimilarAndSpreadsEvenly()
    {
        using var scope = NewDisposeScope();
        // Two pairs of frames of two; one token goes, from the first pair: source 1 equals destination 0, source 0 is opposite.
        var video = tensor(new float[] { 0, -1, 1, 0, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, [4, 2, 2]);
        var result = TemporalMerge.Merge(video, new Retention(7, 8));
        Assert.That(result.PerFrame, Is.EqualTo((int[])[3, 2, 2]));
        Assert.That(result.Assign, Is.EqualTo((int[])[0, 1, 1, 2, 3, 4, 5, 6]));
        Assert.That(result.Tokens.data<float>().ToArray()[..6], Is.EqualTo((float[])[0, -1, 1.5f, 0, 0, 1]));
    }

    [Test]
    public void NothingToMergeLeavesTheCallersTensorUsable()
    {
        using var scope = NewDisposeScope();
        var video = ones(2, 3, 2);
        TemporalMerge.Merge(video, Retention.All).Tokens.Dispose();
        Assert.That(video.sum().item<float>(), Is.EqualTo(12));
        var least = TemporalMerge.Merge(video, new Retention(1, 6)).Tokens;
        Assert.That(least.shape, Is.EqualTo((long[])[3, 2]), "never below one frame");
        Assert.That(() => TemporalMerge.Merge(ones(3, 2), Retention.All), Throws.ArgumentException);
    }
}
