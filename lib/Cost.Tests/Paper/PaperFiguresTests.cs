using System.Globalization;

namespace Aim.Cost.Tests;

/// <summary>
/// Figures computed once, independently, with the formulas of the paper's script and checked there against the script to four
/// decimals.
/// </summary>
public class PaperFiguresTests
{
    private static readonly CostOptions Qwen = CostOptions.PaperQwen2;

    private static IEnumerable<TestCaseData> Settings()
    {
        TestCaseData Case(
            string name, ModelShape shape, int[] tokens, CostOptions options, string flops, string time, string? memory = null) =>
            new TestCaseData(shape, tokens, options, flops, time, memory).SetName($"{{m}}({name})");
        ModelShape seven = ModelShape.Qwen2_7B, half = ModelShape.Qwen2_0_5B, vicuna = ModelShape.Vicuna_7B;
        int[] Flat7(int n) => TokenSchedule.Flat(28, n);
        int[] Script7(int visual, int l1, int l2) => TokenSchedule.AimAsScript(28, visual, 100, l1, l2);
        int[] Slope7(int visual, int l1, double slope) => TokenSchedule.AimAsScript(28, visual, 100, l1, slope);
        int[] Script05(int l1, int l2) => TokenSchedule.AimAsScript(24, 1568, 100, l1, l2);

        yield return Case("7B 6272+100", seven, Flat7(6372), Qwen, "99.6270", "439.5782", "18.8117");
        yield return Case("7B 1568+100", seven, Flat7(1668), Qwen, "22.8995", "83.9386", "13.6799");
        yield return Case("7B 1568+100 (14,22)", seven, Script7(1568, 14, 22), Qwen, "14.7566", "55.0284", "13.1269");
        yield return Case(
            "Vicuna 576+40", vicuna, TokenSchedule.Flat(32, 616), CostOptions.Paper, "8.1809", "29.2973", "13.3961");
        yield return Case("Vicuna 72+40", vicuna, TokenSchedule.Flat(32, 112), CostOptions.Paper, "1.4577", "9.2071", "13.0255");
        yield return Case("Vicuna 72+40 (13,21)", vicuna, TokenSchedule.AimAsScript(32, 72, 40, 13, 21), CostOptions.Paper,
            "1.0030", "8.9778", "12.9974");
        yield return Case("Vicuna 252+40 (13,21)", vicuna, TokenSchedule.AimAsScript(32, 252, 40, 13, 21), CostOptions.Paper,
            "2.2231", "10.9194", "13.0460");
        yield return Case("7B 192 frames (14,22)", seven, Script7(9408, 14, 22), Qwen, "99.2746", "471.1952", "13.4079");
        yield return Case("0.5B 6272+100", half, TokenSchedule.Flat(24, 6372), Qwen, "8.1233", "87.0001", "3.2830");
        yield return Case("0.5B 3136+100", half, TokenSchedule.Flat(24, 3236), Qwen, "3.2355", "26.7303", "1.4512");
        yield return Case("0.5B 1568+100", half, TokenSchedule.Flat(24, 1668), Qwen, "1.4384", "9.3455", "0.9483");
        yield return Case("0.5B (12,20)", half, Script05(12, 20), Qwen, "0.9429", "6.0275", "0.733");
        yield return Case("0.5B (12,19)", half, Script05(12, 19), Qwen, "0.9160", "5.8844", "0.733");
        yield return Case("0.5B (14,22)", half, Script05(14, 22), Qwen, "1.0567", "6.7436", "0.735");

        yield return Case("LongVA", seven, Flat7(18532), Qwen, "381.0893", "2186.0411");
        yield return Case("merge 50%", seven, Flat7(32 * 98 + 100), Qwen, "46.4822", "182.6517");
        yield return Case("merge 12.5%", seven, Flat7(32 * 24 + 100), Qwen, "11.6353", "41.2158");
        yield return Case("merge 6.3%", seven, Flat7(32 * 12 + 100), Qwen, "6.4128", "22.5426");
        yield return Case("merge 3.1%", seven, Flat7(32 * 6 + 100), Qwen, "3.8464", "13.6781");
        yield return Case("merge 1.6%", seven, Flat7(32 * 3 + 100), Qwen, "2.5744", "10.1486");
        yield return Case("Table 5, 1", seven, Script7(1568, 28, 29), Qwen, "22.8995", "83.9386");
        yield return Case("Table 5, 2", seven, Script7(1568, 21, 29), Qwen, "20.1540", "73.6147");
        yield return Case("Table 5, 5", seven, Script7(1568, 21, 22), Qwen, "17.5021", "65.3523");
        yield return Case("Table 5, 8", seven, Script7(1568, 14, 15), Qwen, "12.1046", "46.7660");
        yield return Case("Table 5, 9", seven, Script7(1568, 7, 15), Qwen, "9.3592", "36.4420");
        yield return Case("Table 5, 10", seven, Script7(1568, 7, 8), Qwen, "6.7072", "28.1796");
        yield return Case("Table 5, 3", seven, Slope7(1568, 14, 0.0667), Qwen, "17.4071", "63.3351");
        yield return Case("Table 5, 7", seven, Slope7(1568, 7, 0.0667), Qwen, "12.0097", "44.7487");
        yield return Case("Table 5, 4", seven, Slope7(1568, 7, 0.0455), Qwen, "14.6595", "53.0827");
        yield return Case("Table 5, 4 with slope 1/22", seven, Script7(1568, 7, 29), Qwen, "14.6682", "53.1111");
        yield return Case("Table 8, 12.5%", seven, Slope7(768, 14, 0.0125), Qwen, "11.1385", "39.4123");
        yield return Case("Table 8, 6.3%", seven, Slope7(384, 14, 0.0125), Qwen, "6.1683", "21.6885");
        yield return Case("Table 8, 3.1%", seven, Slope7(192, 14, 0.0125), Qwen, "3.7240", "13.2628");
        yield return Case("Table 8, 1.6%", seven, Slope7(96, 14, 0.0125), Qwen, "2.5121", "10.1198");
        yield return Case("Table E", seven, Script7(2368, 14, 22), Qwen, "22.0612", "84.3607");
        yield return Case(
            "Table D, flash", seven, Flat7(1668), Qwen with { Attention = AttentionKind.FlashAsScript }, "22.8995", "79.0966");
        yield return Case("Qwen2-VL", seven, Flat7(4196), Qwen, "61.9043", "252.8770");
        yield return Case("Qwen2-VL (14,22)", seven, Script7(1024, 14, 22), Qwen, "9.9609", "36.7877");
        var chat = ModelShape.QwenVLChat_7B with { Intermediate = 22016 };
        yield return Case("Qwen-VL-Chat", chat, TokenSchedule.Flat(32, 296), CostOptions.Paper, "6.4440", "22.5116");
        yield return Case("VTW video", seven, TokenSchedule.Step(28, 6372, 6, 100), Qwen, "22.3778", "101.7329");
        yield return Case("VTW image, 8", vicuna, TokenSchedule.Step(32, 616, 8, 40), CostOptions.Paper, "2.4346", "13.8763");
        yield return Case("VTW image, 3", vicuna, TokenSchedule.Step(32, 616, 3, 40), CostOptions.Paper, "1.2374", "10.6636");
        yield return Case("FastV video", seven, TokenSchedule.Step(28, 6372, 1, 1348), Qwen, "21.2350", "79.5638");
        yield return Case("FastV Qwen2-VL", seven, TokenSchedule.Step(28, 4196, 1, 916), Qwen, "14.0682", "51.1065");
        yield return Case("FastV image 25%", vicuna, TokenSchedule.Step(32, 616, 1, 184), CostOptions.Paper, "2.5823", "10.3442");
        yield return Case("FastV image 5%", vicuna, TokenSchedule.Step(32, 616, 1, 69), CostOptions.Paper, "1.1241", "9.5560");
        yield return Case("PruMerge video", seven, Flat7(1720), Qwen, "23.6496", "86.8943");
        yield return Case("PruMerge+ image, 184", vicuna, TokenSchedule.Flat(32, 184), CostOptions.Paper, "2.4017", "9.7328");
        yield return Case("PruMerge+ image, 185", vicuna, TokenSchedule.Flat(32, 185), CostOptions.Paper, "2.4148", "9.7405");
        yield return Case("PruMerge image", vicuna, TokenSchedule.Flat(32, 80), CostOptions.Paper, "1.0399", "8.9910");

        // what the method's formula makes the layers process: one layer later than the script
        yield return Case("honest (14,22)", seven, TokenSchedule.Aim(28, 1568, 100, 14, 22), Qwen, "15.5277", "57.6836");
        yield return Case(
            "honest (14,22), newline token", seven, TokenSchedule.Aim(28, 1569, 100, 14, 22), Qwen, "15.5354", "57.7139");
        yield return Case(
            "honest image 252", vicuna, TokenSchedule.Aim(32, 252, 40, 13, 21), CostOptions.Paper, "2.3264", "11.0676");
        yield return Case(
            "honest image 72", vicuna, TokenSchedule.Aim(32, 72, 40, 13, 21), CostOptions.Paper, "1.0323", "8.9925");
        yield return Case("honest 192 frames", seven, TokenSchedule.Aim(28, 9408, 100, 14, 22), Qwen, "104.97", "498.56");
        yield return Case("tokens that 12.5% really keeps", seven, Flat7(32 * 25 + 100), Qwen, "12.08", "42.83");
        yield return Case("tokens that 6.3% really keeps", seven, Flat7(32 * 13 + 100), Qwen, "6.84", "24.05");
        yield return Case("tokens that 3.1% really keeps", seven, Flat7(32 * 7 + 100), Qwen, "4.27", "15.13");
        yield return Case("tokens that 1.6% really keeps", seven, Flat7(32 * 4 + 100), Qwen, "3.00", "10.80");
        yield return Case("12.5% with the schedule's slope", seven, Script7(768, 14, 22), Qwen, "7.75", "28.71");
        yield return Case("6.3% with the schedule's slope", seven, Script7(384, 14, 22), Qwen, "4.50", "17.22");
        yield return Case("3.1% with the schedule's slope", seven, Script7(192, 14, 22), Qwen, "2.89", "11.89");
        yield return Case("1.6% with the schedule's slope", seven, Script7(96, 14, 22), Qwen, "2.10", "9.94");
    }

