namespace Aim.Models.Tests;

/// <summary>
/// Temperature, top-k, top-p and the draw, against distributions worked out by hand and laws that hold for all.
/// </summary>
public class SamplingTests
{
    private static float[] Logs(params double[] probabilities) => [.. probabilities.Select(p => (float)Math.Log(p))];

    private static void Gives(Sampling sampling, float[] logits, params double[] expected)
    {
        float[] actual = sampling.Probabilities(logits);
        Assert.That(actual.Select(p => (double)p), Is.EqualTo(expected).Within(1e-6));
        Assert.That(actual.Select(p => p == 0), Is.EqualTo(expected.Select(p => p == 0)), "what is left out has exactly 0");
    }

    [Test]
    public void NothingAskedForLeavesTheSoftmax() => Gives(new(), Logs(0.1, 0.2, 0.3, 0.4), 0.1, 0.2, 0.3, 0.4);

    // Halving the temperature squares the odds: 1 : 4 : 16.
    [Test]
    public void TemperatureDividesLogits()
    {
        Gives(new() { Temperature = 0.5 }, Logs(1, 2, 4), 1 / 21.0, 4 / 21.0, 16 / 21.0);
        Gives(new() { Temperature = 2 }, Logs(1, 4, 16), 1 / 7.0, 2 / 7.0, 4 / 7.0);
    }

    [Test]
    public void TopKKeepsTheLargestAndTheirEquals()
    {
        float[] logits = Logs(0.1, 0.4, 0.2, 0.3);
        Gives(new() { TopK = 1 }, logits, 0, 1, 0, 0);
        Gives(new() { TopK = 2 }, logits, 0, 4 / 7.0, 0, 3 / 7.0);
        Gives(new() { TopK = 4 }, logits, 0.1, 0.4, 0.2, 0.3);
        Gives(new() { TopK = 50 }, logits, 0.1, 0.4, 0.2, 0.3);
        Gives(new() { TopK = 2 }, Logs(0.2, 0.4, 0.2, 0.2), 0.2, 0.4, 0.2, 0.2);
    }

    // Rising order 0.1, 0.2, 0.3, 0.4: those go whose sum, their own included, is at most 1 - p.
    [TestCase(1.0, new[] { 0.1, 0.4, 0.2, 0.3 })]
    [TestCase(0.95, new[] { 0.1, 0.4, 0.2, 0.3 })]
    [TestCase(0.89, new[] { 0, 4 / 9.0, 2 / 9.0, 3 / 9.0 })]
    [TestCase(0.71, new[] { 0, 4 / 9.0, 2 / 9.0, 3 / 9.0 })]
    [TestCase(0.69, new[] { 0, 4 / 7.0, 0, 3 / 7.0 })]
    [TestCase(0.41, new[] { 0, 4 / 7.0, 0, 3 / 7.0 })]
    [TestCase(0.39, new[] { 0, 1.0, 0, 0 })]
    [TestCase(0.0, new[] { 0, 1.0, 0, 0 })]
    public void TopPKeepsTheProbable(double p, double[] expected)
        => Gives(new() { TopP = p }, Logs(0.1, 0.4, 0.2, 0.3), expected);

    // 1 - 0.8 is 0.19999999999999996 in float64 but compared as the float32 nearest to 0.2, so a quarter's fifth goes.
    [Test]
    public void TopPComparesInFloat32()
    {
        float[] logits = [MathF.Log(4), 0];
        float smaller = new Sampling().Probabilities(logits)[1];
        Assert.That((double)smaller, Is.GreaterThan(1 - 0.8));
        Gives(new() { TopP = 0.8 }, logits, 1, 0);
    }

    [Test]
    public void OfEqualsSmallerIdsStayLonger()
    {
        Gives(new() { TopP = 0.6 }, [0, 0, 0, 0], 1 / 3.0, 1 / 3.0, 1 / 3.0, 0);
        Gives(new() { TopP = 0 }, [-1, 2, 2], 0, 1, 0);
        Gives(new() { TopP = 0.4 }, [0f, -0f], 1, 0);
    }

