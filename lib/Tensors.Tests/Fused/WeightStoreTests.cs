namespace Aim.Tensors.Tests.Fused;

/// <summary>The store owns weights, names them once, and hands the trainable ones to the optimiser.</summary>
public sealed class WeightStoreTests
{
    [Test]
    public void KeepsOrderCountsElementsAndSurvivesTheScope()
    {
        using var store = new WeightStore();
        using (NewDisposeScope())
        {
            store.Add("b.weight", ones(2, 3), trainable: true);
            store.Add("a.bias", zeros(3));
        }

        Assert.Multiple(() =>
        {
            Assert.That(store.Names, Is.EqualTo(new[] { "b.weight", "a.bias" }));
            Assert.That(store.ParameterCount, Is.EqualTo(9));
            Assert.That(store["b.weight"].Shape, Is.EqualTo(new long[] { 2, 3 }));
            Assert.That(store.Get("a.bias").data<float>().ToArray(), Is.All.Zero);
            Assert.That(store.Parameters().Select(p => p.numel()), Is.EqualTo(new long[] { 6 }));
            Assert.That(store.Parameters().All(p => p.requires_grad && p.is_leaf), Is.True);
        });
    }

    [Test]
    public void MissingAndRepeatedNamesAreNamed()
    {
        using var store = new WeightStore();
        store.Add("w", ones(1));
        Assert.Multiple(() =>
        {
            Assert.That(() => store.Add("w", ones(1)), Throws.ArgumentException.With.Message.Contains("'w'"));
            Assert.That(() => store["v"], Throws.InstanceOf<KeyNotFoundException>().With.Message.Contains("'v'"));
            Assert.That(store.TryGet("v", out _), Is.False);
        });
    }

    [Test]
    public void TiedUsesGatherOneGradient()
    {
        using var scope = NewDisposeScope();
        using var store = new WeightStore();
        var table = store.Add("table", randn([5, 4], generator: new Generator(1)), trainable: true);
        var logits = FusedOps.linear(FusedOps.embedding(tensor(new long[] { 1, 3 }), table), table);
        logits.sum().backward();
        var w = table.Tensor.detach();
        var expected = zeros(5, 4) + (w[1] + w[3]);
        expected[1] = expected[1] + w.sum(0L);
        expected[3] = expected[3] + w.sum(0L);
        FusedOpsTests.Near(table.Tensor.grad!, expected, 1e-5);
    }
}
