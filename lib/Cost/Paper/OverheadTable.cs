using System.Globalization;

namespace Aim.Cost;

/// <summary>
/// Table 7: what merging and ranking themselves cost, beside the language model (GFLOPs). The honest cost merges within each
/// frame and ranks in the layers from l1 to l2 - 1, as an implementation that removes tokens does.
/// </summary>
internal static class OverheadTable
{
    public const string Id = "table7";
    public const string Title = "Table 7, overhead of AIM";

    private const int Frames = 32;
    private const int VideoWidth = 3584;

    public static CostTable Build(TablePricing pricing)
    {
        var video = PaperTables.Table1()[^1];
        var image = PaperTables.Table3()[^1];
        CostRow[] rows =
        [
            .. Model("video", video, new Overheads(VideoMerging, VideoRanking, ("88.25", "4.18", "92.43"), "14757"),
                "the reference merges within each frame", pricing),
            .. Model("image", image, new Overheads(ImageMerging, ImageRanking, ("0.23", "0.03", "0.26"), "1003"),
                "an image is one set", pricing),
        ];
        return new CostTable(Id, Title, "GFLOPs", pricing.Hardware, rows);
    }

    private static IEnumerable<CostRow> Model(string name, PaperRow model, Overheads o, string about, TablePricing pricing)
    {
        var merging = name == "video" ? Quirk.MergeAsOneSet : Quirk.None;
        var ranking = model.Quirks & Quirk.NoNewline;
        double Total(Quirk quirks) => o.Merging(quirks) + o.Ranking(quirks);
        double Inference(Quirk quirks) => model.Cost(quirks, pricing)!.Flops;

        yield return Row($"{name}: token merging", o.Printed.Merging, merging, o.Merging, about);
        yield return Row($"{name}: token pruning", o.Printed.Pruning, ranking, o.Ranking, Everywhere(model));
        var total = Row($"{name}: total", o.Printed.Total, merging | ranking, Total, null);
        yield return total;
        var inference = Row($"{name}: LLM inference", o.Inference, model.Quirks, Inference, null);
        var (share, honest) =
            (total.Computed!.Flops / inference.Computed!.Flops, total.Honest!.Flops / inference.Honest!.Flops);
        yield return inference with
        {
            Note = string.Create(CultureInfo.InvariantCulture, $"the overhead is {share:0.00%} of it, honest {honest:0.00%}"),
        };

        CostRow Row(string setting, string printed, Quirk asPrinted, Func<Quirk, double> flops, string? note)
        {
            var quirks = asPrinted & ~pricing.Without;
            var computed = flops(quirks) / 1e9;
            return new CostRow
            {
                Setting = setting,
                Flops = CostFigure.Of(printed, computed, compared: quirks == asPrinted),
                Computed = new CostPrice(computed),
                Quirks = quirks,
                Honest = new CostPrice(flops(quirks & Quirks.KeptInHonest) / 1e9),
                Note = note,
            };
        }
    }

    // What the reference's code does: all layers, at full length, since it hides pruned tokens and does not remove them.
    private static string Everywhere(PaperRow model)
    {
        var tokens = model.Tokens!(Quirk.None)[0];
        var flops = Overhead.Pruning(model.Shape.Heads, TokenSchedule.Flat(model.Shape.Layers, tokens));
        return string.Create(CultureInfo.InvariantCulture,
            $"the reference's code ranks in all {model.Shape.Layers} layers at full length: {flops / 1e9:0.###} GFLOPs");
    }

    private static double VideoMerging(Quirk quirks) => quirks.HasFlag(Quirk.MergeAsOneSet)
        ? Overhead.Merging([Frames * 196, Frames * 98], VideoWidth)
        : Overhead.Merging([196, 98], VideoWidth, sets: Frames);

    private static double VideoRanking(Quirk quirks) =>
        Overhead.Pruning(28, Overhead.RankedTokens(PaperTables.Visual(Frames * 49, quirks), 100, 8));

    private static double ImageMerging(Quirk quirks) => Overhead.Merging([576, 288, 144], 1024);

    private static double ImageRanking(Quirk quirks) => Overhead.Pruning(32, Overhead.RankedTokens(72, 40, 8));

    private sealed record Overheads(
        Func<Quirk, double> Merging,
        Func<Quirk, double> Ranking,
        (string Merging, string Pruning, string Total) Printed,
        string Inference);
}
