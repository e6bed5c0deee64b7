namespace Aim.Tensors.Tests.Fused;

/// <summary>Every fused operation equals its composition of stock operations, forward and backward, contiguous or not.</summary>
public sealed class FusedOpsTests
{
    private static readonly (int Batch, int Heads, int KeyHeads, int Queries, int Keys, int Dim, bool Causal, int Padding,
        bool Hidden)[] AttentionShapes =
    [
        (1, 1, 1, 1, 1, 4, false, 0, false),
        (2, 4, 2, 7, 7, 8, true, 0, false),
        (2, 4, 2, 33, 33, 16, true, 5, false),
        (2, 2, 1, 1, 19, 8, true, 3, false),
        (1, 3, 3, 5, 21, 12, true, 0, true),
        (2, 4, 4, 9, 9, 32, false, 0, true),
        (2, 2, 2, 6, 6, 8, true, 6, true),
    ];

    public static IEnumerable<TestCaseData> Attentions =>
        AttentionShapes.Select(s => new TestCaseData(s).SetArgDisplayNames(s.ToString()));

    [TestCaseSource(nameof(Attentions))]
    public void AttentionEqualsItsDefinition((int Batch, int Heads, int KeyHeads, int Queries, int Keys, int Dim, bool Causal,
        int Padding, bool Hidden) s)
    {
        using var scope = NewDisposeScope();
        var random = new Generator(11);
        var plain = Mask(s.Batch, s.Keys, s.Causal, s.Padding, s.Hidden, random);
        Attend(s, plain);
        Attend(s, plain with { KeyBias = randn([s.Keys, s.Batch], generator: random).t() });
    }

    private static void Attend((int Batch, int Heads, int KeyHeads, int Queries, int Keys, int Dim, bool Causal, int Padding,
        bool Hidden) s, AttentionMask mask)
    {

        // [b, n, h, d] seen as [b, h, n, d], and values as a slice: as models have them.
        Tensor[] Inputs() =>
        [
            randn([s.Batch, s.Queries, s.Heads, s.Dim], generator: new Generator(1)),
            randn([s.Batch, s.Keys, s.KeyHeads, s.Dim], generator: new Generator(2)),
            randn([s.Batch, s.Keys, 2 * s.KeyHeads, s.Dim], generator: new Generator(3)),
        ];
        Same(Inputs, x => FusedOps.attention(x[0].transpose(1, 2), x[1].transpose(1, 2),
            x[2].narrow(2, s.KeyHeads, s.KeyHeads).transpose(1, 2), mask),
            x => FusedOpsReference.attention(x[0].transpose(1, 2), x[1].transpose(1, 2),
                x[2].narrow(2, s.KeyHeads, s.KeyHeads).transpose(1, 2), mask));
    }

    public static IEnumerable<TestCaseData> Importances => AttentionShapes.Where(s => s.Padding < s.Keys)
        .Select(s => new TestCaseData(s).SetArgDisplayNames(s.ToString()));

    [TestCaseSource(nameof(Importances))]
    public void ImportanceEqualsItsDefinition((int Batch, int Heads, int KeyHeads, int Queries, int Keys, int Dim, bool Causal,
        int Padding, bool Hidden) s)
    {
        using var scope = NewDisposeScope();
        var random = new Generator(12);
        var mask = Mask(s.Batch, s.Keys, s.Causal, s.Padding, s.Hidden, random);
        var q = randn([s.Batch, s.Heads, s.Keys, s.Dim], generator: random);
        var k = randn([s.Batch, s.KeyHeads, s.Keys, s.Dim], generator: random);
        Near(FusedOps.importance(q, k, mask, iterations: 4, damping: 0.1),
            FusedOpsReference.importance(q, k, mask, iterations: 4, damping: 0.1), 1e-5);
        Near(FusedOps.importance(q, k, mask), FusedOpsReference.importance(q, k, mask), 1e-5);
        Near(FusedOps.importance(q, k, mask, streaming: true), FusedOpsReference.importance(q, k, mask, streaming: true), 1e-5);
        var biased = mask with { KeyBias = randn([s.Batch, s.Keys], generator: random) };
        foreach (var heads in Enum.GetValues<HeadAggregation>())
        {
            Near(FusedOps.importance(q, k, biased, tau: 0.5, heads: heads),
                FusedOpsReference.importance(q, k, biased, tau: 0.5, heads: heads), 1e-5);
        }
    }