    [TestCaseSource(nameof(Settings))]
    public void Cost_comes_out_to_the_last_digit(
        ModelShape shape, int[] tokens, CostOptions options, string flops, string time, string? memory)
    {
        var cost = CostModel.Prefill(shape, tokens, Hardware.A100_40GB, options);

        Assert.Multiple(() =>
        {
            AssertPrinted(cost.Teraflops, flops);
            AssertPrinted(cost.Milliseconds, time);
            if (memory is not null)
                AssertPrinted(cost.MemoryBytes / 1e9, memory);
        });
    }

    [TestCase("A100-80GB", "398.50", "52.44")]
    [TestCase("H100", "171.63", "19.46")]
    [TestCase("A6000", "887.57", "111.01")]
    [TestCase("V100", "1043.48", "141.78")]
    public void Other_hardware_prices_the_base_and_the_scripts_schedule(string name, string full, string reduced)
    {
        var hardware = Hardware.Presets.Single(h => h.Name == name);
        var tokens = TokenSchedule.AimAsScript(28, 1568, 100, 14, 22);

        AssertPrinted(CostModel.Prefill(ModelShape.Qwen2_7B, TokenSchedule.Flat(28, 6372), hardware, Qwen).Milliseconds, full);
        AssertPrinted(CostModel.Prefill(ModelShape.Qwen2_7B, tokens, hardware, Qwen).Milliseconds, reduced);
    }

