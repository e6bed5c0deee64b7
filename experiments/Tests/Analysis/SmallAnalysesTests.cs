using Aim.Experiments.Analysis;
using Aim.Experiments.Statistics;
using Aim.Reduction;

namespace Aim.Experiments.Tests.Analysis;

public class SmallAnalysesTests
{
    [FsCheck.NUnit.Property(MaxTest = 50)]
    public bool Kept_tokens_count_one_each_wherever_their_patches_lie(int seed)
    {
        var random = new Random(seed);
        int frames = random.Next(1, 4), places = random.Next(1, 5), tokens = random.Next(1, 8);
        int[] assign = [.. Enumerable.Range(0, frames * places).Select(i => i < tokens ? i : random.Next(tokens))];
        tokens = Math.Min(tokens, frames * places);
        float[] weight = [.. assign.Select(t => 1f / assign.Count(o => o == t))];
        var patches = Aim.Experiments.Running.Recorder.Patches(Provenance.OfAssignment(tokens, assign, weight), places);
        int[] alive = [.. Enumerable.Range(0, tokens).Where(_ => random.Next(2) == 0)];
        var found = KeptPositions.Of(alive, patches, frames, places);

        var (byPlace, byFrame) = (new double[places], new double[frames]);
        for (int i = 0; i < assign.Length; i++)
            if (alive.Contains(assign[i]))
            {
                byPlace[i % places] += 1.0 / assign.Count(o => o == assign[i]);
                byFrame[i / places] += 1.0 / assign.Count(o => o == assign[i]);
            }
        return found.Places.Zip(byPlace).Concat(found.Frames.Zip(byFrame)).All(p => Math.Abs(p.First - p.Second) < 1e-6)
            && Math.Abs(found.Places.Sum() - alive.Length) < 1e-6;
    }

    [TestCase(new double[] { 2, 2, 2 }, 0)]
    [TestCase(new double[] { 3, 0, 0 }, 2 / 3.0)]
    [TestCase(new double[] { 3, 1, 0, 0 }, 0.5)]
    [TestCase(new double[] { 0, 0 }, 0)]
    public void Unevenness_is_the_share_that_would_have_to_move(double[] histogram, double expected) =>
        Assert.That(KeptPositions.Unevenness(histogram), Is.EqualTo(expected).Within(1e-12));

    [Test]
    public void Hard_samples_are_those_that_the_model_has_right_and_the_cheap_method_wrong()
    {
        bool[] unreduced = [true, true, false, true, false, true], cheap = [true, false, true, false, false];
        var (easy, hard) = HardSubset.Split(unreduced, cheap);
        Assert.That((easy, hard), Is.EqualTo((new[] { 0 }, new[] { 1, 3 })));
        Assert.That(HardSubset.Score([false, true, true], hard), Is.EqualTo((1, 1)), "sample 3 is beyond the method's own");
        Assert.That(HardSubset.Score(cheap, easy), Is.EqualTo((1, 1)));
        Assert.That(HardSubset.Score(cheap, hard), Is.EqualTo((0, 2)));
    }

    [Test]
    public void Attention_is_averaged_layer_by_layer()
    {
        var means = AttentionMass.ByLayer([[0.2, 0.5], [0.4, 0.5], [0.6, 0.5]]);
        Assert.That(means.Select(m => m.Mean), Is.EqualTo(new[] { 0.4, 0.5 }).Within(1e-12));
        // t(2; 0.975) = 4.302653, s = 0.2.
        Assert.That(means[0].Interval.High - 0.4, Is.EqualTo(4.302652729911275 * 0.2 / Math.Sqrt(3)).Within(1e-9));
        Assert.That(means[1].Interval, Is.EqualTo(new Interval(0.5, 0.5)));
    }

    [Test]
    public void The_mean_of_one_value_has_no_spread_and_of_none_is_refused()
    {
        Assert.That(MeanOf.Values([3]).Interval, Is.EqualTo(new Interval(3, 3)));
        Assert.That(() => MeanOf.Values([]), Throws.ArgumentException);
    }
}