    [TestCase(1, 1, 1)]
    [TestCase(37, 24, 56)]
    [TestCase(300, 128, 352)]
    public void LinearEqualsItsDefinition(int rows, int inputs, int outputs)
    {
        using var scope = NewDisposeScope();
        foreach (var bias in new[] { true, false })
        {
            Same(
                () => [randn([inputs, rows], generator: new Generator(1)), randn([outputs, inputs], generator: new Generator(2)),
                    randn([outputs], generator: new Generator(3))],
                x => FusedOps.linear(x[0].t().view(1, rows, inputs), Made(x[1]), bias ? x[2] : null),
                x => FusedOpsReference.linear(x[0].t().view(1, rows, inputs), Made(x[1]), bias ? x[2] : null));
        }
    }

    [Test]
    public void EmbeddingEqualsItsDefinition()
    {
        using var scope = NewDisposeScope();
        var ids = tensor(new long[] { 3, 0, 3, 9, 1, 3 }, [2, 3]);
        Same(() => [randn([10, 8], generator: new Generator(1))], x => FusedOps.embedding(ids, Made(x[0])),
            x => FusedOpsReference.embedding(ids, Made(x[0])));
        Assert.That(() => FusedOps.embedding(tensor(new long[] { 10 }), Made(zeros(10, 8))),
            Throws.InstanceOf<TensorException>().With.Message.Contains("10"));
    }

    [TestCase(1, 8)]
    [TestCase(33, 127)]
    [TestCase(257, 128)]
    public void RmsNormEqualsItsDefinition(int rows, int dim)
    {
        using var scope = NewDisposeScope();
        Same(() => [randn([dim, rows], generator: new Generator(1)), randn([dim], generator: new Generator(2))],
            x => FusedOps.rms_norm(x[0].t(), x[1], 1e-6), x => FusedOpsReference.rms_norm(x[0].t(), x[1], 1e-6));
    }

    [TestCase(1, 2, 3, 4, false)]
    [TestCase(2, 4, 17, 32, true)]
    [TestCase(3, 1, 5, 18, false)]
    public void RotaryEqualsItsDefinition(int b, int h, int n, int d, bool perItem)
    {
        using var scope = NewDisposeScope();
        var angles = randn(perItem ? [b, n, d] : [n, d], generator: new Generator(5));
        Same(() => [randn([b, n, h + 1, d], generator: new Generator(1))],
            x => FusedOps.rotary(x[0].transpose(1, 2).narrow(1, 1, h), angles.cos(), angles.sin()),
            x => FusedOpsReference.rotary(x[0].transpose(1, 2).narrow(1, 1, h), angles.cos(), angles.sin()));
    }

    [TestCase(1, 1)]
    [TestCase(65, 352)]
    public void SwigluEqualsItsDefinition(int rows, int inner)
    {
        using var scope = NewDisposeScope();
        Same(() => [randn([rows, 2 * inner], generator: new Generator(1)) * 3], x => FusedOps.swiglu(x[0]),
            x => FusedOpsReference.swiglu(x[0]));
    }

    [Test]
    public void ScatterMeanAveragesWithWhatIsThere()
    {
        using var scope = NewDisposeScope();
        var y = FusedOps.scatter_mean(tensor(new float[] { 1, 2, 3 }), 0, tensor(new long[] { 2, 0, 2 }),
            tensor(new float[] { 6, 4, 9 }));
        Assert.That(y.data<float>().ToArray(), Is.EqualTo(new float[] { 2.5f, 2, 6 }));
    }

    /// <summary>
    /// Rows that move as a whole take a kernel of their own: the same bits as the definition, at any number of threads.
    /// </summary>
    [Test]
    public void ScatterMeanOfRowsEqualsTheDefinition(
        [Values(1, 3)] int batch, [Values(1, 7, 40)] int rows, [Values(1, 5, 300)] int sources, [Values(1, 33, 1030)] int dim)
    {
        using var scope = NewDisposeScope();
        var random = new Generator(5);
        var input = randn([batch, 2 * rows, dim], generator: random).slice(1, 1, 2 * rows, 2);
        var src = randn([batch, sources, dim], generator: random);
        var index = randint(rows, [batch, sources, 1], generator: random).expand(batch, sources, dim);
        var expected = FusedOpsReference.scatter_mean(input, 1, index, src).data<float>().ToArray();
        foreach (var threads in new[] { 1, 3 })
        {
            var before = get_num_threads();
            set_num_threads(threads);
            var y = FusedOps.scatter_mean(input, 1, index, src);
            set_num_threads(before);
            Assert.That(y.data<float>().ToArray(), Is.EqualTo(expected), $"{threads} threads");
        }
    }

