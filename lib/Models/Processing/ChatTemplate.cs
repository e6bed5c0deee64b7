namespace Aim.Models;

/// <summary>How a checkpoint spells a conversation: its own chat template, as its files give it.</summary>
public sealed class ChatTemplate
{
    private readonly JinjaTemplate _template;
    private readonly string _file;

    private ChatTemplate(JinjaTemplate template, string file)
    {
        _template = template;
        _file = file;
    }

    /// <summary>
    /// Reads <c>chat_template.jinja</c>, <c>chat_template.json</c> or <c>tokenizer_config.json</c>, whichever comes first.
    /// </summary>
    /// <exception cref="CheckpointException">No file has a template, or it uses more of Jinja than is supported.</exception>
    public static ChatTemplate Load(string directory)
    {
        string jinja = Path.Combine(directory, "chat_template.jinja");
        if (File.Exists(jinja))
            return Parse(File.ReadAllText(jinja), jinja);
        string path = Path.Combine(directory, "chat_template.json");
        if (!File.Exists(path))
            path = Path.Combine(directory, "tokenizer_config.json");
        var file = ConfigSection.Load(path);
        if (!file.Has("chat_template"))
            throw file.Error("chat_template", "is missing; a Jinja template is expected there (or in chat_template.jinja)");
        return Parse(file.Text("chat_template", ""), path);
    }

    /// <summary>Takes a template's text; <paramref name="file"/> only names it in messages.</summary>
    public static ChatTemplate Parse(string source, string file)
    {
        try
        {
            return new ChatTemplate(JinjaTemplate.Parse(source), file);
        }
        catch (FormatException e)
        {
            throw new CheckpointException($"{file}: chat_template: {e.Message}", e);
        }
    }

    /// <summary>The prompt's text.</summary>
    /// <param name="messages">The conversation so far.</param>
    /// <param name="addGenerationPrompt">Whether the text ends where the model's answer begins.</param>
    public string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var variables = new Dictionary<string, object?>
        {
            ["messages"] = messages.Select(Value).ToList(),
            ["add_generation_prompt"] = addGenerationPrompt,
        };
        try
        {
            return _template.Render(variables);
        }
        catch (FormatException e)
        {
            throw new CheckpointException($"{_file}: chat_template: {e.Message}", e);
        }
    }

    private static object? Value(ChatMessage message)
    {
        static object? Part(string type) => new Dictionary<string, object?> { ["type"] = type };
        List<object?> content =
        [
            .. Enumerable.Repeat("image", message.Images).Select(Part),
            .. Enumerable.Repeat("video", message.Videos).Select(Part),
            new Dictionary<string, object?> { ["type"] = "text", ["text"] = message.Text },
        ];
        return new Dictionary<string, object?> { ["role"] = message.Role, ["content"] = content };
    }
}
