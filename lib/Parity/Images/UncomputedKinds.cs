using System.Text.Json;

namespace Aim.Parity;

/// <summary>
/// resize.json: Pillow's and torch's picture operations, and transformers' image processors. This build has none of them.
/// </summary>
internal sealed class ResizeKind : IParityKind
{
    public IEnumerable<IParityCase> Find(string directory)
        => UncomputedCases.Of(Path.Combine(directory, "resize.json"), "resize", "cases", (item, i) =>
        {
            string op = item.NeedText("op");
            return (item.TextOrNull("expected") ?? $"{op}/{i}", $"no {op}");
        });
}

/// <summary>
/// geometry.json: sizes, tiles and token counts of pictures. This build has none of the families' rules for pictures.
/// </summary>
internal sealed class GeometryKind : IParityKind
{
    public IEnumerable<IParityCase> Find(string directory)
        => UncomputedCases.Of(
            Path.Combine(directory, "geometry.json"), "geometry", "cases",
            (item, _) => ($"{item.NeedInt("height")}x{item.NeedInt("width")}", "no rules for the tiles of pictures"));
}

/// <summary>Metrics that this build has no scorer for; one case a file. Statistics are the program's, and run there.</summary>
internal sealed class MetricsKind : IParityKind
{
    internal const string KindName = "metrics";

    private static readonly string[] s_files =
    [
        "captions", "gqa", "mcq_aggregation", "mcq_extraction", "mmbench", "mme", "okvqa", "pope", "ptb_tokenizer", "roc_auc",
        "scienceqa", "textvqa", "vizwiz", "vqa_normalise", "vqav2",
    ];

    public IEnumerable<IParityCase> Find(string directory)
        => s_files.Where(f => FixtureFiles.Lies(Path.Combine(directory, f + ".json"))).Select(f =>
        {
            string path = Path.Combine(directory, f + ".json");
            try
            {
                FixtureFiles.ReadObject(path);
                return SettledCase.NotSupported(KindName, f, $"no scorer for {f}");
            }
            catch (Exception e)
            {
                return SettledCase.Failed(KindName, f, path, e);
            }
        });
}

/// <summary>The items of a file that nothing computes.</summary>
internal static class UncomputedCases
{
    public static IEnumerable<IParityCase> Of(
        string path, string kind, string list, Func<JsonElement, int, (string Name, string Reason)> describe)
    {
        if (!FixtureFiles.Lies(path))
            return [];
        try
        {
            return [.. FixtureFiles.ReadObject(path).NeedArray(list).EnumerateArray().Select((item, i) =>
            {
                var (name, reason) = describe(item, i);
                return SettledCase.NotSupported(kind, name, reason);
            })];
        }
        catch (Exception e)
        {
            return [SettledCase.Failed(kind, Path.GetFileName(path), path, e)];
        }
    }
}