    [Test]
    public void ScatterMeanRefusesAPlaceThatIsNotThere()
    {
        using var scope = NewDisposeScope();
        var index = tensor(new long[] { 0, 3 }, [1, 2, 1]).expand(1, 2, 4);
        Assert.That(() => FusedOps.scatter_mean(zeros(1, 3, 4), 1, index, zeros(1, 2, 4)), Throws.InstanceOf<TensorException>());
    }

    [Test]
    public void WhatDoesNotFitIsNamed()
    {
        using var scope = NewDisposeScope();
        var q = zeros(1, 3, 4, 8);
        Assert.Multiple(() =>
        {
            Assert.That(() => FusedOps.attention(q, zeros(1, 2, 4, 8), zeros(1, 2, 4, 8), default),
                Throws.InstanceOf<TensorException>().With.Message.Contains("[1, 2, 4, 8]"));
            Assert.That(() => FusedOps.attention(q, q, q, new AttentionMask(true, [0, 0])),
                Throws.InstanceOf<TensorException>().With.Message.Contains("2"));
            Assert.That(() => FusedOps.attention(q, q, q, new AttentionMask(true, KeyBias: zeros(1, 3))),
                Throws.InstanceOf<TensorException>().With.Message.Contains("KeyBias").And.Message.Contains("[1, 4]"));
            Assert.That(() => FusedOps.attention(q, q, q, new AttentionMask(true, KeyBias: zeros(1, 4)), scale: 0),
                Throws.InstanceOf<TensorException>().With.Message.Contains("above 0"));
            Assert.That(() => FusedOps.attention(q, q, q, new AttentionMask(true, KeyBias: zeros(1, 4).requires_grad_())),
                Throws.InstanceOf<TensorException>().With.Message.Contains("detach"));
            Assert.That(() => FusedOps.rotary(q, zeros(4, 6), zeros(4, 6)),
                Throws.InstanceOf<TensorException>().With.Message.Contains("[4, 6]"));
            Assert.That(() => FusedOps.swiglu(zeros(2, 3)), Throws.InstanceOf<TensorException>().With.Message.Contains("[2, 3]"));
        });
    }

    private static Weight Made(Tensor tensor) => new("w", tensor, true);

    private static AttentionMask Mask(int batch, int keys, bool causal, int padding, bool hidden, Generator random)
    {
        int[]? start = padding == 0 ? null : [.. Enumerable.Range(0, batch).Select(b => b == 0 ? padding : padding / 2)];
        return new AttentionMask(causal, start, hidden ? rand([batch, keys], generator: random).gt(0.4) : null);
    }

    /// <summary>Same results and same gradients of a weighted sum of them.</summary>
    private static void Same(Func<Tensor[]> inputs, Func<Tensor[], Tensor> fused, Func<Tensor[], Tensor> reference)
    {
        var (a, b) = (inputs(), inputs());
        foreach (var x in a.Concat(b))
            x.requires_grad_();
        var (y, z) = (fused(a), reference(b));
        Near(y, z, 1e-5);
        var upstream = randn(z.shape, generator: new Generator(77));
        y.backward([upstream]);
        z.backward([upstream]);
        for (var i = 0; i < a.Length; i++)
            Near(a[i].grad ?? zeros_like(a[i]), b[i].grad ?? zeros_like(b[i]), 2e-5);
    }

    internal static void Near(Tensor got, Tensor expected, double tolerance)
    {
        Assert.That(got.shape, Is.EqualTo(expected.shape));
        var (a, b) = (got.detach().data<float>().ToArray(), expected.detach().data<float>().ToArray());
        var scale = Math.Max(1, b.Length == 0 ? 1 : b.Max(Math.Abs));
        for (var i = 0; i < a.Length; i++)
        {
            if (!(Math.Abs(a[i] - b[i]) <= tolerance * scale))
                Assert.Fail($"element {i} of {a.Length}: {a[i]} instead of {b[i]}");
        }
    }
}
