using Aim.Experiments.Training;

namespace Aim.Experiments.Tests.Training;

public class PrefetcherTests
{
    [Test]
    public void BatchesComeInStepOrder()
    {
        using var batches = new Prefetcher<int>(step => step * step, first: 3, count: 4);
        Assert.That(Enumerable.Range(0, 4).Select(_ => batches.Take()), Is.EqualTo(new[] { 9, 16, 25, 36 }));
    }

    [Test]
    public void AFailureReachesTheConsumer()
    {
        using var batches = new Prefetcher<int>(_ => throw new InvalidDataException("no sprite"), first: 0, count: 1);
        Assert.That(() => batches.Take(), Throws.InvalidOperationException.With.Message.Contains("no sprite"));
    }

    [Test]
    public void ItCanBeLeftEarly()
    {
        var made = 0;
        using (var batches = new Prefetcher<int>(step => { made++; return step; }, first: 0, count: 1000))
        {
            batches.Take();
        }

        Assert.That(made, Is.LessThan(10));
    }
}
