using Aim.Experiments.Running;

namespace Aim.Experiments.Tests.Running;

public class ScheduleSearchRunTests
{
    [Test]
    public void Candidates_are_all_schedules_up_to_one_past_the_last_layer()
    {
        var candidates = ScheduleSearchRun.Candidates(12).Select(s => (s.First, s.Last)).ToList();
        Assert.That(candidates, Is.Unique);
        Assert.That(candidates, Has.Count.EqualTo(90));
        Assert.That(candidates.All(c => c.First >= 0 && c.First < c.Last && c.Last <= 13 && c.First < 12), Is.True);
        Assert.That(candidates, Does.Contain((6, 9)).And.Contain((11, 12)).And.Contain((0, 1)).And.Contain((0, 13)));
    }
}
