namespace Aim.Cost;

/// <summary>A row of the paper's tables: what was priced, and what is printed.</summary>
/// <param name="Setting">Model, method and setting, as a reader would name them.</param>
/// <param name="Shape">The language model.</param>
/// <param name="Tokens">Tokens per layer as the paper's script prices them.</param>
/// <param name="Options">What the script counts for this model.</param>
/// <param name="Teraflops">FLOPs as printed (1e12), or null where the paper prints none.</param>
/// <param name="Milliseconds">Prefill time as printed, on <see cref="Hardware.A100_40GB"/>, or null.</param>
/// <param name="HonestTokens">Tokens that the method's formula makes the layers process, where the script is a layer early; else null.</param>
public sealed record PaperRow(
    string Setting,
    ModelShape Shape,
    int[] Tokens,
    CostOptions Options,
    string? Teraflops,
    string? Milliseconds,
    int[]? HonestTokens = null)
{
    /// <summary>The row by the convention of the script.</summary>
    public PrefillCost Cost(Hardware? hardware = null) => CostModel.Prefill(Shape, Tokens, hardware ?? Hardware.A100_40GB, Options);

    /// <summary>The row for the tokens that are really processed; null where that is no different.</summary>
    public PrefillCost? HonestCost(Hardware? hardware = null) =>
        HonestTokens is null ? null : CostModel.Prefill(Shape, HonestTokens, hardware ?? Hardware.A100_40GB, Options);
}

/// <summary>
/// The costs that the paper (arXiv 2412.03248) prints and that the model reproduces: token counts as its script has them, the printed
/// figure beside. Rows that cannot be recovered (PDrop) are left out.
/// </summary>
public static class PaperTables
{
    private const int VideoText = 100;
    private const int ImageText = 40;

    /// <summary>Table 1, general video benchmarks: 32 frames of 196 tokens, 100 text tokens.</summary>
    public static IReadOnlyList<PaperRow> Table1() =>
    [
        Qwen2("LongVA-7B, 128 frames", TokenSchedule.Flat(28, 128 * 144 + VideoText), "381.09", "2186.04"),
        Qwen2("LLaVA-OneVision-7B, 32 frames", TokenSchedule.Flat(28, 32 * 196 + VideoText), "99.63", "439.58"),
        Qwen2("VTW, vision in 6 layers", TokenSchedule.Step(28, 32 * 196 + VideoText, 6, VideoText), "22.38", "101.93"),
        Qwen2("FastV, 19.9% after 1 layer", TokenSchedule.Step(28, 32 * 196 + VideoText, 1, 1248 + VideoText), "21.24", "79.56"),
        Qwen2("LLaVA-PruMerge, 1,620 tokens", TokenSchedule.Flat(28, 1620 + VideoText), "23.65", "86.89"),
        Aim("AIM, 25% + (14, 22)", 32 * 49, 14, 22, "14.76", "55.03"),
    ];

    /// <summary>Table 2, long video.</summary>
    public static IReadOnlyList<PaperRow> Table2() =>
    [
        Qwen2("LLaVA-OneVision-7B, 32 frames", TokenSchedule.Flat(28, 32 * 196 + VideoText), "99.63", "439.58"),
        Aim("AIM, 32 frames, 25% + (14, 22)", 32 * 49, 14, 22, "14.76", "55.03"),
        Aim("AIM, 192 frames, 25% + (14, 22)", 192 * 49, 14, 22, "99.27", "471.20"),
    ];

    /// <summary>Table 3, image benchmarks: 576 tokens, 40 text tokens.</summary>
    public static IReadOnlyList<PaperRow> Table3() =>
    [
        new("Qwen-VL-Chat-7B", ModelShape.QwenVLChat_7B, TokenSchedule.Flat(32, 256 + ImageText), CostOptions.Paper, "6.44", "22.51"),
        Vicuna("LLaVA-1.5-7B", TokenSchedule.Flat(32, 576 + ImageText), "8.18", "29.30"),
        Vicuna("VTW, vision in 8 layers", TokenSchedule.Step(32, 576 + ImageText, 8, ImageText), "2.43", "13.88"),
        Vicuna("FastV, 25% after 1 layer", TokenSchedule.Step(32, 576 + ImageText, 1, 144 + ImageText), "2.58", "10.34"),
        VicunaAim("AIM, 252 tokens + (13, 21)", 252, "2.22", "10.92"),
        Vicuna("VTW, vision in 3 layers", TokenSchedule.Step(32, 576 + ImageText, 3, ImageText), "1.24", "10.66"),
        Vicuna("FastV, 5% after 1 layer", TokenSchedule.Step(32, 576 + ImageText, 1, 29 + ImageText), "1.12", "9.56"),
        Vicuna("LLaVA-PruMerge, 40 tokens", TokenSchedule.Flat(32, 40 + ImageText), "1.04", "8.99"),
        VicunaAim("AIM, 72 tokens + (13, 21)", 72, "1.00", "8.98"),
    ];

