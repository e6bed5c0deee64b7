using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Aim.Notebooks.Tests;

/// <summary>A notebook's file: what is wrong with it as it is stored, and with its outputs once it was executed.</summary>
internal sealed partial class NotebookFile
{
    /// <summary>The tag of the cell that says how many samples are used: papermill's.</summary>
    public const string Parameters = "parameters";

    private readonly JsonObject _root;

    private NotebookFile(JsonObject root) => _root = root;

    public static NotebookFile Read(string path) => Parse(File.ReadAllText(path));

    public static NotebookFile Parse(string json) => new(JsonNode.Parse(json)!.AsObject());

    /// <summary>Whether it has a cell that says how many samples are used.</summary>
    public bool HasParameters => Cells.Any(IsParameters);

    /// <summary>What the house asks of a stored notebook and this one does not have, one sentence each.</summary>
    public IEnumerable<string> Faults()
    {
        if ((int?)_root["nbformat"] != 4 || (int?)_root["nbformat_minor"] is not >= 5)
            yield return "nbformat is not 4.5 or later of 4";
        if ((string?)_root["metadata"]?["kernelspec"]?["name"] != "aim-csharp")
            yield return "metadata.kernelspec.name is not aim-csharp";
        if (_root["cells"] is not JsonArray { Count: > 0 })
        {
            yield return "there are no cells";
            yield break;
        }

        if (Kind(Cells[0]) != "markdown" || !Source(Cells[0]).StartsWith("# ", StringComparison.Ordinal))
            yield return "the first cell is no title: '# ...' in Markdown";
        if (!Source(Cells[0]).Contains('?'))
            yield return "the first cell asks no question";
        if (Cells.Select(c => (string?)c["id"]).Distinct().Count() != Cells.Count)
            yield return "two cells have the same id";
        for (int i = 0; i < Cells.Count; i++)
        {
            foreach (string fault in Faults(Cells[i]))
                yield return $"cell {i + 1}: {fault}";
        }

        var tagged = Cells.Where(IsParameters).ToList();
        bool limited = Cells.Any(c => Kind(c) == "code" && Limit().IsMatch(Source(c)));
        if (limited ? tagged.Count != 1 || !LimitDeclared().IsMatch(Source(tagged[0])) : tagged.Count > 0)
            yield return $"a notebook with a limit has one cell tagged '{Parameters}' with 'var limit = 100;', others have none";
    }

    /// <summary>A copy whose first cell says where answers are kept.</summary>
    /// <param name="folder">Relative to the one that the notebook runs in.</param>
    public string WithAnswersIn(string folder)
    {
        var copy = _root.DeepClone().AsObject();
        copy["cells"]!.AsArray().Insert(0, new JsonObject
        {
            ["cell_type"] = "code",
            ["execution_count"] = null,
            ["id"] = "answers",
            ["metadata"] = new JsonObject(),
            ["outputs"] = new JsonArray(),
            ["source"] = $"Study.Output = Path.GetFullPath(\"{folder}\");",
        });
        return copy.ToJsonString();
    }

    /// <summary>What is wrong with an executed notebook's outputs: errors, figures that not every reader would see.</summary>
    public IEnumerable<string> FaultsOfOutputs()
    {
        int ran = 0;
        foreach (var cell in Cells.Where(c => Kind(c) == "code"))
        {
            string place = $"'{Source(cell).Split('\n')[0]}'";
            ran += cell["execution_count"] is null ? 0 : 1;
            foreach (var output in cell["outputs"]!.AsArray())
            {
                if ((string?)output!["output_type"] == "error")
                    yield return $"{place}: {(string?)output["ename"]}: {string.Join('\n', output["traceback"]!.AsArray())}";
                if (output["data"] is not JsonObject data)
                    continue;
                bool html = data["text/html"] is { } text && Text(text).Contains("Plotly.newPlot", StringComparison.Ordinal);
                if (data.ContainsKey("application/vnd.plotly.v1+json") != html)
                    yield return $"{place}: a figure is {(html ? "HTML" : "Plotly's JSON")} alone";
            }
        }

        if (ran == 0)
            yield return "no cell was executed";
    }

    /// <summary>Lines that cells printed.</summary>
    public string Printed() => string.Concat(Cells.Where(c => Kind(c) == "code").SelectMany(c => c["outputs"]!.AsArray())
        .Where(o => (string?)o!["output_type"] == "stream").Select(o => Text(o!["text"]!)));

    private List<JsonObject> Cells => [.. _root["cells"]!.AsArray().Select(c => c!.AsObject())];

    private static IEnumerable<string> Faults(JsonObject cell)
    {
        if (Kind(cell) is not ("code" or "markdown" or "raw"))
            yield return $"'{Kind(cell)}' is no type of cell";
        if (!Id().IsMatch((string?)cell["id"] ?? ""))
            yield return "its id is not 1 to 64 letters, digits, '-' and '_'";
        if (cell["metadata"] is not JsonObject)
            yield return "it has no metadata";
        if (cell["source"] is null)
            yield return "it has no source";
        if (Kind(cell) != "code")
            yield break;
        if (cell["outputs"] is not JsonArray { Count: 0 })
            yield return "it is stored with outputs; clear them";
        if (!cell.ContainsKey("execution_count") || cell["execution_count"] is not null)
            yield return "it is stored with an execution count; clear its outputs";
    }

    private static bool IsParameters(JsonObject cell) =>
        cell["metadata"]?["tags"] is JsonArray tags && tags.Any(t => (string?)t == Parameters);

    private static string Kind(JsonObject cell) => (string?)cell["cell_type"] ?? "";

    private static string Source(JsonObject cell) => cell["source"] is { } source ? Text(source) : "";

    // Text in one piece or in lines.
    private static string Text(JsonNode node) =>
        node is JsonArray lines ? string.Concat(lines.Select(l => (string?)l)) : (string)node!;

    [GeneratedRegex(@"\blimit\b")]
    private static partial Regex Limit();

    [GeneratedRegex(@"^var limit = \d+;", RegexOptions.Multiline)]
    private static partial Regex LimitDeclared();

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex Id();
}
