using Aim.Cost;
using Aim.Models.Tests;

namespace Aim.Reduction.Tests.Interface;

public class TargetSearchTests
{
    private static readonly HostTraits s_host = Hosts.Small(12);

    private static readonly PromptShape s_shape = new(4, 36, 1, 20, 12);

    private static readonly ModelShape s_model = ExecutedFlopsTests.Shape(RandomDecoder.Qwen2(12));

    private static IEnumerable<string> Searchable => Methods.Names.Where(n => n != "none");

    private static double Cost(ReductionMethod method)
        => CostModel.MatmulFlops(s_model, method.TokenCounts(s_shape), causal: true);

    private static MethodSettings Defaults(MethodDefinition method) => method.Read(new Dictionary<string, string>());

    [TestCaseSource(nameof(Searchable))]
    public void ALadderNeverGetsCheaper(string name)
    {
        var method = Methods.Get(name);
        var ladder = method.Ladder(Defaults(method), s_host, s_shape);
        double[] costs = [.. ladder.Select(s => Cost(method.Create(s, s_host)))];
        Assert.That(costs, Is.Ordered);
        Assert.That(costs[0], Is.LessThan(costs[^1]));
        Assert.That(ladder, Is.Unique);
    }

    [TestCaseSource(nameof(Searchable))]
    public void TheCostOfAimAtAQuarterIsReachedFromBelow(string name)
    {
        double target = Cost(Hosts.Make("aim", s_host, ("retention", "1/4"), ("schedule", "default")));
        var method = Methods.Get(name);
        var found = TargetSearch.Find(method, Defaults(method), s_host, s_shape, target, Cost)!;
        Assert.That(found.Achieved, Is.EqualTo(Cost(method.Create(found.Settings, s_host))));
        Assert.That(found.WithinTarget, Is.EqualTo(found.Achieved <= target));
        var ladder = method.Ladder(Defaults(method), s_host, s_shape);
        int at = ladder.ToList().IndexOf(found.Settings);
        if (!found.WithinTarget)
            Assert.That(at, Is.Zero, "what cannot be reached is as cheap as can be");
        else if (at + 1 < ladder.Count)
            Assert.That(Cost(method.Create(ladder[at + 1], s_host)), Is.GreaterThan(target), "the next step is too dear");
        TestContext.Out.WriteLine($"{name} {found.Settings.Canonical}: {found.Achieved / target:0.000} of the target");
    }

    [Test]
    public void AMethodWithoutALadderIsNotSearched()
        => Assert.That(TargetSearch.Find(Methods.Get("none"), new NoSettings(), s_host, s_shape, 1, Cost), Is.Null);
}