    [TestCase(1668, AttentionKind.FlashAsScript, "79.0966")]
    [TestCase(6372, AttentionKind.FlashAsScript, "369.0912")]
    [TestCase(1668, AttentionKind.Flash, "76.0236")]
    [TestCase(6372, AttentionKind.Flash, "327.3837")]
    public void FlashAttention_has_the_scripts_price_and_the_honest_one(int tokens, AttentionKind kind, string time)
    {
        var cost = CostModel.Prefill(
            ModelShape.Qwen2_7B, TokenSchedule.Flat(28, tokens), Hardware.A100_40GB, Qwen with { Attention = kind });

        AssertPrinted(cost.Milliseconds, time);
        Assert.That(
            cost.Flops,
            Is.EqualTo(CostModel.Prefill(ModelShape.Qwen2_7B, TokenSchedule.Flat(28, tokens), Hardware.A100_40GB, Qwen).Flops));
    }

    [Test]
    public void FlashAttention_on_the_scripts_schedule() => AssertPrinted(
        CostModel.Prefill(ModelShape.Qwen2_7B, TokenSchedule.AimAsScript(28, 1568, 100, 14, 22), Hardware.A100_40GB,
            Qwen with { Attention = AttentionKind.FlashAsScript }).Milliseconds,
        "52.19");

