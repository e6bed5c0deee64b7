namespace Aim.Tensors.Tests.Fused;

/// <summary>Derivatives of the fused operations against differences of their own values, along random directions.</summary>
public sealed class FiniteDifferenceTests
{
    private static readonly Dictionary<string, (long[][] Shapes, Func<Tensor[], Tensor> Run)> Operations = new()
    {
        ["linear"] = ([[5, 6], [4, 6], [4]], x => FusedOps.linear(x[0], new Weight("w", x[1], true), x[2])),
        ["embedding"] = ([[7, 4]], x => FusedOps.embedding(tensor(new long[] { 1, 6, 1 }), new Weight("w", x[0], true))),
        ["rms_norm"] = ([[3, 16], [16]], x => FusedOps.rms_norm(x[0], x[1], 1e-5)),
        ["rotary"] = ([[1, 2, 3, 8]], x => FusedOps.rotary(x[0], full([3, 8], 0.6), full([3, 8], 0.8))),
        ["swiglu"] = ([[3, 12]], x => FusedOps.swiglu(x[0])),
        ["attention"] = ([[1, 4, 5, 8], [1, 2, 5, 8], [1, 2, 5, 8]],
            x => FusedOps.attention(x[0], x[1], x[2], new AttentionMask(true, [1]))),
        ["layer_norm"] = ([[3, 16], [16], [16]], x => nn.functional.layer_norm(x[0], [16], x[1], x[2])),
        ["cross_entropy"] = ([[4, 9]], x => nn.functional.cross_entropy(x[0], tensor(new long[] { 1, -100, 8, 0 }))),
    };

    public static IEnumerable<string> Names => Operations.Keys;

    [TestCaseSource(nameof(Names))]
    public void GradientPredictsTheChange(string name)
    {
        using var scope = NewDisposeScope();
        var (shapes, run) = Operations[name];
        var random = new Generator(3);
        for (var trial = 0; trial < 3; trial++)
        {
            var x = shapes.Select(s => randn(s, generator: random)).ToArray();
            var directions = shapes.Select(s => randn(s, generator: random)).ToArray();
            var upstream = randn(run(x).shape, generator: random);
            double Value(double h)
            {
                var y = run([.. x.Select((t, i) => t.detach() + directions[i] * h)]);
                return (y.detach().@double() * upstream.@double()).sum().item<double>();
            }

            foreach (var t in x)
                t.requires_grad_();
            run(x).backward([upstream]);
            var predicted = x.Select((t, i) => (t.grad!.@double() * directions[i].@double()).sum().item<double>()).Sum();

            // Richardson's combination of two central differences: error of the fourth order.
            double Difference(double h) => (Value(h) - Value(-h)) / (2 * h);
            var measured = (4 * Difference(0.01) - Difference(0.02)) / 3;
            Assert.That(predicted, Is.EqualTo(measured).Within(2e-3 * Math.Max(1, Math.Abs(measured))));
        }
    }
}
