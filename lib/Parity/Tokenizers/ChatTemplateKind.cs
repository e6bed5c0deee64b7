using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>chat_templates.json: conversations and what each template makes of them.</summary>
internal sealed class ChatTemplateKind : IParityKind
{
    private const string KindName = "chat-templates";

    public IEnumerable<IParityCase> Find(string directory)
    {
        string path = Path.Combine(directory, "chat_templates.json");
        return FileOfCases.Find(path, KindName, file =>
        {
            var templates = file.Need("templates");
            return file.NeedArray("cases").EnumerateArray().Select((item, i) => Case(path, templates, item, i));
        });
    }

    private static IParityCase Case(string path, JsonElement templates, JsonElement item, int index)
    {
        string name = item.TextOrNull("id") ?? $"{index}";
        try
        {
            return new RenderCase(name, path, templates.NeedText(item.NeedText("template")), item);
        }
        catch (BadFixtureException e)
        {
            return SettledCase.Failed(KindName, name, path, e);
        }
    }

    private sealed class RenderCase(string name, string file, string template, JsonElement item)
        : ParityCase(KindName, name, file)
    {
        protected override void Compare(Comparison c)
        {
            Limits.Check("the length of the template", template.Length, Limits.Characters);
            var variables = new Dictionary<string, object?>
            {
                ["messages"] = Value(item.Need("messages")),
                ["add_generation_prompt"] = item.NeedBool("add_generation_prompt"),
            };
            if (item.TryField("kwargs", out var more) && more.ValueKind == JsonValueKind.Object)
            {
                foreach (var argument in more.EnumerateObject())
                    variables[argument.Name] = Value(argument.Value);
            }

            string? rendered = null, error = null;
            try
            {
                rendered = JinjaTemplate.Parse(template).Render(variables);
            }
            catch (JinjaException e) when (e.Unsupported)
            {
                throw new UnsupportedCaseException($"the template is not rendered: {e.Message.ReplaceLineEndings(" ")}");
            }
            catch (JinjaException e)
            {
                error = e.Message.ReplaceLineEndings(" ");
            }

            // Upstream's messages name its own types; what a template raises itself has the same words.
            if (item.Has("error"))
                c.Holds(
                    error is not null, $"the template must refuse these messages ({item.TextOrNull("error")}), but gave a text");
            else if (error is not null)
                c.Holds(false, $"the template must give a text, but was refused: {error}");
            else
                c.Same("rendered", rendered!, item.NeedText("rendered"));
        }

        private static object? Value(JsonElement element) => element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().ToDictionary(p => p.Name, p => Value(p.Value)),
            JsonValueKind.Array => element.EnumerateArray().Select(Value).ToList(),
            JsonValueKind.String => element.GetString(),
            JsonValueKind.Number => element.TryGetInt64(out long whole) ? (object)whole : element.GetDouble(),
            JsonValueKind.Null => null,
            _ => element.GetBoolean(),
        };
    }
}
