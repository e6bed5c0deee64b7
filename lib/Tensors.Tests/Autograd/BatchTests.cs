namespace Aim.Tensors.Tests.Autograd;

/// <summary>
/// A sequence's bits do not depend on what it is batched with: alone, and behind left padding beside longer and shorter ones.
/// </summary>
public sealed class BatchTests
{
    private const int Heads = 4, Dim = 64;
    private static readonly int[] Lengths = [40, 131, 17, 230];

    [Test]
    public void ASequenceAloneGivesTheBitsOfItsRowsInABatch()
    {
        using var scope = NewDisposeScope();
        var random = new Generator(21);
        var sequences = Lengths.Select(n => randn([1, n, Dim], generator: random)).ToArray();
        var weights = new Weights(random);
        var longest = Lengths.Max();
        int[] start = [.. Lengths.Select(n => longest - n)];
        var batch = cat(sequences.Select((s, b) => cat([full([1, start[b], Dim], 3.5f), s], 1)).ToArray(), 0);
        var together = weights.Layer(batch, start);
        for (var b = 0; b < Lengths.Length; b++)
        {
            var alone = weights.Layer(sequences[b], null);
            for (var i = 0; i < alone.Length; i++)
            {
                var rows = together[i].narrow(0, b, 1).narrow(1, start[b], Lengths[b]);
                Assert.That(rows.contiguous().data<float>().ToArray(), Is.EqualTo(alone[i].contiguous().data<float>().ToArray()),
                    $"{Weights.Steps[i]} of the sequence of {Lengths[b]} tokens");
            }
        }
    }

    /// <summary>One transformer layer, step by step.</summary>
    private sealed class Weights(Generator random)
    {
        public static readonly string[] Steps = ["norm", "projection", "attention", "layer norm", "activation", "softmax"];

        private readonly Tensor norm = randn([Dim], generator: random);
        private readonly Tensor qkv = randn([3 * Dim, Dim], generator: random);
        private readonly Tensor bias = randn([3 * Dim], generator: random);
        private readonly Tensor up = randn([4 * Dim, Dim], generator: random);

        public Tensor[] Layer(Tensor x, int[]? start)
        {
            var (b, n) = (x.shape[0], x.shape[1]);
            var normed = FusedOps.rms_norm(x, norm, 1e-6);
            var projected = nn.functional.linear(normed, qkv, bias);
            var heads = projected.view(b, n, 3 * Heads, Dim / Heads).transpose(1, 2);
            var mixed = FusedOps.attention(heads.narrow(1, 0, Heads), heads.narrow(1, Heads, Heads),
                heads.narrow(1, 2 * Heads, Heads), new AttentionMask(true, start));
            var joined = mixed.transpose(1, 2).reshape(b, n, Dim);
            var centered = nn.functional.layer_norm(joined + x, [Dim], norm, norm);
            var inner = FusedOps.swiglu(nn.functional.linear(centered, up));
            return [normed, projected, joined, centered, inner, nn.functional.softmax(inner, -1)];
        }
    }
}
