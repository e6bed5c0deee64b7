using System.Text.Json.Nodes;

namespace Aim.Notebooks.Tests;

/// <summary>What is wrong with a stored notebook is found.</summary>
public class NotebookFileTests
{
    private static readonly string Fine =
        File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "fine.ipynb"));

    [TestCase("nbformat", "3", "nbformat is not")]
    [TestCase("nbformat_minor", "4", "nbformat is not")]
    [TestCase("metadata", "{}", "kernelspec.name is not aim-csharp")]
    [TestCase("cells", "[]", "there are no cells")]
    public void In_the_notebook(string field, string value, string fault) =>
        Assert.That(Faults(root => root[field] = JsonNode.Parse(value)), Has.Some.Contain(fault));

    [TestCase(0, "source", "\"A text?\"", "is no title")]
    [TestCase(0, "source", "[\"# A title\", \"and a text\"]", "asks no question")]
    [TestCase(0, "cell_type", "\"code\"", "is no title")]
    [TestCase(1, "id", "\"title\"", "the same id")]
    [TestCase(1, "id", "\"a b\"", "cell 2: its id")]
    [TestCase(1, "cell_type", "\"prose\"", "'prose' is no type")]
    [TestCase(1, "metadata", "null", "no metadata")]
    [TestCase(1, "source", "null", "no source")]
    [TestCase(2, "outputs", "[{}]", "with outputs")]
    [TestCase(2, "execution_count", "1", "with an execution count")]
    [TestCase(1, "metadata", "{}", "a limit has one cell tagged")]
    [TestCase(1, "source", "\"int limit = 3;\"", "a limit has one cell tagged")]
    [TestCase(2, "metadata", "{\"tags\": [\"parameters\"]}", "a limit has one cell tagged")]
    public void In_a_cell(int cell, string field, string value, string fault) =>
        Assert.That(Faults(root => root["cells"]![cell]![field] = JsonNode.Parse(value)), Has.Some.Contain(fault));

    [Test]
    public void Parameters_of_what_has_none() => Assert.That(
        Faults(root =>
        {
            foreach (var cell in root["cells"]!.AsArray())
                cell!["source"] = ((string)cell["source"]!).Replace("limit", "count", StringComparison.Ordinal);
        }), Has.Some.Contain("others have none"));

    private static List<string> Faults(Action<JsonObject> change)
    {
        var root = JsonNode.Parse(Fine)!.AsObject();
        change(root);
        return [.. NotebookFile.Parse(root.ToJsonString()).Faults()];
    }
}
