using FsCheck;
using FsCheck.Fluent;

namespace Aim.Cost.Tests;

public class CostModelTests
{
    private static readonly ModelShape Lab = new()
    {
        Name = "lab",
        Hidden = 128,
        Layers = 12,
        Heads = 4,
        KeyValueHeads = 2,
        Intermediate = 352,
        Vocabulary = 1000,
    };

    [Test]
    public void Script_schedule_is_the_references_token_list()
    {
        int[] expected = [.. Enumerable.Repeat(1668, 14), 1472, 1276, 1080, 884, 688, 492, 296, .. Enumerable.Repeat(100, 7)];

        Assert.That(TokenSchedule.AimAsScript(28, 1568, 100, 14, 22), Is.EqualTo(expected));
        Assert.That(TokenSchedule.AimAsScript(28, 1568, 100, 14, 0.125), Is.EqualTo(expected));
    }

    [Test]
    public void Honest_schedule_takes_effect_one_layer_later() => Assert.That(
        TokenSchedule.Aim(28, 1568, 100, 14, 22),
        Is.EqualTo((int[])[.. Enumerable.Repeat(1668, 15), 1472, 1276, 1080, 884, 688, 492, 296, .. Enumerable.Repeat(100, 6)]));

    [Test]
    public void A_schedule_beyond_the_last_layer_never_reaches_zero()
    {
        var tokens = TokenSchedule.Aim(12, 1152, 20, 6, 14);

        Assert.That(tokens, Is.Ordered.Descending);
        Assert.That(tokens[^1], Is.EqualTo(1152 * 3 / 8 + 20));
    }

    [TestCase(9, 9)]
    [TestCase(9, 6)]
    [TestCase(-1, 6)]
    public void A_schedule_that_does_not_fall_is_refused(int l1, int l2) =>
        Assert.That(
            () => TokenSchedule.Aim(12, 100, 10, l1, l2), Throws.ArgumentException.With.Message.Contains($"({l1}, {l2})"));

    [Test]
    public void Matmul_part_by_hand()
    {
        // one layer, 3 tokens, h 8, 2 heads of 4, 1 kv head, i 16, V 10
        var shape = new ModelShape
        {
            Name = "tiny",
            Hidden = 8,
            Layers = 1,
            Heads = 2,
            KeyValueHeads = 1,
            Intermediate = 16,
            Vocabulary = 10,
        };
        const long linear = 2 * 3 * (8 * 8 + 8 * 4 + 8 * 4 + 8 * 8 + 3 * 8 * 16), head = 2 * 8 * 10;

        Assert.That(CostModel.MatmulFlops(shape, [3], causal: false), Is.EqualTo(linear + 4 * 4 * 2 * 9 + head));
        Assert.That(CostModel.MatmulFlops(shape, [3], causal: true), Is.EqualTo(linear + 4 * 4 * 2 * 6 + head));
    }

    [Test]
    public void Heads_may_be_wider_than_hidden_over_heads()
    {
        var wide = Lab with { HeadDim = 64 };

        Assert.That(wide.QueryWidth, Is.EqualTo(256));
        Assert.That(Lab.HeadDim, Is.EqualTo(32));
        Assert.That(
            CostModel.MatmulFlops(wide, TokenSchedule.Flat(12, 100), true),
            Is.GreaterThan(CostModel.MatmulFlops(Lab, TokenSchedule.Flat(12, 100), true)));
    }

    /// <summary>
    /// The full model counts what MatmulFlops counts, one half of its output head, and the element-wise operations.
    /// </summary>
    [FsCheck.NUnit.Property]
    public Property Matmul_part_is_part_of_the_whole() => Prop.ForAll(
        Tokens(), Gen.Elements(true, false).ToArbitrary(), (tokens, causal) =>
        {
            string[] elementWise = ["attn_norm", "mlp_norm", "attn_add", "mlp_add", "mlp_act", "softmax"];
            var cost = CostModel.Prefill(Lab, tokens, Hardware.A100_40GB, new CostOptions { Causal = causal });
            var matmul = cost.Operations.Where(o => !elementWise.Contains(o.Name)).Sum(o => o.Flops)
                + (double)Lab.Hidden * Lab.Vocabulary;
            return matmul == CostModel.MatmulFlops(Lab, tokens, causal);
        });

    [FsCheck.NUnit.Property]
    public Property Fewer_tokens_in_a_layer_never_cost_more() => Prop.ForAll(
        Tokens(), Gen.Choose(0, 11).ToArbitrary(), (tokens, layer) =>
        {
            var fewer = tokens.ToArray();
            fewer[layer] /= 2;
            var (all, less) = (CostModel.Prefill(Lab, tokens, Hardware.H100), CostModel.Prefill(Lab, fewer, Hardware.H100));
            return less.Flops <= all.Flops && less.Seconds <= all.Seconds && less.Bytes <= all.Bytes;
        });

    [Test]
    public void Wider_numbers_move_more_bytes_and_compute_the_same()
    {
        var tokens = TokenSchedule.Flat(12, 300);
        var half = CostModel.Prefill(Lab, tokens, Hardware.A100_40GB);
        var single = CostModel.Prefill(Lab, tokens, Hardware.A100_40GB, new CostOptions { WeightBytes = 4, ActivationBytes = 4 });

        Assert.That(single.Flops, Is.EqualTo(half.Flops));
        Assert.That(single.Bytes, Is.EqualTo(2 * half.Bytes));
        Assert.That(single.MemoryBytes, Is.EqualTo(2 * half.MemoryBytes));
    }

    [Test]
    public void Wrong_inputs_are_named()
    {
        Assert.That(
            () => CostModel.Prefill(Lab, [1, 2], Hardware.L4),
            Throws.ArgumentException.With.Message.Contains("2 counts given, but model 'lab' has 12 layers"));
        Assert.That(
            () => CostModel.MatmulFlops(Lab, [.. TokenSchedule.Flat(11, 5), -1], true),
            Throws.ArgumentException.With.Message.Contains("layer 11"));
        Assert.That(
            () => CostModel.MatmulFlops(Lab with { KeyValueHeads = 3 }, TokenSchedule.Flat(12, 5), true),
            Throws.ArgumentException.With.Message.Contains("num_key_value_heads"));
        Assert.That(
            () => CostModel.MatmulFlops(Lab with { Intermediate = 0 }, TokenSchedule.Flat(12, 5), true),
            Throws.ArgumentException.With.Message.Contains("intermediate_size"));
    }

    private static Arbitrary<int[]> Tokens() => Gen.Choose(0, 2000).ArrayOf(12).ToArbitrary();
}
