using Aim.Tensors.Tests.Ops;

namespace Aim.Tensors.Tests.Optim;

/// <summary>AdamW and gradient clipping against torch, step by step (Fixtures/ops).</summary>
public sealed class OptimFixtureTests
{
    public static IEnumerable<OpCase> Clips => OpFixture.Instance.Cases.Where(c => c.Op == "torch.nn.utils.clip_grad_norm_");

    [Test]
    public void AdamWMovesAsTorch()
    {
        using var scope = NewDisposeScope();
        var c = OpFixture.Instance.Cases.Single(c => c.Id == "optim.AdamW/0");
        var names = c.Names("inputs");
        var parameters = names.Select(n => nn.Parameter(c.Stored(n))).ToArray();
        var groups = c.Arg("groups").EnumerateArray().Select((g, i) => new Modules.AdamW.ParamGroup(
            parameters.Where((_, k) => names[k].StartsWith($"p{i}_", StringComparison.Ordinal)),
            g.GetProperty("lr").GetDouble(), g.GetProperty("betas")[0].GetDouble(), g.GetProperty("betas")[1].GetDouble(),
            g.GetProperty("eps").GetDouble(), g.GetProperty("weight_decay").GetDouble())).ToArray();
        using var adam = optim.AdamW(groups);
        for (var step = 0; step < c.Long("steps"); step++)
        {
            for (var i = 0; i < parameters.Length; i++)
                parameters[i].grad = c.Stored($"grad_step{step}_{names[i]}");
            adam.step();
            for (var i = 0; i < parameters.Length; i++)
                OpFixtureTests.Compare(c, $"step{step}_{names[i]}", parameters[i], c.Stored($"step{step}_{names[i]}"));
        }
    }

    [TestCaseSource(nameof(Clips))]
    public void ClippingScalesAsTorch(OpCase c)
    {
        using var scope = NewDisposeScope();
        var names = c.Names("inputs");
        var parameters = names.Select(n =>
        {
            var p = nn.Parameter(zeros_like(c.Stored(n)));
            p.grad = c.Stored(n);
            return p;
        }).ToArray();
        var norm = nn.utils.clip_grad_norm_(parameters, c.Number("max_norm"), c.Number("norm_type", 2));
        for (var i = 0; i < parameters.Length; i++)
            OpFixtureTests.Compare(c, $"y{i}", parameters[i].grad!, c.Stored($"y{i}"));
        OpFixtureTests.Compare(c, "total_norm", tensor((float)norm), c.Stored("total_norm"));
    }

    [Test]
    public void AScheduleSetsTheRate()
    {
        using var scope = NewDisposeScope();
        var p = nn.Parameter(ones(1));
        using var adam = optim.AdamW([p], lr: 0.5, weight_decay: 0);
        foreach (var group in adam.ParamGroups)
            group.LearningRate = 0.25;
        p.grad = ones(1);
        adam.step();
        Assert.That(p.item<float>(), Is.EqualTo(0.75f).Within(1e-6));
    }
}
