namespace Aim.Reduction.Tests;

public class ScheduleSearchTests
{
    private static ScheduleCandidate Candidate(int l1, int l2, double cost, double accuracy)
        => new(new PruneSchedule(l1, l2, 12), cost, accuracy);

    [Test]
    public void TheCheapestWithinAPointWins()
    {
        var chosen = ScheduleSearch.Choose(
            [Candidate(2, 4, 1, 0.60), Candidate(5, 8, 3, 0.7901), Candidate(4, 7, 2, 0.79), Candidate(8, 11, 5, 0.80)], 0.80);
        Assert.That(chosen!.Schedule, Is.EqualTo(new PruneSchedule(4, 7, 12)));
    }

    [Test]
    public void AmongEquallyCheapTheMoreAccurateWins()
        => Assert.That(
            ScheduleSearch.Choose([Candidate(4, 7, 2, 0.80), Candidate(3, 8, 2, 0.82)], 0.80)!.Accuracy, Is.EqualTo(0.82));

    [Test]
    public void NoneMayBeGoodEnough() => Assert.That(ScheduleSearch.Choose([Candidate(2, 4, 1, 0.5)], 0.80), Is.Null);
}