    // Whether top-k renormalises before top-p, and the temperature before both, decides here.
    [Test]
    public void TheOrderIsTemperatureThenTopKThenTopP()
    {
        float[] logits = Logs(0.4, 0.3, 0.2, 0.1);
        Gives(new() { TopK = 2, TopP = 0.55 }, logits, 1, 0, 0, 0);
        Gives(new() { TopP = 0.55 }, logits, 4 / 7.0, 3 / 7.0, 0, 0);
        Gives(new() { Temperature = 0.5, TopP = 0.5 }, logits, 1, 0, 0, 0);
        Gives(new() { Temperature = 0.5 }, logits, 16 / 30.0, 9 / 30.0, 4 / 30.0, 1 / 30.0);
    }

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public void WhatStaysIsTheMostProbableAndAddsUpToOne(short[] raw, byte k, byte p, byte t)
    {
        float[] logits = [1, .. raw.Select(r => r / 4096f)];
        double topP = p / 255.0;
        var sampling = new Sampling { Temperature = 0.25 + (t / 100.0), TopK = k % (logits.Length + 2), TopP = topP };
        float[] probabilities = sampling.Probabilities(logits);
        Assert.That(probabilities.Sum(x => (double)x), Is.EqualTo(1).Within(1e-5));
        int[] kept = [.. Enumerable.Range(0, logits.Length).Where(i => probabilities[i] > 0)];
        int[] left = [.. Enumerable.Range(0, logits.Length).Except(kept)];
        Assert.That(kept, Is.Not.Empty);
        Assert.That(left.All(i => logits[i] <= kept.Min(j => logits[j])), Is.True);
        Assert.That(kept.All(i => kept.All(j => logits[i] <= logits[j] || probabilities[i] >= probabilities[j])), Is.True);

        // Dropping any more would have left less than top-p of what top-k left.
        float[] before = (sampling with { TopP = 1 }).Probabilities(logits);
        Assert.That(kept.Sum(i => (double)before[i]), Is.GreaterThanOrEqualTo(topP - 1e-5));
        if (sampling.TopK > 0)
            Assert.That(before.Count(x => x > 0), Is.GreaterThanOrEqualTo(Math.Min(sampling.TopK, logits.Length)));
    }

    [FsCheck.NUnit.Property(MaxTest = 100)]
    public void ALargerTopPKeepsAllThatASmallerOneKept(short[] raw, byte p, byte q)
    {
        float[] logits = [0, .. raw.Select(r => r / 4096f)];
        float[] few = new Sampling { TopP = Math.Min(p, q) / 255.0 }.Probabilities(logits);
        float[] many = new Sampling { TopP = Math.Max(p, q) / 255.0 }.Probabilities(logits);
        Assert.That(few.Zip(many).All(x => x.First == 0 || x.Second > 0), Is.True);
    }

    // Numbers spread evenly over [0, 1) fall on each token as often as it is probable.
    [Test]
    public void DrawsFollowTheProbabilities()
    {
        const int Draws = 10_000;
        var sampling = new Sampling { TopK = 3 };
        float[] logits = Logs(0.1, 0.45, 0.05, 0.4);
        var counts = new int[4];
        for (int i = 0; i < Draws; i++)
            counts[sampling.Choose(logits, (i + 0.5) / Draws)]++;
        Assert.That(counts[2], Is.Zero);
        Assert.That(counts[0], Is.EqualTo(Draws * 0.1 / 0.95).Within(1.5));
        Assert.That(counts[1], Is.EqualTo(Draws * 0.45 / 0.95).Within(1.5));
        Assert.That(sampling.Choose(logits, 0), Is.EqualTo(0));
        Assert.That(sampling.Choose(logits, Math.BitDecrement(1.0)), Is.EqualTo(3));
    }

    // Over seeds and over places: ten bins of 10,000 draws, each within five standard deviations of its thousand.
    [Test]
    public void DrawsAreUniformOverSeedsAndPlaces()
    {
        foreach (var at in (Func<int, double>[])[i => SampleRandom.Uniform((ulong)i, 0), i => SampleRandom.Uniform(7, i)])
        {
            double[] draws = [.. Enumerable.Range(0, 10_000).Select(at)];
            Assert.That(draws, Is.All.InRange(0.0, Math.BitDecrement(1.0)));
            Assert.That(draws.CountBy(d => (int)(d * 10)).Select(b => b.Value), Is.All.InRange(850, 1150).And.Exactly(10).Items);
            Assert.That(draws.Distinct().Count(), Is.EqualTo(draws.Length));
        }
    }

    [Test]
    public void WhatMakesNoSenseIsRefused()
    {
        Assert.That(() => new Sampling { Temperature = 0 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Sampling { Temperature = double.NaN }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Sampling { TopK = -1 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Sampling { TopP = 1.1 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new GenerationSettings { MaxNewTokens = -1 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new GenerationSettings { MaxNewTokens = 1, RepetitionPenalty = 0 },
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        foreach (float bad in (float[])[float.NaN, float.PositiveInfinity])
            Assert.That(() => new Sampling().Probabilities([1, bad]), Throws.InvalidOperationException);
        Assert.That(() => new Sampling().Probabilities([float.NegativeInfinity]), Throws.InvalidOperationException);
    }
}
