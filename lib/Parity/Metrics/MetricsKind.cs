using System.Text.Json;

namespace Aim.Parity;

/// <summary>
/// Files of items and what upstream's scorers make of them; one case a file. Statistics are the program's, and run there.
/// </summary>
internal sealed class MetricsKind : IParityKind
{
    internal const string KindName = "metrics";

    private static readonly (string File, Action<Comparison, JsonElement> Compare)[] s_files =
    [
        ("captions", CaptionFiles.Scores),
        ("gqa", ShortAnswerFiles.Gqa),
        ("mcq_aggregation", ChoiceFiles.Aggregation),
        ("mcq_extraction", ChoiceFiles.Extraction),
        ("mmbench", ChoiceFiles.MmBenchRows),
        ("mme", YesNoFiles.MmeScores),
        ("okvqa", ShortAnswerFiles.Vqa),
        ("pope", YesNoFiles.PopeScores),
        ("ptb_tokenizer", CaptionFiles.Tokens),
        ("roc_auc", YesNoFiles.Roc),
        ("scienceqa", ChoiceFiles.ScienceQaAnswers),
        ("textvqa", ShortAnswerFiles.Vqa),
        ("vizwiz", ShortAnswerFiles.Vqa),
        ("vqa_normalise", ShortAnswerFiles.Normalised),
        ("vqav2", ShortAnswerFiles.Vqa),
    ];

    public IEnumerable<IParityCase> Find(string directory)
        => s_files.SelectMany(f =>
        {
            string path = Path.Combine(directory, f.File + ".json");
            return FileOfCases.Find(path, KindName, root => [new MetricsCase(f.File, path, root, f.Compare)], f.File);
        });

    private sealed class MetricsCase(string name, string file, JsonElement root, Action<Comparison, JsonElement> compare)
        : ParityCase(KindName, name, file)
    {
        protected override void Compare(Comparison comparison) => compare(comparison, root);
    }
}
