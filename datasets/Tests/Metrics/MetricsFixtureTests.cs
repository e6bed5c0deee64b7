using System.Text.Json;
using System.Text.Json.Nodes;
using Aim.Parity;

namespace Aim.Datasets.Tests.Metrics;

/// <summary>
/// Against what the official scorers made of the same answers (Fixtures/metrics): the cases that <c>aim parity</c> runs.
/// </summary>
public class MetricsFixtureTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Fixtures", "metrics");

    private static IEnumerable<TestCaseData> Cases()
        => ParityWalker.Find(Folder, ParityKinds.All).Select(c => new TestCaseData(c).SetName($"{{m}}({c.Name})"));

    [TestCaseSource(nameof(Cases))]
    public void Equals_upstream(IParityCase fixture)
    {
        var result = fixture.Run();
        Assert.That(result.Status, Is.EqualTo(CaseStatus.Pass), CaseReport.Line(result));
    }

    [Test]
    public void Every_file_is_a_case()
        => Assert.That(Cases().Count(), Is.EqualTo(Directory.GetFiles(Folder).Length).And.EqualTo(15));

    /// <summary>Another value, and the case fails.</summary>
    [TestCase("captions", "corpus", "CIDEr_D")]
    [TestCase("captions", "images", 7, "tokenised_hypothesis")]
    [TestCase("gqa", "items", 0, "official_gqa_exact")]
    [TestCase("mcq_aggregation", "mlvu_dev", "expected")]
    [TestCase("mcq_extraction", "cases", 3, "nextqa")]
    [TestCase("mmbench", "per_question", "2")]
    [TestCase("mme", "per_category", "count", "acc_plus_percent")]
    [TestCase("okvqa", "items", 5, "evalai_prediction")]
    [TestCase("pope", "official_per_category", "random", "TP")]
    [TestCase("ptb_tokenizer", "cases", 0, "tokens")]
    [TestCase("roc_auc", "cases", 3, "roc_auc")]
    [TestCase("scienceqa", "mean")]
    [TestCase("textvqa", "vqa", "perAnswerType", "other")]
    [TestCase("vizwiz", "answerability", "average_precision")]
    [TestCase("vqa_normalise", "cases", 30, "vqa_punctuation")]
    [TestCase("vqav2", "vqa", "overall")]
    public void A_wrong_value_fails(string file, params object[] path)
    {
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, file + ".json")))!;
        var parent = path[..^1].Aggregate(root, (node, step) => step is int index ? node[index]! : node[(string)step]!);
        string field = (string)path[^1];
        var value = parent[field]!;
        parent[field] = value.GetValueKind() == JsonValueKind.String ? "other" : value.GetValue<double>() + 0.01;
        string directory = Directory.CreateTempSubdirectory("aim-metrics-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(directory, file + ".json"), root.ToJsonString());
            Assert.That(ParityWalker.Find(directory, ParityKinds.All).Single().Run().Status, Is.EqualTo(CaseStatus.Fail));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
