using System.Text.Json;

namespace Aim.Models;

/// <summary>How a checkpoint spells a conversation: its own chat template, as its files give it.</summary>
public sealed class ChatTemplate
{
    private const long MaxBytes = 4L * JinjaTemplate.MaxLength;

    private readonly JinjaTemplate _template;
    private readonly string _file;
    private readonly Dictionary<string, object?> _specialTokens;

    private ChatTemplate(JinjaTemplate template, string file, Dictionary<string, object?> specialTokens)
    {
        _template = template;
        _file = file;
        _specialTokens = specialTokens;
    }

    /// <summary>
    /// Reads <c>chat_template.jinja</c>, <c>chat_template.json</c> or <c>tokenizer_config.json</c>, whichever comes first; the
    /// special tokens that the last one names are variables of the template.
    /// </summary>
    /// <exception cref="CheckpointException">No file has a template, or it uses more of Jinja than is supported.</exception>
    public static ChatTemplate Load(string directory)
    {
        string config = Path.Combine(directory, "tokenizer_config.json");
        var tokens = File.Exists(config) ? SpecialTokens(ConfigSection.Load(config)) : [];
        string jinja = Path.Combine(directory, "chat_template.jinja");
        if (File.Exists(jinja))
            return Parse(ReadText(jinja), jinja, tokens);
        string path = Path.Combine(directory, "chat_template.json");
        var file = ConfigSection.Load(File.Exists(path) ? path : config);
        if (!file.Has("chat_template"))
            throw file.Error("chat_template", "is missing; a Jinja template is expected there (or in chat_template.jinja)");
        return Parse(SourceOf(file), file.FileName, tokens);
    }

    private static string ReadText(string path)
    {
        try
        {
            return new FileInfo(path).Length is var length and > MaxBytes
                ? throw new CheckpointException($"{path}: {length} bytes; a template has at most {MaxBytes}")
                : File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && e is not CheckpointException)
        {
            throw new CheckpointException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    // One template, or several with names, of which 'default' is for conversations.
    private static string SourceOf(ConfigSection file)
    {
        if (file.Element.GetProperty("chat_template").ValueKind != JsonValueKind.Array)
            return file.Text("chat_template", "");
        foreach (var named in file.Sections("chat_template"))
        {
            if (named.Text("name", "") == "default")
                return named.Text("template", "");
        }

        throw file.Error("chat_template", "has no template named \"default\"");
    }

    private static Dictionary<string, object?> SpecialTokens(ConfigSection config)
    {
        var tokens = new Dictionary<string, object?>();
        foreach (string name in (string[])["bos_token", "eos_token", "unk_token", "pad_token"])
        {
            // A token is a string, or an object with its flags.
            if (config.Has(name))
                tokens[name] = config.Element.GetProperty(name).ValueKind == JsonValueKind.Object
                    ? config.Section(name)!.Value.Text("content", "")
                    : config.Text(name, "");
        }

        return tokens;
    }

    /// <summary>Takes a template's text; <paramref name="file"/> only names it in messages.</summary>
    /// <exception cref="CheckpointException">The template uses more of Jinja than is supported.</exception>
    public static ChatTemplate Parse(string source, string file) => Parse(source, file, []);

    private static ChatTemplate Parse(string source, string file, Dictionary<string, object?> specialTokens)
    {
        try
        {
            return new ChatTemplate(JinjaTemplate.Parse(source), file, specialTokens);
        }
        catch (JinjaException e)
        {
            throw new CheckpointException($"{file}: chat_template: {OneLine(e)}", e);
        }
    }

    /// <summary>The prompt's text.</summary>
    /// <param name="messages">The conversation so far.</param>
    /// <param name="addGenerationPrompt">Whether the text ends where the model's answer begins.</param>
    /// <exception cref="CheckpointException">The template refuses the conversation, fails on it, or takes too much.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var variables = new Dictionary<string, object?>(_specialTokens)
        {
            ["tools"] = null,
            ["documents"] = null,
            ["messages"] = messages.Select(Value).ToList(),
            ["add_generation_prompt"] = addGenerationPrompt,
        };
        try
        {
            return _template.Render(variables);
        }
        catch (JinjaException e)
        {
            throw new CheckpointException($"{_file}: chat_template: {OneLine(e)}", e);
        }
    }

    // What a template spells may hold line breaks; a message stays one line.
    private static string OneLine(JinjaException e) => e.Message.ReplaceLineEndings("\\n");

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
