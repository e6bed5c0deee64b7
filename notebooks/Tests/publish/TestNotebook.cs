using System.Text.Json.Nodes;
using Aim.Experiments.Jupyter;

namespace Aim.Notebooks.Tests.Publish;

/// <summary>Small notebooks, made for a test.</summary>
internal static class TestNotebook
{
    /// <summary>Writes one: a text, a cell of parameters, further cells.</summary>
    public static StoredNotebook Write(string path, string markdown, string parameters, params string[] code)
    {
        int id = 0;
        JsonObject Cell(string type, string source, params string[] tags) => new()
        {
            ["cell_type"] = type,
            ["id"] = $"cell-{id++}",
            ["metadata"] = new JsonObject { ["tags"] = new JsonArray([.. tags.Select(t => (JsonNode)t)]) },
            ["source"] = source,
        };
        JsonObject Code(string source, params string[] tags)
        {
            var cell = Cell("code", source, tags);
            (cell["execution_count"], cell["outputs"]) = (null, new JsonArray());
            return cell;
        }

        var root = new JsonObject
        {
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
            ["metadata"] = new JsonObject
            {
                ["kernelspec"] = new JsonObject { ["name"] = "aim-csharp", ["display_name"] = "C# (Aim)" },
            },
            ["cells"] = new JsonArray([Cell("markdown", markdown), Code(parameters, "parameters"), .. code.Select(c => Code(c))]),
        };
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, root.ToJsonString());
        return new StoredNotebook(path);
    }
}