    [Test]
    public void Attention_takes_5_9_of_15_7_milliseconds_a_layer_at_6372_tokens()
    {
        var cost = CostModel.Prefill(ModelShape.Qwen2_7B, TokenSchedule.Flat(28, 6372), Hardware.A100_40GB, Qwen);
        string[] names = ["qk_matmul", "softmax", "sv_matmul"];
        var attention = cost.Operations.Where(o => names.Contains(o.Name)).ToList();

        AssertPrinted(attention.Sum(o => o.Seconds) / 28 * 1e3, "5.9");
        AssertPrinted(cost.Operations.Where(o => o.Name != "lm_head").Sum(o => o.Seconds) / 28 * 1e3, "15.7");
        Assert.That(attention, Has.All.Matches<OpCost>(o => o.Bytes / 1555e9 > o.Flops / 312e12), "memory bound");
    }

    [Test]
    public void Table_7_overhead_comes_out()
    {
        AssertPrinted(Overhead.Merging([6272, 3136], 3584) / 1e9, "88.2520");
        AssertPrinted(Overhead.Merging([576, 288, 144], 1024) / 1e9, "0.22708");
        AssertPrinted(Overhead.Merging([196, 98], 3584, sets: 32) / 1e9, "2.89");
        AssertPrinted(Overhead.Pruning(28, Overhead.RankedTokens(1568, 100, 8)) / 1e9, "4.1794");
        AssertPrinted(Overhead.Pruning(32, Overhead.RankedTokens(72, 40, 8)) / 1e9, "0.028327");
    }

    [TestCase("0.5277", 0.52774, true)]
    [TestCase("0.5277", 0.52776, false)]
    public void The_comparison_sees_the_last_digit(string printed, double value, bool equal) =>
        Assert.That(() => AssertPrinted(value, printed), equal ? Throws.Nothing : Throws.InstanceOf<AssertionException>());

    /// <summary>Equal when rounded to as many decimals as are printed.</summary>
    internal static void AssertPrinted(double value, string printed)
    {
        var decimals = printed.Length - printed.IndexOf('.') - 1;
        var rounded = value.ToString("F" + decimals, CultureInfo.InvariantCulture);
        if (rounded != printed)
        {
            throw new AssertionException(
                $"expected {printed}, but {value.ToString("R", CultureInfo.InvariantCulture)} prints as {rounded}");
        }
    }
}
