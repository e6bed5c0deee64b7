using System.Runtime.InteropServices;

namespace Aim.Tensors.Tests.Fused;

/// <summary>The fused decoding step gives the bits of its composition, whatever the weights and the mask.</summary>
public sealed class DecoderStepTests
{
    private const int Dim = 24;
    private const int Inner = 40;
    private const int HeadDim = 8;
    private const int Capacity = 20;

    [Test]
    public void EqualsTheComposition([Values(1, 3)] int batch, [Values(1, 2)] int keyHeads, [Values] bool inParts,
        [Values] bool padded)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var store = new WeightStore();
        var block = Block(store, keyHeads, inParts);
        const int Length = 11;
        Tensor Random(params long[] shape) => randn(shape, generator: new Generator((ulong)shape.Length));
        var (keys, values) = (Random(batch, keyHeads, Capacity, HeadDim), Random(batch, keyHeads, Capacity, HeadDim) * 2);
        var (keys2, values2) = (keys.clone(), values.clone());
        var hidden = Random(batch, 1, Dim);
        var angles = padded ? Random(batch, 1, HeadDim) : Random(1, HeadDim);
        var mask = new AttentionMask(true);
        if (padded)
        {
            var visible = ones(batch, Length + 1, ScalarType.Bool);
            visible[0, 5] = zeros([], ScalarType.Bool);
            mask = new AttentionMask(
                true, [.. Enumerable.Range(0, batch).Select(i => 2 * i)], visible, Random(batch, Length + 1));
        }

        var expected = FusedOpsReference.decoder_step(hidden, block, angles.cos(), angles.sin(), keys2, values2, Length, mask);
        using var flops = FlopCounter.MeasureThread();
        var got = FusedOps.decoder_step(hidden, block, angles.cos(), angles.sin(), keys, values, Length, mask);
        var counted = flops.Matmul;
        using var again = FlopCounter.MeasureThread();
        FusedOpsReference.decoder_step(hidden, block, angles.cos(), angles.sin(), keys2, values2, Length, mask);
        Assert.Multiple(() =>
        {
            Assert.That(got.data<float>().ToArray(), Is.EqualTo(expected.data<float>().ToArray()));
            Assert.That(keys.data<float>().ToArray(), Is.EqualTo(keys2.data<float>().ToArray()), "keys");
            Assert.That(values.data<float>().ToArray(), Is.EqualTo(values2.data<float>().ToArray()), "values");
            Assert.That(counted, Is.EqualTo(again.Matmul), "FLOPs");
        });
    }

    [Test]
    public void WhatDoesNotFitIsAnErrorOfTheComposition()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var store = new WeightStore();
        var block = Block(store, 2, inParts: false);
        var cache = zeros(1, 2, Capacity, HeadDim);
        var (cos, sin) = (ones(1, HeadDim), zeros(1, HeadDim));
        void Step(Tensor hidden, int length) =>
            FusedOps.decoder_step(hidden, block, cos, sin, cache, cache.clone(), length, new AttentionMask(true));
        Assert.Multiple(() =>
        {
            Assert.That(() => Step(ones(1, 1, Dim), Capacity), Throws.InstanceOf<ExternalException>(), "a full cache");
            Assert.That(() => Step(ones(1, 1, Dim + 1), 3), Throws.InstanceOf<ExternalException>(), "another width");
            Assert.That(() => Step(ones(1, 1, Dim), 3), Throws.Nothing);
        });
    }

    private static DecoderBlock Block(WeightStore store, int keyHeads, bool inParts)
    {
        const int Heads = 2;
        Tensor Random(int seed, params long[] shape) => randn(shape, generator: new Generator((ulong)seed)) * 0.3;
        var (q, kv) = (Heads * HeadDim, keyHeads * HeadDim);
        int[] qkv = inParts ? [q, kv, kv] : [q + (2 * kv)];
        int[] gateUp = inParts ? [Inner, Inner] : [2 * Inner];
        var plain = store.Add("output", Random(1, Dim, q));
        return new DecoderBlock
        {
            InputNorm = store.Add("norm", Random(2, Dim)).Tensor,
            Qkv = [.. qkv.Select((n, i) => store.Add($"qkv{i}", Random(10 + i, n, Dim)))],
            QkvBias = [.. qkv.Select((n, i) => store.Add($"bias{i}", Random(20 + i, n)).Tensor)],
            Output = inParts ? plain : store.AddStack("packed", [plain]),
            PostNorm = store.Add("post", Random(3, Dim)).Tensor,
            GateUp = [.. gateUp.Select((n, i) => store.Add($"gate{i}", Random(30 + i, n, Dim)))],
            Down = store.Add("down", Random(4, Dim, Inner)),
            Heads = Heads,
            KeyHeads = keyHeads,
            HeadDim = HeadDim,
            Eps = 1e-6,
        };
    }
}
