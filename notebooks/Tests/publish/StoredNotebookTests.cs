using System.Text.Json.Nodes;
using Aim.Experiments.Jupyter;
using Aim.Experiments.Planning;

namespace Aim.Notebooks.Tests.Publish;

/// <summary>Notebooks found, read, and given other parameters.</summary>
public class StoredNotebookTests
{
    private readonly string _folder = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"stored {Guid.NewGuid():N}");

    [OneTimeTearDown]
    public void Remove()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void AreFoundByWhatTheirNamesBeginWith()
    {
        Assert.That(StoredNotebook.Find("02").Name, Is.EqualTo("02-tradeoff-curve"));
        Assert.That(StoredNotebook.Find("02-tradeoff-curve").Path, Is.EqualTo(StoredNotebook.Find("02").Path));
        Assert.That(() => StoredNotebook.Find("0"),
            Throws.TypeOf<DefinitionException>().With.Message.Contains("several notebooks begin so: 01-"));
        Assert.That(() => StoredNotebook.Find("99"),
            Throws.TypeOf<DefinitionException>().With.Message.Contains("no such notebook; name a file, or one of: 01-"));
    }

    [Test]
    public void TakeOtherParametersBehindTheirOwn()
    {
        var notebook = NotebookOf("# A title?", "var limit = 100;\nstring name = \"x\"; // and more", "display(limit);");
        var cells = JsonNode.Parse(notebook.With([("limit", "3"), ("name", "\"y\"")]))!["cells"]!.AsArray();
        Assert.That(cells.Select(c => (string)c!["source"]!),
            Is.EqualTo(new[]
            {
                "# A title?", "var limit = 100;\nstring name = \"x\"; // and more",
                "limit = 3;\nname = \"y\";", "display(limit);",
            }));
        Assert.That((notebook.Title, notebook.Kernel), Is.EqualTo(("A title?", "aim-csharp")));
        Assert.That(() => notebook.With([("depth", "3")]),
            Throws.TypeOf<DefinitionException>().With.Message.Contains("no parameter 'depth'; it has limit, name"));
    }

    [Test]
    public void SayWhatIsNoNotebook()
    {
        Directory.CreateDirectory(_folder);
        string path = Path.Combine(_folder, "no.ipynb");
        File.WriteAllText(path, "{}");
        Assert.That(() => new StoredNotebook(path).Title,
            Throws.TypeOf<DefinitionException>().With.Message.Contains("is no notebook of format 4"));
        File.WriteAllText(path, "{");
        Assert.That(() => new StoredNotebook(path).Title,
            Throws.TypeOf<DefinitionException>().With.Message.Contains("cannot be read as a notebook"));
    }

    private StoredNotebook NotebookOf(string markdown, string parameters, string code) =>
        TestNotebook.Write(Path.Combine(_folder, "some.ipynb"), markdown, parameters, code);
}
