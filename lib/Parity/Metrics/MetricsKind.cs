namespace Aim.Parity;

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
        => s_files.SelectMany(f => FileOfCases.Find(
            Path.Combine(directory, f + ".json"), KindName,
            _ => [SettledCase.NotSupported(KindName, f, $"no scorer for {f}")], f));
}
