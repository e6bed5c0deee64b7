namespace Aim.Models.Tests;

public class CombinedLinearTests
{
    // Small frozen parts are stacked, large ones run apart, trainable ones are stacked on the fly: the same product each time.
    [TestCase(6, 5, 3, false)]
    [TestCase(6, 5, 3, true)]
    [TestCase(1024, 2100, 2000, false)]
    public void EqualsItsPartsSideBySide(int inputs, int first, int second, bool trainable)
    {
        using var scope = NewDisposeScope();
        using var weights = new WeightStore();
        using var own = new WeightStore();
        using var random = new RandomDecoder(RandomDecoder.Qwen2(1));
        Weight Add(string name, params long[] shape)
            => weights.Add(name, tensor(random.Values((int)shape.Aggregate((a, b) => a * b), 0.1), shape), trainable);
        Weight[] parts = [Add("a", first, inputs), Add("b", second, inputs)],
            biases = [Add("a.bias", first), Add("b.bias", second)];
        var combined = new CombinedLinear(own, "ab", parts, biases, WeightResidency.Packed);
        var x = tensor(random.Values(2 * 3 * inputs, 1), [2, 3, inputs]);
        var apart = parts.Zip(biases, (w, b) => nn.functional.linear(x, w.Tensor, b.Tensor)).ToArray();
        Assert.That(TensorValues.Difference(combined.Forward(x), cat(apart, -1)), Is.LessThan(1e-5));
        Assert.That(own.Count, Is.EqualTo(!trainable && first == 5 ? 2 : 0), "only small frozen weights are copied");
    }
}
