namespace Aim.Reduction.Tests;

public class SampleRandomTests
{
    [Test]
    public void SubsetsAreUniform()
    {
        // Every pair of 5 slots has probability 1/10; 4 standard deviations of a binomial over 20,000 draws.
        var counts = new Dictionary<string, int>();
        for (int i = 0; i < 20000; i++)
        {
            int[] subset = new SampleRandom(7, $"clip-{i}", 3).Subset(5, 2);
            Assert.That(subset[0], Is.LessThan(subset[1]));
            string key = $"{subset[0]},{subset[1]}";
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        Assert.That(counts, Has.Count.EqualTo(10));
        Assert.That(counts.Values, Is.All.InRange(2000 - 170, 2000 + 170));
    }

    [Test]
    public void SeedSampleAndPlaceEachMatter()
    {
        static string Draw(ulong seed, string id, int place)
            => string.Join(",", new SampleRandom(seed, id, place).Subset(1000, 10));
        string first = Draw(1, "a", 0);
        Assert.That(Draw(1, "a", 0), Is.EqualTo(first));
        Assert.That((string[])[Draw(2, "a", 0), Draw(1, "b", 0), Draw(1, "a", 1)], Has.None.EqualTo(first));
    }
}