    /// <summary>Table 4, merging only. The script prices 24, 12, 6 and 3 tokens a frame where the method keeps 25, 13, 7 and 4.</summary>
    public static IReadOnlyList<PaperRow> Table4() =>
    [
        Qwen2("100%", TokenSchedule.Flat(28, 32 * 196 + VideoText), "99.63", "439.58"),
        Qwen2("50%", TokenSchedule.Flat(28, 32 * 98 + VideoText), "46.48", "182.65"),
        Qwen2("25%", TokenSchedule.Flat(28, 32 * 49 + VideoText), "22.90", "83.94"),
        Qwen2("12.5%", TokenSchedule.Flat(28, 32 * 24 + VideoText), "11.64", "41.22"),
        Qwen2("6.3%", TokenSchedule.Flat(28, 32 * 12 + VideoText), "6.41", "22.54"),
        Qwen2("3.1%", TokenSchedule.Flat(28, 32 * 6 + VideoText), "3.85", "13.68"),
        Qwen2("1.6%", TokenSchedule.Flat(28, 32 * 3 + VideoText), "2.57", "10.15"),
    ];

    /// <summary>Table 5, pruning schedules at 25 % merging. Experiments 3, 4 and 7 were priced with a slope of four digits.</summary>
    public static IReadOnlyList<PaperRow> Table5() =>
    [
        Aim("1: (28, 29)", 32 * 49, 28, 29, "22.90", "83.94"),
        Aim("2: (21, 29)", 32 * 49, 21, 29, "20.15", "73.61"),
        Aim("3: (14, 29)", 32 * 49, 14, 29, "17.41", "63.34", slope: 0.0667),
        Aim("4: (7, 29)", 32 * 49, 7, 29, "14.66", "53.08", slope: 0.0455),
        Aim("5: (21, 22)", 32 * 49, 21, 22, "17.50", "65.35"),
        Aim("6: (14, 22)", 32 * 49, 14, 22, "14.76", "55.03"),
        Aim("7: (7, 22)", 32 * 49, 7, 22, "12.01", "44.75", slope: 0.0667),
        Aim("8: (14, 15)", 32 * 49, 14, 15, "12.10", "46.77"),
        Aim("9: (7, 15)", 32 * 49, 7, 15, "9.36", "36.44"),
        Aim("10: (7, 8)", 32 * 49, 7, 8, "6.71", "28.18"),
    ];

    /// <summary>
    /// Table 8, merging with (14, 22). The rows below 25 % come out only with a slope of 0.0125, a tenth of the schedule's:
    /// as printed, they hardly prune.
    /// </summary>
    public static IReadOnlyList<PaperRow> Table8() =>
    [
        Aim("25% + (14, 22)", 32 * 49, 14, 22, "14.76", "55.03"),
        Aim("12.5% + (14, 22)", 32 * 24, 14, 22, "11.14", "39.41", slope: 0.0125),
        Aim("6.3% + (14, 22)", 32 * 12, 14, 22, "6.17", "21.69", slope: 0.0125),
        Aim("3.1% + (14, 22)", 32 * 6, 14, 22, "3.72", "13.26", slope: 0.0125),
        Aim("1.6% + (14, 22)", 32 * 3, 14, 22, "2.51", "10.12", slope: 0.0125),
    ];

    /// <summary>Appendix tables C (Qwen2-VL), D (FlashAttention) and E (matched budget).</summary>
    public static IReadOnlyList<PaperRow> Appendix() =>
    [
        Qwen2("C: Qwen2-VL-7B", TokenSchedule.Flat(28, 4096 + VideoText), "61.90", "252.88"),
        Qwen2("C: Qwen2-VL-7B + FastV", TokenSchedule.Step(28, 4096 + VideoText, 1, 816 + VideoText), "14.07", "51.11"),
        Aim("C: Qwen2-VL-7B + AIM", 1024, 14, 22, "9.96", "36.76"),
        Qwen2("D: token merging", TokenSchedule.Flat(28, 32 * 49 + VideoText), "22.90", "83.94"),
        Qwen2("D: token merging, FlashAttention", TokenSchedule.Flat(28, 32 * 49 + VideoText), "22.90", "79.10") with
        {
            Options = CostOptions.PaperQwen2 with { Attention = AttentionKind.FlashAsScript },
        },
        Aim("E: AIM, 74 tokens a frame + (14, 22)", 32 * 74, 14, 22, "22.06", "84.36"),
    ];

    private static PaperRow Qwen2(string setting, int[] tokens, string flops, string time) =>
        new(setting, ModelShape.Qwen2_7B, tokens, CostOptions.PaperQwen2, flops, time);

    private static PaperRow Vicuna(string setting, int[] tokens, string flops, string time) =>
        new(setting, ModelShape.Vicuna_7B, tokens, CostOptions.Paper, flops, time);

    private static PaperRow Aim(string setting, int visual, int l1, int l2, string flops, string time, double? slope = null) =>
        Qwen2(
            setting,
            slope is { } s ? TokenSchedule.AimAsScript(28, visual, VideoText, l1, s) : TokenSchedule.AimAsScript(28, visual, VideoText, l1, l2),
            flops,
            time) with
        {
            HonestTokens = TokenSchedule.Aim(28, visual, VideoText, l1, l2),
        };

    private static PaperRow VicunaAim(string setting, int visual, string flops, string time) =>
        Vicuna(setting, TokenSchedule.AimAsScript(32, visual, ImageText, 13, 21), flops, time) with
        {
            HonestTokens = TokenSchedule.Aim(32, visual, ImageText, 13, 21),
        };
}
