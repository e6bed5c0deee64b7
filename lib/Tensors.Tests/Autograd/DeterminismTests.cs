namespace Aim.Tensors.Tests.Autograd;

/// <summary>The bits of a training step do not depend on the number of threads.</summary>
[NonParallelizable]
public sealed class DeterminismTests
{
    [Test]
    public void AnyNumberOfThreadsGivesTheSameBits()
    {
        var before = get_num_threads();
        try
        {
            var first = Run(1);
            foreach (var threads in new[] { 2, 3, 8 })
                Assert.That(Run(threads), Is.EqualTo(first), $"with {threads} threads");
        }
        finally
        {
            set_num_threads(before);
        }
    }

    private static float[] Run(int threads)
    {
        set_num_threads(threads);
        using var scope = NewDisposeScope();
        var random = new Generator(5);
        const int Batch = 3, Tokens = 150, Dim = 64, Heads = 4;
        Modules.Parameter Made(params long[] shape) => nn.Parameter(randn(shape, generator: random) * 0.1);
        Modules.Parameter[] w = [Made(100, Dim), Made(Dim), Made(3 * Dim, Dim), Made(3 * Dim), Made(Dim, Dim),
            Made(4 * Dim, Dim), Made(Dim, 2 * Dim)];
        var ids = randint(100, [Batch, Tokens], generator: random);
        var angles = randn([Tokens, Dim / Heads], generator: random);
        var targets = randint(100, [Batch * Tokens], generator: random);
        using var adam = optim.AdamW(w, lr: 0.01);
        for (var step = 0; step < 2; step++)
        {
            var x = FusedOps.embedding(ids, new Weight("table", w[0], true));
            var qkv = nn.functional.linear(FusedOps.rms_norm(x, w[1], 1e-6), w[2], w[3]).view(Batch, Tokens, 3 * Heads,
                Dim / Heads).transpose(1, 2);
            var turned = FusedOps.rotary(qkv.narrow(1, 0, 2 * Heads), angles.cos(), angles.sin());
            var mixed = FusedOps.attention(turned.narrow(1, 0, Heads), turned.narrow(1, Heads, Heads),
                qkv.narrow(1, 2 * Heads, Heads), new AttentionMask(true));
            x = x + nn.functional.linear(mixed.transpose(1, 2).reshape(Batch, Tokens, Dim), w[4]);
            x = x + nn.functional.linear(FusedOps.swiglu(nn.functional.linear(nn.functional.layer_norm(x, [Dim]), w[5])), w[6]);
            var loss = nn.functional.cross_entropy(nn.functional.linear(x, w[0]).view(-1, 100),
                targets) + nn.functional.gelu(x).mean();
            loss.backward();
            nn.utils.clip_grad_norm_(w, 0.5);
            adam.step();
            adam.zero_grad();
        }

        return [.. w.SelectMany(p => p.data<float>().ToArray())];
    }
}
